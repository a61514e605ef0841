"""Adds a trained describer to a pipeline folder.

    python -m sonoform_training.describing.export WORK/describer.pt PIPELINE

writes ``point_encoder/`` and ``point_projector/`` and names them in ``pipeline.json``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from torch import Tensor

from ..generator.autoencoder import GLOBAL_POINTS, OFFSET_SCALE, OWN_POINTS, POOLED_POINTS
from ..generator.generator import write_tensors
from ..generator.layers import CENTRE, OCTAVES
from .clouds import ANCHORS, POINTS
from .model import Describer
from .resampler import ResamplerConfig

ENCODER = "anchored_points"
COMPONENTS = ("point_encoder", "point_projector")


def encoder_config(describer: Describer) -> dict:
    """``point_encoder/config.json``, its sizes read off the weights."""
    encoder = describer.encoder
    return {
        "type": ENCODER,
        "points": POINTS,
        "anchors": ANCHORS,
        "features": encoder.out.out_features,
        "width": encoder.anchor_in.out_features,
        "heads": encoder.cross_attention.attention.heads,
        "hidden": encoder.cross_attention.mlp.up.out_features,
        "blocks": len(encoder.blocks),
        "pooled_points": POOLED_POINTS,
        "global_points": GLOBAL_POINTS,
        "own_points": OWN_POINTS,
        "pool_hidden": encoder.pool.up.out_features,
        "pool_size": encoder.pool.down.out_features,
        "octaves": OCTAVES,
        "centre": CENTRE,
        "offset_scale": OFFSET_SCALE,
    }


def write_component(folder: Path, config: dict, weights: dict[str, Tensor], dtype) -> None:
    """config.json and model.safetensors."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    tensors = {name: value.detach().to(dtype).contiguous() for name, value in weights.items()}
    write_tensors(tensors, folder / "model.safetensors")


def export_describer(describer: Describer, pipeline: Path, dtype=torch.bfloat16) -> None:
    """Writes both components; ``pipeline.json`` names them from then on, if it is there."""
    config, weights = encoder_config(describer), describer.encoder.state_dict()
    write_component(pipeline / "point_encoder", config, weights, dtype)
    config, weights = describer.resampler.config.to_json(), describer.resampler.state_dict()
    write_component(pipeline / "point_projector", config, weights, dtype)
    path = pipeline / "pipeline.json"
    if path.exists():
        settings = json.loads(path.read_text())
        added = [name for name in COMPONENTS if name not in settings["components"]]
        settings["components"] += added
        path.write_text(json.dumps(settings, indent=1) + "\n")


def main(checkpoint: str, pipeline: str) -> None:
    """The command."""
    state = torch.load(checkpoint, weights_only=True)["averaged"]
    width = state["resampler.out.weight"].shape[0]
    describer = Describer(ResamplerConfig(output_size=width))
    describer.load_state_dict(state)
    export_describer(describer, Path(pipeline))


if __name__ == "__main__":
    main(*sys.argv[1:])
