"""Reference tensors for the Swift tests: a tiny random generator of odd sizes and what it computes.

``python -m sonoform_training.generator.goldens Tests/Goldens/generator`` writes config.json and
model.safetensors (F32) as any generator's folder, and ``expected.safetensors`` (all F32):
    noise [5, 7], conditions [3, 10]
    velocity, guided_velocity [5, 7]      at t = 0.25 from x = noise, guidance 1 and 2
    latents [5, 7]                        after 4 steps with guidance 2
    queries [33, 3] -> distance [33], direction [33, 3], rgb [33, 3]      of those latents
    candidate_noise [144, 3] -> starts [144, 3]      step 1 of the read-out, of those latents
    thin_points, thin_normals [600, 3], thin_residual [600] -> thin_kept [200]    3, 4; N = 200
    read_points, read_normals, read_rgb [48, 3]    the whole read-out, N = 48, of candidate_noise
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from .field import Field, FieldConfig
from .flow import Flow, FlowConfig
from .generator import Generator, SamplingConfig, write_tensors
from .readout import ReadoutConfig, candidate_points, read_out, thin


def tiny_generator() -> Generator:
    """Random weights, larger than trained ones so that no term hides behind another."""
    torch.manual_seed(7)
    flow = Flow(
        FlowConfig(
            latents=5,
            channels=7,
            conditions=3,
            condition_width=10,
            width=24,
            heads=3,
            blocks=2,
            hidden=40,
        )
    )
    field = Field(
        FieldConfig(
            features=4,
            width=18,
            heads=2,
            blocks=2,
            hidden=28,
            head_width=20,
            head_heads=4,
            head_hidden=36,
        )
    )
    with torch.no_grad():
        for parameter in [*flow.parameters(), *field.parameters()]:
            scale = parameter.shape[-1] ** -0.5 if parameter.ndim == 2 else 0.2
            parameter.copy_(torch.randn_like(parameter) * scale)
        # A rougher field would magnify rounding at every step of the read-out.
        for parameter in field.parameters():
            parameter.mul_(0.4)
        flow.mean.copy_(torch.randn(7) * 0.2)
        flow.std.copy_(torch.rand(7) * 0.3 + 0.2)
    flow.requires_grad_(False)
    field.requires_grad_(False)
    return Generator(
        flow, field, ReadoutConfig(approaches=3), SamplingConfig(steps=4, guidance=2.0)
    )


def expected(generator: Generator) -> dict[str, torch.Tensor]:
    """Inputs and outputs by name; see the module's docstring."""
    torch.manual_seed(8)
    flow, field, readout = generator.flow, generator.field, generator.readout
    noise, conditions = torch.randn(1, 5, 7), torch.randn(1, 3, 10)
    latents = flow.sample(noise, conditions, 4, 2.0)
    queries = torch.rand(1, 33, 3) * 2 - torch.tensor([1.0, 1.0, 0.5])
    distance, direction, rgb = field(latents, queries)
    candidate_noise = torch.randn(readout.candidates(48), 3)
    starts = candidate_points(latents[0, :, :3], candidate_noise, readout)
    # A crowded and a sparse half of a sphere, some candidates astray.
    normals = torch.randn(600, 3)
    normals[:300, 2] = normals[:300, 2].abs() * 3
    normals = normals / normals.norm(dim=-1, keepdim=True)
    residual = torch.randn(600) * 0.02
    points = normals * 0.2
    kept = thin(points.numpy(), normals.numpy(), residual.numpy(), 200, readout)
    read = read_out(field, latents[0], candidate_noise, 48, readout)
    result = {
        "noise": noise[0],
        "conditions": conditions[0],
        "velocity": flow.velocity(noise, 0.25, conditions, 1.0)[0],
        "guided_velocity": flow.velocity(noise, 0.25, conditions, 2.0)[0],
        "latents": latents[0],
        "queries": queries[0],
        "distance": distance[0],
        "direction": direction[0],
        "rgb": rgb[0],
        "candidate_noise": candidate_noise,
        "starts": starts,
        "thin_points": points,
        "thin_normals": normals,
        "thin_residual": residual,
        "thin_kept": torch.from_numpy(kept),
        "read_points": torch.from_numpy(read[0]),
        "read_normals": torch.from_numpy(read[1]),
        "read_rgb": torch.from_numpy(read[2]),
    }
    return {name: value.float().contiguous() for name, value in result.items()}


def write_goldens(directory: Path) -> None:
    """Writes the three files."""
    generator = tiny_generator()
    generator.save(directory, torch.float32)
    write_tensors(expected(generator), directory / "expected.safetensors")


if __name__ == "__main__":
    write_goldens(Path(sys.argv[1]))
