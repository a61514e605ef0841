"""Output projector: hidden states of an object's signal tokens -> what the generator reads.

[K, W] -> condition tokens [K, C] and place [4] = (x, y, z, log scale).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class OutputProjectorConfig:
    """``config.json`` of the projector; ``signals`` is K, ``output_size`` C."""

    input_size: int = 256
    hidden_size: int = 512
    output_size: int = 192
    signals: int = 8
    place_hidden_size: int = 128

    def to_json(self) -> dict:
        """The object written to config.json."""
        return {"type": "mlp", **asdict(self)}

    @classmethod
    def from_json(cls, data: dict) -> OutputProjectorConfig:
        """Reads config.json's object; the type is checked."""
        if data.get("type") != "mlp":
            raise ValueError(f"output projector of type {data.get('type')!r}, expected 'mlp'")
        return cls(**{key: value for key, value in data.items() if key != "type"})


class OutputProjector(nn.Module):
    """One MLP shared by the K signals, and one that reads their mean for the place."""

    def __init__(self, config: OutputProjectorConfig) -> None:
        """Fresh weights."""
        super().__init__()
        self.config = config
        self.fc1 = nn.Linear(config.input_size, config.hidden_size)
        self.fc2 = nn.Linear(config.hidden_size, config.output_size)
        self.place_fc1 = nn.Linear(config.input_size, config.place_hidden_size)
        self.place_fc2 = nn.Linear(config.place_hidden_size, 4)

    def forward(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """[..., K, W] -> conditions [..., K, C], place [..., 4]."""
        conditions = self.fc2(functional.gelu(self.fc1(hidden)))
        mean = hidden.mean(dim=-2)
        return conditions, self.place_fc2(functional.gelu(self.place_fc1(mean)))


@dataclass(frozen=True)
class QueryTransformerConfig:
    """``config.json`` of the tiny transformer; ``signals`` is K, ``output_size`` C."""

    input_size: int
    hidden_size: int
    output_size: int
    signals: int
    queries: int
    heads: int = 4
    encoder_layers: int = 4
    decoder_layers: int = 4
    feed_forward_size: int = 2048
    place_hidden_size: int = 128

    def to_json(self) -> dict:
        """The object written to config.json."""
        return {"type": "transformer", **asdict(self)}


class QueryTransformerProjector(nn.Module):
    """Learned queries read the signals by an ``nn.Transformer`` (NExT-GPT), and the place's MLP."""

    def __init__(self, config: QueryTransformerConfig) -> None:
        """Fresh weights; the names are NExT-GPT's."""
        super().__init__()
        width = config.hidden_size
        self.fc = nn.Linear(config.input_size, width)
        self.tfm = nn.Transformer(
            d_model=width,
            nhead=config.heads,
            num_encoder_layers=config.encoder_layers,
            num_decoder_layers=config.decoder_layers,
            dim_feedforward=config.feed_forward_size,
            dropout=0.0,
            batch_first=True,
        )
        self.query_embs = nn.Parameter(torch.randn(config.queries, width))
        self.model = nn.Linear(width, config.output_size)
        self.place_fc1 = nn.Linear(config.input_size, config.place_hidden_size)
        self.place_fc2 = nn.Linear(config.place_hidden_size, 4)

    def forward(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """[B, K, W] -> conditions [B, queries, C], place [B, 4]."""
        queries = self.query_embs.expand(len(hidden), -1, -1)
        place = self.place_fc2(functional.gelu(self.place_fc1(hidden.mean(dim=-2))))
        return self.model(self.tfm(self.fc(hidden), queries)), place
