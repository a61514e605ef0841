"""Reference transcripts for the Swift recogniser.

``python -m sonoform_training.hearing.recognition_goldens DIR`` (DIR is ``Tests/Goldens``) writes
``speech_recognition``. A tiny Whisper of odd sizes with random weights, but with half-minute
windows and all timestamps, stands for the real ones:

``tiny``        the checkpoint as transformers saves it, with a byte-level tokenizer.json
``vocabulary``  the same tokens as vocab.json, merges.txt and added_tokens.json
``cases``       logits by transformers; masks by its logits processors; tokens by tokenizers; whole
                transcripts by openai-whisper, which runs on the same weights and tokens
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import tiktoken
import torch
import whisper
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperForConditionalGeneration
from transformers.generation.logits_process import (
    SuppressTokensAtBeginLogitsProcessor,
    SuppressTokensLogitsProcessor,
    WhisperTimeStampLogitsProcessor,
)
from whisper.model import ModelDimensions, Whisper
from whisper.tokenizer import LANGUAGES
from whisper.tokenizer import Tokenizer as WhisperTokenizer

WIDTH, LAYERS, HEADS = 20, 2, 4
ENCODER_HEADS, ENCODER_LAYERS = 2, 1
# openai-whisper knows no other.
INNER = 4 * WIDTH
POSITIONS = 48
LANGUAGE_COUNT = 5
SECONDS = 73.3
TEXTS = [
    "The quick brown fox jumps over the lazy dog, and the dog's owner isn't amused.",
    "A tall red chair with three blue legs - and the table beside it. (There's more.)",
    "Über den Wolken; ¿dónde está? 我们 говорим 12 345 языков.",
] * 9
LINES = [
    "A tall red chair", " a tall red chair", "It's the dog's; we'll see, they've been",
    "12 345,678", "tabs\tand\n\nlines  with   spaces ", "", " ", "   ", "'s 're ''ll",
    "naïve café 我们 языков 👩‍👩‍👧 ♪♪ <<x>>", "don’t “quote” — dash…",
    "\u00a0nbsp\u2003em\u3000ideographic", "e\u0301 combining ½ Ⅷ ²",
]  # fmt: skip


def make_tokenizer() -> Tokenizer:
    """Byte-level BPE with a few merges, then Whisper's special tokens and every timestamp."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=313, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(TEXTS, trainer)
    names = ["endoftext", "startoftranscript", *list(LANGUAGES)[:LANGUAGE_COUNT]]
    names += ["translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps"]
    names += [f"{index * 0.02:.2f}" for index in range(1501)]
    tokenizer.add_special_tokens([AddedToken(f"<|{name}|>", special=True) for name in names])
    return tokenizer


def make_model(vocabulary: int, special: dict[str, int]) -> WhisperForConditionalGeneration:
    """Weights that show a wrong bias, norm or head; timestamps that are not always likeliest."""
    torch.manual_seed(31)
    config = WhisperConfig(
        d_model=WIDTH, encoder_layers=ENCODER_LAYERS, encoder_attention_heads=ENCODER_HEADS,
        encoder_ffn_dim=INNER, decoder_layers=LAYERS, decoder_attention_heads=HEADS,
        decoder_ffn_dim=INNER, max_target_positions=POSITIONS, vocab_size=vocabulary,
        suppress_tokens=None, begin_suppress_tokens=None, pad_token_id=special["endoftext"],
        bos_token_id=special["endoftext"], eos_token_id=special["endoftext"],
        decoder_start_token_id=special["startoftranscript"],
    )  # fmt: skip
    model = WhisperForConditionalGeneration(config).eval()
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            noise = torch.randn(tensor.shape)
            if "encoder.embed_positions" in name:
                continue
            if "embed_tokens" in name:
                tensor.copy_(noise * 0.6)
                tensor[special["0.00"] :] *= 0.7
                tensor[special["endoftext"]] *= 1.6
            elif "embed_positions" in name:
                tensor.copy_(noise * 1.5)
            elif tensor.ndim > 1:
                scale = 3.0 if "encoder_attn" in name else 1.3
                tensor.copy_(noise * scale * tensor[0].numel() ** -0.5)
            elif "norm.weight" in name:
                tensor.copy_(1 + 0.2 * noise)
            else:
                tensor.copy_(0.2 * noise)
            # What is stored in half precision is what all of them compute with.
            tensor.copy_(tensor.half().float())
    return model


