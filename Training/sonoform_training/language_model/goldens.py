"""Reference tensors for the Swift tests.

``python -m sonoform_training.language_model.goldens DIR`` (DIR is ``Tests/Goldens``) writes tiny
random components of odd sizes, run by transformers and by this package in f32. Every case is a
folder with the component's config.json and model.safetensors, ``cases.safetensors`` (inputs and
expected outputs) and ``cases.json`` (ids and numbers).
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from torch import Tensor
from transformers import LlamaConfig, Qwen2Config, Qwen2ForCausalLM

from .codes import BEGIN, CodeLayout, CodeWriter
from .ctc_score import PrefixScorer, ctc_scores, log_posteriors
from .decoding import Decoder, Decoding, HeardPhones, Hypothesis
from .model import LanguageModel
from .output_projector import (
    OutputProjector,
    OutputProjectorConfig,
    QueryTransformerConfig,
    QueryTransformerProjector,
)
from .projector import (
    CTCCompressor,
    CTCCompressorConfig,
    FrameStacking,
    FrameStackingConfig,
    LinearProjector,
    LinearProjectorConfig,
    compress,
    segments,
    words_of,
)
from .prompts import SPECIAL_TOKENS, UNKNOWN, Grammar, Prompt, Tokens

_SIZES = {
    "vocab_size": 37, "hidden_size": 24, "intermediate_size": 40, "num_hidden_layers": 3,
    "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-5,
    "max_position_embeddings": 512,
}  # fmt: skip
_PUBLIC_KEYS = (*_SIZES, "model_type", "hidden_act", "tie_word_embeddings")


def write(folder: Path, config: dict, weights: dict, tensors: dict, numbers: dict) -> None:
    """One case; everything f32, integers only in JSON."""
    folder.mkdir(parents=True, exist_ok=True)

    def save(name: str, values: dict) -> None:
        plain = {key: torch.as_tensor(value).float() for key, value in values.items()}
        save_file({key: value.contiguous().clone() for key, value in plain.items()}, folder / name)

    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    save("model.safetensors", weights)
    save("cases.safetensors", tensors)
    (folder / "cases.json").write_text(json.dumps(numbers) + "\n")


def peaky_posteriors(rng: np.random.Generator, classes: list[int], phones: int) -> np.ndarray:
    """[T, P]: one or a few frames a class with blanks between, as a CTC head gives them."""
    frames: list[tuple[int, float]] = []
    for kind in classes:
        frames += [(0, 0.9)] * int(rng.integers(0, 3))
        frames += [(kind, rng.uniform(0.3, 0.95))] * int(rng.integers(1, 4))
    frames += [(0, 0.95)] * 2
    posteriors = rng.dirichlet(np.full(phones, 0.3), len(frames))
    for row, (kind, peak) in zip(posteriors, frames, strict=True):
        row *= 1 - peak
        row[kind] += peak
    return posteriors.astype(np.float32)


def _spread(module: torch.nn.Module, scale: float) -> None:
    """Random weights large enough that an error in any of them shows."""
    with torch.no_grad():
        for name, value in module.named_parameters():
            is_norm = name.endswith("norm.weight")
            value.copy_(1 + 0.3 * torch.randn_like(value) if is_norm else scale * value.normal_())


@torch.no_grad()
def llama(folder: Path) -> None:
    """A causal sequence and a bidirectional prefix with aligned positions."""
    config = LlamaConfig(**_SIZES, rope_theta=10000.0, tie_word_embeddings=False)
    model = LanguageModel(config, scale=1.0).eval()
    _spread(model.llama, 0.3)
    ids = torch.randint(0, 37, (1, 11))
    plain = model.llama(input_ids=ids, output_hidden_states=True)
    prefix, reply = torch.randn(1, 6, 24), torch.randint(0, 37, (1, 9))
    hidden = model.hidden(prefix, torch.tensor([6]), reply)
    exported, weights = model.exported()
    tensors = {
        "causal.hidden": plain.hidden_states[-1][0],
        "causal.logits": plain.logits[0],
        "prefix.prefix": prefix[0],
        "prefix.hidden": hidden[0],
        "prefix.logits": model.logits(hidden)[0],
    }
    numbers = {
        "causal": {"ids": ids[0].tolist()},
        "prefix": {
            "reply": reply[0].tolist(),
            "positions": model.prompt.positions(6, 9).tolist(),
            "prompt": model.prompt.to_json(),
        },
    }
    write(folder, exported, weights, tensors, numbers)


@torch.no_grad()
def qwen2(folder: Path) -> None:
    """Tied embeddings and biases on q, k and v, as Qwen2.5-0.5B has them."""
    config = Qwen2Config(**_SIZES, rope_theta=1e6, tie_word_embeddings=True)
    model = Qwen2ForCausalLM(config).eval()
    _spread(model, 0.3)
    ids = torch.randint(0, 37, (1, 10))
    output = model(input_ids=ids, output_hidden_states=True)
    written = config.to_dict()
    public = {key: written[key] for key in _PUBLIC_KEYS} | {"rope_theta": 1e6}
    public["architectures"] = ["Qwen2ForCausalLM"]
    weights = {k: v for k, v in model.state_dict().items() if k != "lm_head.weight"}
    tensors = {
        "causal.hidden": output.hidden_states[-1][0],
        "causal.logits": output.logits[0],
    }
    write(folder, public, weights, tensors, {"causal": {"ids": ids[0].tolist()}})


@torch.no_grad()
def input_projectors(root: Path) -> None:
    """The compressor on awkward words; the stacking on a length that is not a multiple."""
    rng = np.random.default_rng(5)
    config = CTCCompressorConfig(phones=7, output_size=24, hidden_size=20)
    module = CTCCompressor(config)
    _spread(module, 0.2)
    spoken = {
        # A boundary first, two in a row, a word of 11, and an end without a boundary.
        "awkward": [1, 2, 3, 1, 1, 4, 5, 6, 2, 3, 4, 5, 6, 2, 3, 4, 1, 5, 5, 2],
        "one_phone": [3],
        "nothing_but_boundaries": [1, 1],
        "just_nine": [2, 3, 4, 5, 6, 2, 3, 4, 5, 1, 6],
    }
    tensors: dict[str, np.ndarray | Tensor] = {}
    numbers: dict[str, dict] = {}
    for name, classes in spoken.items():
        posteriors = peaky_posteriors(rng, classes, config.phones)
        vectors, kinds = segments(posteriors, config)
        tensors[f"{name}.posteriors"] = posteriors
        tensors[f"{name}.segments"] = vectors
        tensors[f"{name}.slots"] = compress(posteriors, config)
        tensors[f"{name}.output"] = module.project(torch.from_numpy(posteriors))
        numbers[name] = {"classes": kinds.tolist(), "words": words_of(kinds.tolist(), config)}
    tensors["silence.posteriors"] = np.tile(np.eye(7, dtype=np.float32)[0], (5, 1))
    tensors["silence.output"] = torch.zeros(0, 24)
    numbers["silence"] = {"classes": [], "words": []}
    write(root / "ctc_compressor", config.to_json(), module.state_dict(), tensors, numbers)

    stacking = FrameStackingConfig(input_size=6, output_size=24, hidden_size=10, stack=4)
    plain = FrameStacking(stacking)
    _spread(plain, 0.3)
    frames = torch.randn(11, 6)
    tensors = {"frames": frames, "output": plain(frames), "exact.frames": frames[:8]}
    tensors["exact.output"] = plain(frames[:8])
    write(root / "frame_stacking", stacking.to_json(), plain.state_dict(), tensors, {})


@torch.no_grad()
def linear_projector(folder: Path) -> None:
    """Five frames, each by itself."""
    torch.manual_seed(40)
    config = LinearProjectorConfig(input_size=7, output_size=23)
    module = LinearProjector(config)
    _spread(module, 0.3)
    frames = torch.randn(5, 7)
    tensors = {"frames": frames, "output": module(frames)}
    write(folder, config.to_json(), module.state_dict(), tensors, {})


@torch.no_grad()
def query_transformer(folder: Path) -> None:
    """Two objects' signals; every size is another, and there are fewer queries than signals."""
    torch.manual_seed(41)
    config = QueryTransformerConfig(
        input_size=22, hidden_size=18, output_size=10, signals=7, queries=5, heads=3,
        encoder_layers=2, decoder_layers=3, feed_forward_size=26, place_hidden_size=6,
    )  # fmt: skip
    module = QueryTransformerProjector(config).eval()
    for name, value in module.named_parameters():
        is_norm = "norm" in name and name.endswith("weight")
        value.copy_(1 + 0.3 * torch.randn_like(value) if is_norm else 0.3 * value.normal_())
    hidden = torch.randn(2, 7, 22)
    conditions, place = module(hidden)
    tensors = {"hidden": hidden, "conditions": conditions, "place": place}
    write(folder, config.to_json(), module.state_dict(), tensors, {})


