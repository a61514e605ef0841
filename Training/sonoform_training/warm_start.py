"""Weights to begin a training with, read from an exported pipeline folder.

Checkpoints are large and stay outside the repository; the weights that ship do not. So every
training can go on from a pipeline (``Sources/Sonoform/Resources/built-in``, say) with a fresh
optimiser. bf16 costs nothing here: the first steps move the weights by more than its rounding.
"""

from __future__ import annotations

import json
from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor


def tensors(component: Path) -> dict[str, Tensor]:
    """A component's tensors in float32."""
    weights = load_file(component / "model.safetensors")
    return {name: value.float() for name, value in weights.items()}


def _prefixed(weights: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {f"{prefix}.{name}": value for name, value in weights.items()}


def vocabulary(tokenizer: Path) -> list[str]:
    """The tokens of a tokenizer.json in the order of their ids."""
    known = json.loads(tokenizer.read_text())["model"]["vocab"]
    return sorted(known, key=known.__getitem__)


def stack_state(pipeline: Path) -> dict[str, Tensor]:
    """The state of ``language_model.train_language_model.Stack``."""
    language = tensors(pipeline / "language_model")
    # Embeddings are tied in training; their scale was folded into the ones that are read.
    language["model.embed_tokens.weight"] = language["lm_head.weight"]
    state = _prefixed(language, "language_model.llama")
    for name in ("input_projector", "output_projector"):
        state |= _prefixed(tensors(pipeline / name), name)
    return state


def autoencoder_state(pipeline: Path) -> dict[str, Tensor]:
    """The state of ``generator.autoencoder.ShapeAutoencoder``.

    Its encoder is the describer's, which began as the autoencoder's and trained on: close enough
    to be led back by the field in a few steps.
    """
    made = tensors(pipeline / "modality_generator")
    field = {name: value for name, value in made.items() if name.startswith("field.")}
    return field | _prefixed(tensors(pipeline / "point_encoder"), "encoder")


def flow_state(pipeline: Path) -> dict[str, Tensor]:
    """The state of ``generator.flow.Flow``."""
    made = tensors(pipeline / "modality_generator")
    prefix = "flow."
    return {n.removeprefix(prefix): value for n, value in made.items() if n.startswith(prefix)}


def codes_state(pipeline: Path) -> dict[str, Tensor]:
    """The state of ``language_model.codes.CodeWriter``."""
    return _prefixed(tensors(pipeline / "code_writer"), "llama")


def describer_state(pipeline: Path) -> dict[str, Tensor]:
    """The state of ``describing.model.Describer``."""
    encoder = _prefixed(tensors(pipeline / "point_encoder"), "encoder")
    return encoder | _prefixed(tensors(pipeline / "point_projector"), "resampler")
