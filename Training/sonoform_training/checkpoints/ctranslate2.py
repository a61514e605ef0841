"""CTranslate2's Whisper as a folder that transformers reads.

A ``model.bin`` is a list of named arrays: little-endian counts, names that end with a zero byte,
the shape, a type, the bytes (CTranslate2, ``python/ctranslate2/specs/model_spec.py``). Its Whisper
stacks queries, keys and values, and calls norms "gamma" and "beta"; it says neither how many heads
there are nor how the vocabulary is laid out, which follow from the sizes.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperForConditionalGeneration

VERSION = 6
TYPES = (np.float32, np.int8, np.int16, np.int32, np.float16)
HEAD_SIZE = 64
ENGLISH_VOCABULARY = 51864


def arrays(path: Path) -> dict[str, np.ndarray]:
    """Every array of a model.bin."""
    with path.open("rb") as file:
        (version,) = _numbers(file, "<I")
        if version != VERSION:
            raise ValueError(f"{path}: expected version {VERSION}, got {version}")
        _name(file)  # what it is: "WhisperSpec"
        _, count = _numbers(file, "<II")
        return dict(_variables(file, count))


def _variables(file: BinaryIO, count: int) -> Iterator[tuple[str, np.ndarray]]:
    for _ in range(count):
        name = _name(file)
        (rank,) = _numbers(file, "<B")
        shape = _numbers(file, f"<{rank}I")
        kind, size = _numbers(file, "<BI")
        yield name, np.frombuffer(file.read(size), TYPES[kind]).reshape(shape)


def _numbers(file: BinaryIO, form: str) -> tuple[int, ...]:
    return struct.unpack(form, file.read(struct.calcsize(form)))


def _name(file: BinaryIO) -> str:
    (length,) = _numbers(file, "<H")
    return file.read(length).rstrip(b"\0").decode()


def _state(found: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    """The arrays under transformers' names; every one of them is used."""
    left = {name: value for name, value in found.items() if value.dtype.kind == "f"}
    state: dict[str, torch.Tensor] = {}

    def take(source: str) -> torch.Tensor:
        return torch.tensor(left.pop(source).astype(np.float32))

    def move(target: str, source: str) -> None:
        state[f"{target}.weight"] = take(f"{source}/weight")
        state[f"{target}.bias"] = take(f"{source}/bias")

    def norm(target: str, source: str) -> None:
        state[f"{target}.weight"] = take(f"{source}/gamma")
        state[f"{target}.bias"] = take(f"{source}/beta")

    def split(target: str, source: str, names: tuple[str, ...]) -> None:
        weights, biases = take(f"{source}/weight"), take(f"{source}/bias")
        for name, weight, bias in zip(
            names, weights.chunk(len(names)), biases.chunk(len(names)), strict=True
        ):
            state[f"{target}.{name}.weight"] = weight.clone()
            if name != "k_proj":
                state[f"{target}.{name}.bias"] = bias.clone()
            elif bias.abs().max() > 0:
                raise ValueError(f"{source}: Whisper's keys have no bias, this one has")

    for index in (1, 2):
        move(f"model.encoder.conv{index}", f"encoder/conv{index}")
    for side in ("encoder", "decoder"):
        positions = take(f"{side}/position_encodings/encodings")
        state[f"model.{side}.embed_positions.weight"] = positions
        norm(f"model.{side}.layer_norm", f"{side}/layer_norm")
        for layer in range(_layers(found, side)):
            source, target = f"{side}/layer_{layer}", f"model.{side}.layers.{layer}"
            attention = f"{source}/self_attention"
            split(f"{target}.self_attn", f"{attention}/linear_0", ("q_proj", "k_proj", "v_proj"))
            move(f"{target}.self_attn.out_proj", f"{attention}/linear_1")
            norm(f"{target}.self_attn_layer_norm", f"{attention}/layer_norm")
            if side == "decoder":
                cross = f"{source}/attention"
                move(f"{target}.encoder_attn.q_proj", f"{cross}/linear_0")
                split(f"{target}.encoder_attn", f"{cross}/linear_1", ("k_proj", "v_proj"))
                move(f"{target}.encoder_attn.out_proj", f"{cross}/linear_2")
                norm(f"{target}.encoder_attn_layer_norm", f"{cross}/layer_norm")
            norm(f"{target}.final_layer_norm", f"{source}/ffn/layer_norm")
            for index in (0, 1):
                move(f"{target}.fc{index + 1}", f"{source}/ffn/linear_{index}")
    state["model.decoder.embed_tokens.weight"] = take("decoder/embeddings/weight")
    # The head is the embedding; some files have it twice.
    left.pop("decoder/projection/weight", None)
    rest = [name for name, value in left.items() if value.ndim > 0]
    if rest:
        raise ValueError(f"arrays that Whisper does not have: {', '.join(rest)}")
    return state


def _layers(found: dict[str, np.ndarray], side: str) -> int:
    return sum(f"{side}/layer_{i}/ffn/layer_norm/beta" in found for i in range(64))


def whisper_folder(model: Path, tokenizer: Path, folder: Path) -> None:
    """Writes the folder: weights as they are (f16), front end, tokenizer."""
    found = arrays(model)
    state = _state(found)
    vocabulary, width = state["model.decoder.embed_tokens.weight"].shape
    end = 50256 if vocabulary == ENGLISH_VOCABULARY else 50257
    config = WhisperConfig(
        vocab_size=vocabulary, d_model=width,
        num_mel_bins=state["model.encoder.conv1.weight"].shape[1],
        encoder_layers=_layers(found, "encoder"), decoder_layers=_layers(found, "decoder"),
        encoder_attention_heads=width // HEAD_SIZE, decoder_attention_heads=width // HEAD_SIZE,
        encoder_ffn_dim=4 * width, decoder_ffn_dim=4 * width,
        bos_token_id=end, eos_token_id=end, pad_token_id=end, decoder_start_token_id=end + 1,
        suppress_tokens=None, begin_suppress_tokens=None,
    )  # fmt: skip
    whole = WhisperForConditionalGeneration(config)
    missing, unexpected = whole.load_state_dict(state, strict=False)
    if unexpected or set(missing) - {"proj_out.weight"}:
        raise ValueError(f"{model}: missing {missing}, unexpected {unexpected}")
    whole.tie_weights()
    whole.half().save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=config.num_mel_bins).save_pretrained(folder)
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