@torch.no_grad()
def output_projector(folder: Path) -> None:
    """Two objects' signals."""
    config = OutputProjectorConfig(24, 20, 10, signals=8, place_hidden_size=6)
    module = OutputProjector(config)
    _spread(module, 0.3)
    hidden = torch.randn(2, 8, 24)
    conditions, place = module(hidden)
    tensors = {"hidden": hidden, "conditions": conditions, "place": place}
    write(folder, config.to_json(), module.state_dict(), tensors, {})


@torch.no_grad()
def ctc(folder: Path) -> None:
    """log P(phones | posteriors): repeats, a target that just fits, one that does not, none."""
    rng = np.random.default_rng(7)
    posteriors = peaky_posteriors(rng, [2, 3, 3, 1, 4, 5], 7)
    just = [2 + i % 2 for i in range(len(posteriors))]
    targets = [[2, 3, 3, 1, 4, 5], [2, 3, 1, 4], [], [6], just, [*just, 2], [4, 4, 4, 1, 1]]
    scores = ctc_scores(log_posteriors(torch.from_numpy(posteriors)), targets)
    folder.mkdir(parents=True, exist_ok=True)
    save_file({"posteriors": torch.from_numpy(posteriors)}, folder / "cases.safetensors")
    scorer = PrefixScorer(log_posteriors(torch.from_numpy(posteriors)))
    prefixes = [scorer.extend(scorer.empty, target) for target in targets]
    numbers = {
        "targets": targets, "scores": scores.tolist(),
        "prefix_scores": [prefix.log_probability for prefix in prefixes],
        "complete_scores": [scorer.complete(prefix) for prefix in prefixes],
    }  # fmt: skip
    (folder / "cases.json").write_text(json.dumps(numbers) + "\n")