def openai_model(model: WhisperForConditionalGeneration) -> Whisper:
    """The same weights in openai-whisper's own model."""
    config = model.config
    dims = ModelDimensions(
        n_mels=config.num_mel_bins, n_audio_ctx=config.max_source_positions,
        n_audio_state=config.d_model, n_audio_head=config.encoder_attention_heads,
        n_audio_layer=config.encoder_layers, n_vocab=config.vocab_size,
        n_text_ctx=config.max_target_positions, n_text_state=config.d_model,
        n_text_head=config.decoder_attention_heads, n_text_layer=config.decoder_layers,
    )  # fmt: skip
    names = [
        ("encoder.layer_norm", "encoder.ln_post"), ("decoder.layer_norm", "decoder.ln"),
        (".layers.", ".blocks."), ("encoder_attn_layer_norm", "cross_attn_ln"),
        ("self_attn_layer_norm", "attn_ln"), ("final_layer_norm", "mlp_ln"),
        ("encoder_attn", "cross_attn"), ("self_attn", "attn"), ("q_proj", "query"),
        ("k_proj", "key"), ("v_proj", "value"), ("out_proj", "out"), ("fc1", "mlp.0"),
        ("fc2", "mlp.2"), ("embed_tokens", "token_embedding"),
        ("embed_positions.weight", "positional_embedding"),
    ]  # fmt: skip
    state = {}
    for name, tensor in model.model.state_dict().items():
        for ours, theirs in names:
            name = name.replace(ours, theirs)
        state[name] = tensor.clone()
    other = Whisper(dims)
    other.load_state_dict(state)
    return other.eval()


