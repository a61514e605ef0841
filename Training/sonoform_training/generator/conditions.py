"""Condition tokens [K, C]: the structured description as the flow reads it.

The tokens are sums of fixed random codes, one code per word and role, seeded: nothing in them is
learned, so every stage can train against them at once and they never move. K = 8:
    token 0, 1   object (two independent codes)
    token 2..7   the object's parts in the language's order: part name, colour and count;
                 a code of its own where the object has no such part
Each token is a sum of n unit-variance codes divided by sqrt(n), so of about unit variance. Two
tokens that differ in one word are far apart (128 in squared distance for a part's colour), so the
flow tolerates conditions that are only nearly right. Size and proportion are no conditions: they
scale and stretch the result, so every object has every proportion exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from ..descriptions import Description
from ..language import load_language

PART_TOKENS = 6


@dataclass(frozen=True)
class ConditionConfig:
    """K tokens of C channels; the codes are drawn from ``seed``."""

    tokens: int = 2 + PART_TOKENS
    width: int = 192
    seed: int = 20


class ConditionEncoder:
    """Descriptions -> condition tokens; see the module's docstring."""

    def __init__(
        self, config: ConditionConfig | None = None, codes: dict[str, Tensor] | None = None
    ) -> None:
        """Draws the codes, unless given ("role/word" -> [C])."""
        self.config = config or ConditionConfig()
        if self.config.tokens != 2 + PART_TOKENS:
            raise ValueError(f"expected {2 + PART_TOKENS} condition tokens: {self.config}")
        self.codes = codes or self._draw()

    def _draw(self) -> dict[str, Tensor]:
        language = load_language()
        parts = sorted({name for kind in language.objects.values() for name in kind.parts})
        names = []
        for copy in (0, 1):
            names += [f"object{copy}/{name}" for name in language.objects]
        names += [f"part/{name}" for name in ("none", *parts)]
        names += [f"colour/{name}" for name in language.colours]
        names += [f"count/{name}" for name in ("none", *language.count_words.values())]
        generator = torch.Generator().manual_seed(self.config.seed)
        return {name: torch.randn(self.config.width, generator=generator) for name in names}

    def _tokens(self, description: Description) -> Tensor:
        tokens = [[f"object{copy}/{description.object}"] for copy in (0, 1)]
        for part in description.resolved().values():
            tokens.append(
                [f"part/{part.name}", f"colour/{part.colour}", f"count/{part.count or 'none'}"]
            )
        tokens += [["part/none"]] * (self.config.tokens - len(tokens))
        return torch.stack(
            [sum(self.codes[name] for name in names) / len(names) ** 0.5 for names in tokens]
        )

    def encode(self, descriptions: Sequence[Description]) -> Tensor:
        """B descriptions -> [B, K, C] float32."""
        return torch.stack([self._tokens(description) for description in descriptions])

    def save(self, path: str | Path) -> None:
        """Writes configuration and codes."""
        torch.save({"config": asdict(self.config), "codes": self.codes}, path)

    @classmethod
    def load(cls, path: str | Path) -> ConditionEncoder:
        """Reads what ``save`` wrote."""
        data = torch.load(path, weights_only=True)
        return cls(ConditionConfig(**data["config"]), data["codes"])


def main() -> None:
    """Writes the codes: ``python -m sonoform_training.generator.conditions PATH``."""
    import sys

    ConditionEncoder().save(sys.argv[1])


if __name__ == "__main__":
    main()