@torch.no_grad()
def code_writer(folder: Path) -> None:
    """Three objects' codes, of a layout whose every size is another."""
    torch.manual_seed(31)
    layout = CodeLayout(
        latents=3, features=4, levels=3, positions=7,
        lower=(-0.9, -0.7, -0.1), upper=(0.9, 0.6, 1.7),
    )  # fmt: skip
    writer = CodeWriter(layout, width=24, layers=3).eval()
    _spread(writer.llama, 0.3)
    conditions = torch.randn(3, 5, 24)
    ids = writer.write(conditions)
    logits = writer(conditions, ids[:, :-1])
    best = (logits + writer.mask()).topk(2, dim=-1).values
    if (best[..., 0] - best[..., 1]).min() < 1e-2:
        raise RuntimeError("a choice of this seed hangs on rounding")
    config, weights = writer.exported()
    tensors = {"conditions": conditions, "logits": logits, "latents": layout.latents_of(ids)}
    write(folder, config, weights, tensors, {"begin": BEGIN, "ids": ids.tolist()})


@torch.no_grad()
def beam(folder: Path) -> None:
    """A whole reply from posteriors: beam search, two objects, their hidden states."""
    words = [f"word{chr(97 + i)}" for i in range(37 - len(SPECIAL_TOKENS))]
    ids = {entry: i for i, entry in enumerate((*SPECIAL_TOKENS, *words))}
    tokens = Tokens.of(ids)
    config = LlamaConfig(**_SIZES, rope_theta=10000.0, tie_word_embeddings=False)
    model = LanguageModel(config, scale=1.0).eval()
    _spread(model.llama, 0.25)
    # A random model never ends by itself; these outputs are pulled towards a short reply.
    ends = [tokens.object, tokens.signals[0], tokens.none]
    rng = np.random.default_rng(11)
    projector_config = CTCCompressorConfig(phones=7, output_size=24, hidden_size=20)
    projector = CTCCompressor(projector_config)
    _spread(projector, 0.2)
    posteriors = peaky_posteriors(rng, [2, 3, 1, 4, 5, 6, 1, 2, 6, 1, 3, 5], 7)
    pronunciations = {
        ids[word]: [
            rng.integers(2, 7, rng.integers(1, 4)).tolist() for _ in range(1 + (i % 3 == 0))
        ]
        for i, word in enumerate(words)
    }
    decoding = Decoding(
        beam=6, max_transcript_tokens=6, max_description_tokens=4, max_objects=2,
        ctc_weight=1.0, ctc_candidates=9, none_threshold=0.999, min_confidence=-50.0,
        min_log_probability=-50.0,
    )  # fmt: skip
    grammar = Grammar(tokens, 37, decoding.limits)
    prefix = torch.cat(
        (
            model.embed(torch.tensor([tokens.speech])),
            projector.project(torch.from_numpy(posteriors)),
        )
    )
    heard = HeardPhones.of(torch.from_numpy(posteriors), pronunciations, decoding)
    decoder = Decoder(model, grammar, decoding)
    for _ in range(200):
        model.llama.lm_head.weight[ends] *= 1.1
        alone = decoder.beam(prefix, decoding.beam).finished
        finished = decoder.beam(prefix, decoding.beam, heard).finished
        if len(finished) == decoding.beam and min(len(h.reply) for h in finished) >= 4:
            reply = decoder.decode(prefix, heard)
            telling = alone[0].reply != finished[0].reply and len({len(h.reply) for h in alone}) > 1
            if len(reply.objects) == 2 and reply.refused is None and telling:
                break
        model.llama.lm_head.weight.normal_().mul_(0.35)
    else:
        raise RuntimeError("no seed gave a telling reply")
    exported, weights = model.exported()
    strict = Decoder(model, grammar, replace(decoding, none_threshold=reply.none_probability / 2))
    refused = strict.decode(prefix, heard)
    if not refused.refused or len(refused.transcript) < 2:
        raise RuntimeError("the refused reply of this seed tells nothing")
    numbers = {
        "tokens": {name: value for name, value in vars(tokens).items() if name != "pad"},
        "decoding": decoding.to_json(),
        "prompt": Prompt().to_json(),
        "input_projector": projector_config.to_json(),
        "pronunciations": {str(key): value for key, value in pronunciations.items()},
        "alone": [_finished(h) for h in alone],
        "joint": [_finished(h) for h in finished],
        "reply": {
            "ids": reply.ids, "transcript": reply.transcript, "objects": reply.objects,
            "score": reply.score, "ctc_score": reply.ctc_score,
            "confidence": reply.confidence, "none_probability": reply.none_probability,
        },
        "refused": {
            "none_threshold": strict.decoding.none_threshold,
            "transcript": refused.transcript, "score": refused.score,
            "none_probability": refused.none_probability,
        },
    }  # fmt: skip
    tensors = {"posteriors": posteriors, "prefix": prefix, "signals": torch.stack(reply.signals)}
    write(folder, exported, weights, tensors, numbers)
    save_tokenizer(ids, folder)