def sound() -> np.ndarray:
    """Noise of a small generator, loud and quiet by turns; `scattered` in Swift makes the same."""
    count = int(SECONDS * 16_000)
    state = np.uint32(7 * 2_654_435_761 % 2**32 | 1)
    values = np.empty(count, np.uint32)
    current = int(state)
    for index in range(count):
        current = (current * 1_664_525 + 1_013_904_223) % 2**32
        values[index] = current >> 8
    noise = values.astype(np.float32) / np.float32(1 << 23) - np.float32(1)
    loudness = np.array([0.5, 0.02, 0.2, 0.001, 0.05], np.float32)
    return noise * loudness[np.arange(count) // 6_000 % len(loudness)]


def write_transcripts(
    model: WhisperForConditionalGeneration, tokenizer: Tokenizer
) -> tuple[list[dict], list[int]]:
    """What openai-whisper writes under several options, all at temperature 0."""
    vocabulary = tokenizer.get_vocab()
    ordinary = {token: index for token, index in vocabulary.items() if not token.startswith("<|")}
    of_letter = {letter: byte for byte, letter in whisper_letters().items()}
    ranks = {
        bytes(of_letter[letter] for letter in token): index for token, index in ordinary.items()
    }
    special = {token: index for token, index in vocabulary.items() if token.startswith("<|")}
    special = dict(sorted(special.items(), key=lambda item: item[1]))
    pattern = r"""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
    encoding = tiktoken.Encoding(
        "tiny", pat_str=pattern, mergeable_ranks=ranks, special_tokens=special
    )

    def tiny_tokenizer(multilingual, *, num_languages=99, language=None, task=None):
        del num_languages
        if multilingual:
            language, task = language or "en", task or "transcribe"
        else:
            language = task = None
        return WhisperTokenizer(encoding, LANGUAGE_COUNT, language, task)

    whisper.decoding.get_tokenizer = tiny_tokenizer
    sys.modules["whisper.transcribe"].get_tokenizer = tiny_tokenizer
    other = openai_model(model)
    audio = sound()
    plain = {
        "temperature": 0.0, "compression_ratio_threshold": None, "logprob_threshold": None,
        "no_speech_threshold": None,
    }  # fmt: skip
    cases = [
        {"language": "de"}, {"language": "en", "condition_on_previous_text": False}, {},
        {"language": "es", "task": "translate", "initial_prompt": "A tall red chair"},
        {"language": "en", "beam_size": 3}, {"language": "zh", "beam_size": 4, "patience": 2.0},
        {"language": "en", "beam_size": 5, "length_penalty": 0.6,
         "condition_on_previous_text": False},
        {"language": "en", "without_timestamps": True},
        {"language": "ru", "no_speech_threshold": 8e-6, "logprob_threshold": -0.9},
        {"language": "en", "english": True}, {"language": "en", "seconds": 7.77},
        {"seconds": 7.77, "beam_size": 2},
    ]  # fmt: skip
    written = []
    for case in cases:
        options = dict(case)
        seconds, english = options.pop("seconds", SECONDS), options.pop("english", False)
        # The properties of a class, which hang on the number of tokens of the real vocabularies.
        kind = type(other)
        kind.is_multilingual = property(lambda _, english=english: not english)
        kind.num_languages = property(lambda _: LANGUAGE_COUNT)
        found = other.transcribe(
            audio[: int(seconds * 16_000)], fp16=False, verbose=None, **(plain | options)
        )
        segments = [
            {
                "start": segment["start"], "end": segment["end"], "tokens": segment["tokens"],
                "avg_logprob": segment["avg_logprob"], "no_speech_prob": segment["no_speech_prob"],
                "compression_ratio": segment["compression_ratio"],
            }
            for segment in found["segments"] if segment["tokens"]
        ]  # fmt: skip
        written.append({
            "options": case, "language": found["language"], "text": found["text"].strip(),
            "segments": segments,
        })  # fmt: skip
    suppressed = tiny_tokenizer(True).non_speech_tokens
    return written, [int(token) for token in suppressed]


def whisper_letters() -> dict[int, str]:
    """The letter that byte-level vocabularies write for every byte, as tokenizers has it."""
    coder = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = {byte: chr(byte) for byte in kept}
    for index, byte in enumerate(byte for byte in range(256) if byte not in letters):
        letters[byte] = chr(256 + index)
    assert coder.pre_tokenize_str("\n é")[0][0] == "".join(letters[b] for b in "\n é".encode())
    return letters


def masks(special: dict[str, int], count: int, suppressed: list[int]) -> tuple[dict, list]:
    """Scores before and after transformers' processors, for transcripts in every state."""
    first, text = special["0.00"], 40
    states = [
        [], [first], [first, text], [first, text, first + 70],
        [first, text, first + 70, first + 70], [first + 3, text, text + 1],
        [first, text, first + 1500, first + 1500], [text, text],
    ]  # fmt: skip

    class Settings:
        no_timestamps_token_id = special["notimestamps"]
        eos_token_id = special["endoftext"]
        bos_token_id = special["endoftext"]
        max_initial_timestamp_index = 50

    begin = 3
    tensors = {}
    generator = torch.Generator().manual_seed(5)
    for index, state in enumerate(states):
        scale = 3.0 if index % 2 else 1.0
        scores = (torch.randn(1, count, generator=generator) * scale).half().float()
        tokens = torch.tensor([[special["startoftranscript"]] * begin + state])
        masked = scores
        for process in (
            SuppressTokensAtBeginLogitsProcessor([220, special["endoftext"]], begin),
            SuppressTokensLogitsProcessor(suppressed),
            WhisperTimeStampLogitsProcessor(Settings(), begin_index=begin),
        ):
            masked = process(tokens, masked)
        tensors[f"scores.{index}"] = scores[0].half()
        tensors[f"allowed.{index}"] = (masked[0] > -torch.inf).half()
    return tensors, states


def main() -> None:
    """Write everything."""
    out = Path(sys.argv[1]) / "speech_recognition"
    tokenizer = make_tokenizer()
    vocabulary = tokenizer.get_vocab()
    special = {token[2:-2]: index for token, index in vocabulary.items() if token.startswith("<|")}
    model = make_model(len(vocabulary), special)
    tiny = out / "tiny"
    languages = {f"<|{code}|>": special[code] for code in list(LANGUAGES)[:LANGUAGE_COUNT]}
    settings = {
        "is_multilingual": True, "no_timestamps_token_id": special["notimestamps"],
        "max_initial_timestamp_index": 50, "lang_to_id": languages,
        "task_to_id": {name: special[name] for name in ("transcribe", "translate")},
        "prev_sot_token_id": special["startofprev"],
    }  # fmt: skip
    for name, value in settings.items():
        setattr(model.generation_config, name, value)
    # Otherwise transformers writes the model's configuration in its place.
    model.generation_config._from_model_config = False
    tiny.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(tiny)
    model.float()
    (tiny / "model.safetensors").chmod(0o644)
    WhisperFeatureExtractor().save_pretrained(tiny)
    tokenizer.save(str(tiny / "tokenizer.json"), pretty=False)

    separate = out / "vocabulary"
    separate.mkdir(exist_ok=True)
    tokenizer.model.save(str(separate))
    # As in older checkpoints: timestamps have no names.
    added = {
        f"<|{name}|>": index for name, index in sorted(special.items()) if not name[0].isdigit()
    }
    (separate / "added_tokens.json").write_text(json.dumps(added) + "\n")

    transcripts, suppressed = write_transcripts(model, tokenizer)
    tensors, states = masks(special, len(vocabulary), suppressed)
    tokens = [special["startoftranscript"], special["de"], special["transcribe"], *range(250, 259)]
    with torch.no_grad():
        hidden = torch.randn(1, 37, WIDTH) * 0.8
        logits = model(encoder_outputs=(hidden,), decoder_input_ids=torch.tensor([tokens])).logits
    tensors |= {"hidden": hidden[0], "logits": logits[0]}
    lines = [{"text": line, "tokens": tokenizer.encode(line).ids} for line in LINES]
    save_file(
        {name: tensor.contiguous() for name, tensor in tensors.items()}, out / "cases.safetensors"
    )
    (out / "cases.safetensors").chmod(0o644)
    cases = {
        "tokens": tokens, "states": states, "lines": lines, "suppressed": suppressed,
        "transcripts": transcripts,
    }  # fmt: skip
    (out / "cases.json").write_text(json.dumps(cases, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
