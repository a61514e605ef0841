"""Reference tensors for the Swift tests of the point encoder and the resampler, of random weights.

``python -m sonoform_training.describing.goldens Tests/Goldens`` writes into ``point_encoder/`` and
``point_projector/`` a component of odd sizes (F32) and ``cases.safetensors``:
    point_encoder    points [60, 3] in the encoder's frame, attributes [60, 6]
                     -> anchors [9, 3], latents [9, 3 + 5]
    point_projector  latents [7, 3 + 5], longest_side [1] -> vectors [6, 22]
"""

from __future__ import annotations

import sys
from pathlib import Path
from unittest import mock

import torch

from ..generator import autoencoder
from ..generator.generator import write_tensors
from . import export
from .clouds import farthest_points, framed
from .model import Describer
from .resampler import ResamplerConfig

SIZES = {"POOLED_POINTS": 11, "GLOBAL_POINTS": 23, "OWN_POINTS": 3}
ANCHORS = 9
POINTS = 60


def random_describer() -> Describer:
    """Weights large enough that no term hides behind another."""
    torch.manual_seed(21)
    config = ResamplerConfig(
        features=5,
        width=24,
        heads=3,
        hidden=34,
        blocks=1,
        cross_attention_layers=2,
        queries=6,
        output_size=22,
    )
    describer = Describer(config)
    describer.encoder = autoencoder.Encoder(features=5, width=18, heads=2)
    with torch.no_grad():
        for parameter in describer.parameters():
            scale = parameter.shape[-1] ** -0.5 if parameter.ndim == 2 else 0.2
            parameter.copy_(torch.randn_like(parameter) * scale)
    return describer.requires_grad_(False)


def write_cases(folder: Path, cases: dict[str, torch.Tensor]) -> None:
    """``cases.safetensors`` of a component."""
    tensors = {name: value.contiguous() for name, value in cases.items()}
    write_tensors(tensors, folder / "cases.safetensors")


def write_goldens(folder: Path) -> None:
    """Both components and their cases."""
    patches = [mock.patch.object(autoencoder, name, value) for name, value in SIZES.items()]
    patches += [mock.patch.object(export, name, value) for name, value in SIZES.items()]
    patches += [mock.patch.object(export, "ANCHORS", ANCHORS)]
    patches += [mock.patch.object(export, "POINTS", POINTS)]
    for patch in patches:
        patch.start()
    describer = random_describer()
    export.export_describer(describer, folder, torch.float32)
    torch.manual_seed(22)
    points = framed(torch.randn(1, POINTS, 3))[0]
    attributes = torch.cat([torch.randn(1, POINTS, 3), torch.rand(1, POINTS, 3)], dim=-1)
    anchors = farthest_points(points, ANCHORS)
    features = describer.encoder(torch.cat([points, attributes], dim=-1), anchors)[0]
    cases = {
        "points": points[0],
        "attributes": attributes[0],
        "anchors": anchors[0],
        "latents": torch.cat([anchors, features], dim=-1)[0],
    }
    write_tensors(
        {k: v.contiguous() for k, v in cases.items()},
        folder / "point_encoder" / "cases.safetensors",
    )
    latents = torch.cat([torch.rand(1, 7, 3), torch.rand(1, 7, 5) * 2 - 1], dim=-1)
    side = torch.tensor([1.7])
    cases = {"latents": latents[0], "longest_side": side}
    cases["vectors"] = describer.resampler(latents, side)[0]
    write_tensors(
        {k: v.contiguous() for k, v in cases.items()},
        folder / "point_projector" / "cases.safetensors",
    )
    for patch in patches:
        patch.stop()


if __name__ == "__main__":
    write_goldens(Path(sys.argv[1]))