def _finished(hypothesis: Hypothesis) -> dict:
    return {
        "reply": list(hypothesis.reply), "score": hypothesis.score, "joint": hypothesis.joint,
        "none_probability": hypothesis.none_probability,
    }  # fmt: skip


def save_tokenizer(ids: dict[str, int], folder: Path) -> Tokenizer:
    """Writes a word-level tokenizer.json of the given vocabulary."""
    built = Tokenizer(models.WordLevel(ids, unk_token=UNKNOWN))
    built.normalizer = normalizers.Lowercase()
    built.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    built.add_special_tokens(list(SPECIAL_TOKENS))
    folder.mkdir(parents=True, exist_ok=True)
    built.save(str(folder / "tokenizer.json"))
    return built


def tokenizer(folder: Path) -> None:
    """A tokenizer.json with what it makes of text."""
    words = ["a", "ball", "i'd", "like", "red", "three"]
    ids = {entry: i for i, entry in enumerate((*SPECIAL_TOKENS, *words))}
    built = save_tokenizer(ids, folder)
    texts = ["a Red  ball", "i'd like a dragon", "", "  THREE\tballs\n"]
    numbers = {text: built.encode(text).ids for text in texts}
    (folder / "cases.json").write_text(json.dumps(numbers) + "\n")


def main() -> None:
    """Writes every case below DIR."""
    root = Path(sys.argv[1])
    torch.set_num_threads(1)
    torch.manual_seed(1)
    llama(root / "language_model" / "llama")
    qwen2(root / "language_model" / "qwen2")
    ctc(root / "language_model" / "ctc_score")
    beam(root / "language_model" / "beam")
    tokenizer(root / "language_model" / "tokenizer")
    input_projectors(root / "input_projector")
    output_projector(root / "output_projector")
    linear_projector(root / "input_projector" / "linear")
    query_transformer(root / "output_projector" / "transformer")
    code_writer(root / "language_model" / "code_writer")


if __name__ == "__main__":
    main()
