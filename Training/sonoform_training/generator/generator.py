"""The whole modality generator at inference: flow, field, read-out; and its folder on disk.

``config.json``:
    {"type": "latent_set_flow", "flow": {…FlowConfig}, "field": {…FieldConfig},
     "readout": {…ReadoutConfig}, "sampling": {"steps": 4, "guidance": 1.0}}
``model.safetensors``: the state dicts of both networks under "flow." and "field."; the latents'
statistics are "flow.mean" and "flow.std" [3 + F], always F32.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from .field import Field, FieldConfig
from .flow import Flow, FlowConfig
from .readout import ReadoutConfig, read_out

TYPE = "latent_set_flow"


def write_tensors(tensors: dict[str, Tensor], path: Path) -> None:
    """A safetensors file that others may read (the library writes it for its owner only)."""
    save_file(tensors, path)
    path.chmod(0o644)


@dataclass(frozen=True)
class SamplingConfig:
    """Defaults of the sampler; the caller may choose others."""

    steps: int = 4
    guidance: float = 1.0


@dataclass
class Generator:
    """Condition tokens in, point cloud out."""

    flow: Flow
    field: Field
    readout: ReadoutConfig
    sampling: SamplingConfig

    def noise(self, seed: int, points: int) -> tuple[Tensor, Tensor]:
        """A seed's latent noise [L, 3 + F] and candidate noise [M, 3] for N points."""
        random = torch.Generator().manual_seed(seed)
        shape = (self.flow.config.latents, self.flow.config.channels)
        latent = torch.randn(shape, generator=random)
        return latent, torch.randn((self.readout.candidates(points), 3), generator=random)

    @torch.no_grad()
    def __call__(
        self,
        conditions: Tensor,
        seed: int,
        points: int = 4096,
        stretch: tuple[float, float, float] = (1.0, 1.0, 1.0),
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Conditions [K, C] -> points, normals, rgb, each [N, 3]: the medium object, stretched."""
        noise, _ = self.noise(seed, points)
        latents = self.flow.sample(
            noise[None], conditions[None], self.sampling.steps, self.sampling.guidance
        )
        return self.read(latents[0], seed, points, stretch)

    @torch.no_grad()
    def read(
        self,
        latents: Tensor,
        seed: int,
        points: int = 4096,
        stretch: tuple[float, float, float] = (1.0, 1.0, 1.0),
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Latents [L, 3 + F], of the flow or of codes, -> points, normals, rgb, each [N, 3]."""
        _, candidates = self.noise(seed, points)
        return read_out(self.field, latents, candidates, points, self.readout, stretch)

    def save(self, directory: Path, dtype: torch.dtype) -> None:
        """Writes the folder, weights in ``dtype``."""
        directory.mkdir(parents=True, exist_ok=True)
        tensors = {f"flow.{name}": value for name, value in self.flow.state_dict().items()}
        tensors |= {f"field.{name}": value for name, value in self.field.state_dict().items()}
        exact = ("flow.mean", "flow.std")
        tensors = {
            name: value.to(torch.float32 if name in exact else dtype).contiguous()
            for name, value in tensors.items()
        }
        write_tensors(tensors, directory / "model.safetensors")
        config = {
            "type": TYPE,
            "flow": asdict(self.flow.config),
            "field": asdict(self.field.config),
            "readout": asdict(self.readout),
            "sampling": asdict(self.sampling),
        }
        (directory / "config.json").write_text(json.dumps(config, indent=2) + "\n")

    @classmethod
    def load(cls, directory: Path) -> Generator:
        """Reads the folder, weights as float32."""
        config = json.loads((directory / "config.json").read_text())
        if config["type"] != TYPE:
            raise ValueError(f"{directory}: expected type {TYPE!r}, got {config['type']!r}")
        flow, field = Flow(FlowConfig(**config["flow"])), Field(FieldConfig(**config["field"]))
        tensors = load_file(directory / "model.safetensors")
        for prefix, module in (("flow.", flow), ("field.", field)):
            mine = {
                name.removeprefix(prefix): value.float()
                for name, value in tensors.items()
                if name.startswith(prefix)
            }
            module.load_state_dict(mine)
            module.eval().requires_grad_(False)
        return cls(
            flow,
            field,
            ReadoutConfig(**config["readout"]),
            SamplingConfig(**config["sampling"]),
        )
