"""The whole model in PyTorch, from an exported pipeline folder: the reference of the Swift one.

    python -m sonoform_training.pipeline DIR recording.wav …      prints a JSON object per recording
    python -m sonoform_training.pipeline DIR --text "a red chair"
    python -m sonoform_training.pipeline DIR --manifest FILE.jsonl [--every N]     prints figures

Everything runs in f32 whatever the weights are stored in. Samples -> Whisper's log-mel -> encoder
-> phone posteriors -> CTC compressor -> language model with beam search -> conditions and place of
every object. The generator makes each object's cloud of them, and the words of the blocks say how
the clouds become a scene (``Pipeline.generate``, ``composition``).
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import torch
from safetensors.torch import load_file
from scipy.signal import resample_poly
from tokenizers import Tokenizer
from torch import Tensor

from .composition import SceneRules, composed
from .generator.generator import Generator
from .hearing.encoder import PhoneEncoder, load_exported
from .language_model.batches import heard_files
from .language_model.codes import CodeWriter
from .language_model.decoding import Decoder, Decoding, HeardPhones, Reply
from .language_model.examples import Mixture
from .language_model.model import LanguageModel
from .language_model.output_projector import OutputProjector, OutputProjectorConfig
from .language_model.projector import CTCCompressor, CTCCompressorConfig
from .language_model.prompts import Grammar, Prompt, Tokens
from .language_model.tokenizer import encode_words, text_words
from .language_model.validation import Figures
from .speech.features import RATE_HZ, WINDOW_SAMPLES, log_mel

FORMAT, VERSION = "sonoform-pipeline", 2


def read_samples(path: str | Path) -> np.ndarray:
    """[n] float32 samples at 16 kHz, channels averaged."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    samples = samples.mean(axis=1)
    if rate != RATE_HZ:
        divisor = math.gcd(rate, RATE_HZ)
        samples = resample_poly(samples, RATE_HZ // divisor, rate // divisor)
    return samples.astype(np.float32)


def component(folder: Path) -> tuple[dict, dict[str, Tensor]]:
    """config.json and f32 tensors of a component."""
    config = json.loads((folder / "config.json").read_text())
    weights = load_file(folder / "model.safetensors")
    return config, {key: value.float() for key, value in weights.items()}


@dataclass
class Pipeline:
    """A loaded folder."""

    tokenizer: Tokenizer
    tokens: Tokens
    encoder: PhoneEncoder
    input_projector: CTCCompressor
    language_model: LanguageModel
    output_projector: OutputProjector
    generator: Generator | None
    decoding: Decoding
    rules: SceneRules | None
    pronunciations: dict[int, list[list[int]]]
    code_writer: CodeWriter | None = None

    @classmethod
    def load(cls, folder: str | Path) -> Pipeline:
        """Reads every component; the generator may be missing while it is in training."""
        folder = Path(folder)
        settings = json.loads((folder / "pipeline.json").read_text())
        if (settings["format"], settings["version"]) != (FORMAT, VERSION):
            raise ValueError(f"{folder}: {settings['format']} {settings['version']}")
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        names = settings["tokens"]
        tokens = Tokens(
            **{
                role: tuple(tokenizer.token_to_id(n) for n in name)
                if isinstance(name, list)
                else tokenizer.token_to_id(name)
                for role, name in names.items()
            }
        )
        encoder = load_exported(folder / "modality_encoder")
        config, weights = component(folder / "input_projector")
        input_projector = CTCCompressor(CTCCompressorConfig.from_json(config)).eval()
        input_projector.load_state_dict(weights)
        config, weights = component(folder / "output_projector")
        output_projector = OutputProjector(OutputProjectorConfig.from_json(config)).eval()
        output_projector.load_state_dict(weights)
        config, weights = component(folder / "language_model")
        prompt = Prompt(**settings["prompt"])
        language_model = LanguageModel.loaded(config, weights, prompt)
        index = {phone: i for i, phone in enumerate(encoder.config.ctc["phones"])}
        lexicon = json.loads((folder / "lexicon.json").read_text())
        pronunciations = {
            tokenizer.token_to_id(word): [[index[phone] for phone in form] for form in forms]
            for word, forms in lexicon.items()
        }
        generator = None
        if (folder / "modality_generator" / "model.safetensors").exists():
            generator = Generator.load(folder / "modality_generator")
        code_writer = None
        if "code_writer" in settings["components"]:
            code_writer = CodeWriter.loaded(*component(folder / "code_writer"))
        return cls(
            tokenizer, tokens, encoder, input_projector, language_model, output_projector,
            generator, Decoding(**settings["decoding"]),
            SceneRules.from_json(settings["scene"]) if "scene" in settings else None,
            pronunciations, code_writer,
        )  # fmt: skip

    @property
    def decoder(self) -> Decoder:
        """The language model under its grammar."""
        size = self.tokenizer.get_vocab_size()
        grammar = Grammar(self.tokens, size, self.decoding.limits)
        return Decoder(self.language_model, grammar, self.decoding)

    @torch.no_grad()
    def posteriors(self, samples: np.ndarray) -> Tensor:
        """[n] samples at 16 kHz -> phone posteriors [T, P]."""
        if len(samples) <= WINDOW_SAMPLES // 2:
            return torch.zeros(0, len(self.encoder.config.ctc["phones"]))
        _, logits = self.encoder(log_mel(samples)[None])
        return logits[0].softmax(-1)

    @torch.no_grad()
    def heard(self, posteriors: Tensor) -> tuple[Tensor, HeardPhones]:
        """[T, P] -> the prefix [1 + N, W] and what the phone head needs."""
        marker = self.language_model.embed(torch.tensor([self.tokens.speech]))
        prefix = torch.cat((marker, self.input_projector.project(posteriors)))
        config = self.input_projector.config
        return prefix, HeardPhones.of(
            posteriors,
            self.pronunciations,
            self.decoding,
            blank=config.blank,
            word_boundary=config.word_boundary,
        )

    def hear(self, posteriors: Tensor) -> Reply:
        """[T, P] -> the reply, by beam search."""
        return self.decoder.decode(*self.heard(posteriors))

    @torch.no_grad()
    def read(self, text: str) -> Reply:
        """The reply to a typed description, greedily."""
        words = text_words(text)[: self.input_projector.config.max_words]
        ids = [self.tokens.text, *encode_words(self.tokenizer, words)]
        return self.decoder.decode(self.language_model.embed(torch.tensor(ids)))

    @torch.no_grad()
    def conditions(self, reply: Reply) -> tuple[Tensor, Tensor]:
        """Conditions [n, K, C] and places [n, 4] = (x, y, z, log scale) of n objects."""
        return self.output_projector(torch.stack(reply.signals))

    def generate(
        self, reply: Reply, seed: int = 0, points: int = 4096, discrete: bool = False
    ) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Points, normals and rgb [N, 3] of every placed object, in the world's frame.

        The shapes are the flow's, or with ``discrete`` signals what the code writer writes.
        """
        conditions, places = self.conditions(reply)
        rules = self.rules or SceneRules.none()
        blocks = [rules.block(self.words(words).split()) for words in reply.objects]
        if discrete:
            latents = self.code_writer.layout.latents_of(self.code_writer.write(conditions))
        clouds = []
        for index, (tokens, place, block) in enumerate(
            zip(conditions, places, blocks, strict=True)
        ):
            stretch = rules.stretch(block)
            if discrete:
                xyz, normals, rgb = self.generator.read(latents[index], seed, points, stretch)
            else:
                xyz, normals, rgb = self.generator(tokens, seed, points, stretch)
            x, y, z, log_scale = place.tolist()
            clouds.append((np.array([x, y, z]) + math.exp(log_scale) * xyz, normals, rgb))
        if self.rules is None:
            return clouds
        moves = composed(self.rules, blocks, [xyz for xyz, _, _ in clouds])
        return [
            (xyz + move, normals, rgb)
            for (xyz, normals, rgb), copies in zip(clouds, moves, strict=True)
            for move in copies
        ]

    def words(self, ids: list[int]) -> str:
        """Tokens as text."""
        return " ".join(self.tokenizer.id_to_token(index) for index in ids)

    def report(self, reply: Reply) -> dict:
        """What a person wants to know of a reply, for JSON."""
        report = {
            "heard": self.words(reply.transcript),
            "refused": reply.refused,
            "score": round(reply.score, 4),
            "ctc_score": reply.ctc_score,
            "confidence": reply.confidence,
            "none_probability": round(reply.none_probability, 6),
            "objects": [],
        }
        if reply.signals:
            conditions, places = self.conditions(reply)
            for words, tokens, place in zip(reply.objects, conditions, places, strict=True):
                report["objects"].append(
                    {
                        "description": self.words(words),
                        "place": [round(float(value), 4) for value in place[:3]],
                        "scale": round(float(place[3].exp()), 4),
                        "condition_norm": round(float(tokens.norm()), 4),
                    }
                )
        return report


Answer = tuple[dict, str, Reply]


def recordings(pipeline: Pipeline, manifest: Path, every: int) -> Iterator[Answer]:
    """(record, condition, reply) of the files of a manifest (speech/recordings.py)."""
    for line in manifest.read_text().splitlines()[::every]:
        record = json.loads(line)
        posteriors = pipeline.posteriors(read_samples(manifest.parent / record["path"]))
        condition = "clean" if record["snr_db"] is None else f"{record['snr_db']:.0f} dB"
        yield record, condition, pipeline.hear(posteriors)


def stored(pipeline: Pipeline, paths: list[Path], every: int) -> Iterator[Answer]:
    """The same of stored posteriors (hearing/posteriors.py)."""
    for posteriors, record in itertools.islice(heard_files(paths), 0, None, every):
        reply = pipeline.hear(torch.from_numpy(posteriors))
        yield record, f"quality {record['quality']}", reply


def typed(pipeline: Pipeline, count: int, seed: int = 1) -> Iterator[Answer]:
    """The same of typed sentences: held-out combinations, and sentences to refuse."""
    mixture = Mixture(seed, held_out=True)
    for _ in range(count):
        example = mixture.draw()
        record = {"kind": "other", "text": " ".join(example.said), "description": None}
        if example.scene is not None:
            record |= {"kind": "description", "text": " ".join(example.transcript),
                       "description": example.scene.text()}  # fmt: skip
        yield record, "typed", pipeline.read(" ".join(example.said))


def judge(pipeline: Pipeline, answers: Iterable[Answer]) -> dict[str, dict]:
    """Figures by condition."""
    figures: dict[str, Figures] = {}
    for record, condition, reply in answers:
        objects = [pipeline.words(words) for words in reply.objects]
        for name in ("all", condition):
            figures.setdefault(name, Figures()).add(
                record, pipeline.words(reply.transcript), objects, reply.refused
            )
    return {name: found.summary() for name, found in figures.items()}


def print_figures(figures: dict[str, dict]) -> None:
    """One line per condition."""
    for condition, values in sorted(figures.items()):
        print(json.dumps({"condition": condition, **values}))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("audio", nargs="*", type=Path)
    parser.add_argument("--text")
    parser.add_argument("--manifest", type=Path)
    parser.add_argument("--posteriors", nargs="+", type=Path, help="judge stored posteriors")
    parser.add_argument("--typed", type=int, help="judge so many typed sentences")
    parser.add_argument("--every", type=int, default=1, help="judge one in so many")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_intermixed_args()
    torch.set_num_threads(arguments.threads)
    pipeline = Pipeline.load(arguments.folder)
    if arguments.manifest:
        answers = recordings(pipeline, arguments.manifest, arguments.every)
        print_figures(judge(pipeline, answers))
    if arguments.posteriors:
        print_figures(judge(pipeline, stored(pipeline, arguments.posteriors, arguments.every)))
    if arguments.typed:
        print_figures(judge(pipeline, typed(pipeline, arguments.typed)))
    if arguments.text is not None:
        print(json.dumps(pipeline.report(pipeline.read(arguments.text))))
    for path in arguments.audio:
        reply = pipeline.hear(pipeline.posteriors(read_samples(path)))
        print(json.dumps({"file": str(path), **pipeline.report(reply)}))


if __name__ == "__main__":
    main()
