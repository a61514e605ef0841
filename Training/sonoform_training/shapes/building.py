"""What the builders of objects share: counts, seeded variation, and the usual pieces.

Lengths are in any unit (shapes are normalised afterwards); x is right, the front is -y, z is up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .primitives import Prism, frustum, rounded, unit_box, unit_sphere
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


def ball(part: str, radii: Sequence[float], centre: Sequence[float]) -> Piece:
    """An ellipsoid with its axes along x, y and z."""
    return Piece(part, unit_sphere(), np.diag(np.asarray(radii, float)), np.array(centre, float))


def post(
    part: str,
    foot: Sequence[float],
    head: Sequence[float],
    radius: float,
    top: float | None = None,
) -> Piece:
    """A round post between two heights: leaning ones are sheared, so their ends stay level."""
    foot, head = np.array(foot, float), np.array(head, float)
    solid = frustum(radius, radius if top is None else top, 0, 1)
    matrix = np.column_stack([[1.0, 0, 0], [0.0, 1, 0], head - foot])
    return Piece(part, solid, matrix, foot)


def rod(
    part: str,
    start: Sequence[float],
    end: Sequence[float],
    radius: float,
    last: float | None = None,
) -> Piece:
    """A round rod, or a cone, in any direction; its ends are flat and square to it."""
    start, end = np.array(start, float), np.array(end, float)
    length = float(np.linalg.norm(end - start))
    solid = frustum(radius, radius if last is None else last, 0, length)
    return Piece(part, solid, _frame((end - start) / length), start)


def capsule(part: str, start: Sequence[float], end: Sequence[float], radius: float) -> Piece:
    """A rod with round ends, whose middles are ``start`` and ``end``."""
    start, end = np.array(start, float), np.array(end, float)
    length = float(np.linalg.norm(end - start))
    return Piece(part, rounded(radius, length), _frame((end - start) / length), start)


def panel(
    part: str,
    outline: Sequence[tuple[float, float]],
    thickness: float,
    centre: Sequence[float] = (0.0, 0.0, 0.0),
    turn: np.ndarray | None = None,
) -> Piece:
    """An upright panel that faces -y: an outline [(x, z), …], counter-clockwise as seen from -y,
    star-shaped about the mean of its corners."""
    upright = np.array([[1.0, 0, 0], [0, 0, -thickness], [0, 1, 0]])
    matrix = upright if turn is None else turn @ upright
    return Piece(part, Prism(outline), matrix, np.array(centre, float))


def turn_x(angle: float) -> np.ndarray:
    """Rotation about x by an angle in radians."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[1.0, 0, 0], [0, c, -s], [0, s, c]])


def turn_z(angle: float) -> np.ndarray:
    """Rotation about z by an angle in radians: from x towards y."""
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])


def _frame(direction: np.ndarray) -> np.ndarray:
    """A rotation that takes z to a direction."""
    helper = np.array([0.0, 1, 0]) if abs(direction[1]) < 0.9 else np.array([1.0, 0, 0])
    x = np.cross(helper, direction)
    x /= np.linalg.norm(x)
    return np.column_stack([x, np.cross(direction, x), direction])
