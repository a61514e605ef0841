"""What the builders of objects share: counts, seeded variation, boxes and legs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .primitives import unit_box
from .shape import Piece


@dataclass
class Build:
    """What a builder may ask: the counts of its parts, and small seeded variations."""

    counts: dict[str, int]
    rng: np.random.Generator | None = None

    def vary(self, amount: float) -> float:
        """A factor in [1 - amount, 1 + amount]; 1 for the nominal object."""
        return 1.0 if self.rng is None else 1 + amount * float(self.rng.uniform(-1, 1))

    def shift(self, amount: float) -> float:
        """An offset in [-amount, amount]; 0 for the nominal object."""
        return 0.0 if self.rng is None else amount * float(self.rng.uniform(-1, 1))


def box(
    part: str,
    size: Sequence[float],
    centre: Sequence[float] = (0.0, 0.0, 0.0),
    matrix: np.ndarray | None = None,
) -> Piece:
    """An axis-aligned box, or one turned by ``matrix`` about its centre."""
    turn = np.eye(3) if matrix is None else matrix
    return Piece(part, unit_box(), turn @ np.diag(np.asarray(size, float)), np.array(centre, float))


def legs(count: int, half_x: float, half_y: float, thick: float, height: float) -> list[Piece]:
    """Square legs from z = 0: at the corners of a rectangle for 4, arranged around it otherwise."""
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    places = {
        2: [(-1, 0), (1, 0)],
        3: [(-1, 1), (1, 1), (0, -1)],
        4: corners,
        5: [*corners, (0, 0)],
        6: [*corners, (-1, 0), (1, 0)] if half_y >= half_x else [*corners, (0, -1), (0, 1)],
    }[count]
    return [
        box("legs", (thick, thick, height), (half_x * x, half_y * y, height / 2)) for x, y in places
    ]


def turn_x(angle: float) -> np.ndarray:
    """Rotation about x by an angle in radians."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1.0, 0, 0], [0, c, -s], [0, s, c]])
