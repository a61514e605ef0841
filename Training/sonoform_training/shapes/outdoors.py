"""Out of doors: house, tree."""

from __future__ import annotations

import numpy as np

from .building import Build, box
from .primitives import frustum, unit_gable, unit_sphere
from .shape import Piece


def house(build: Build) -> list[Piece]:
    """Box walls, a gable roof with the ridge along x, door and windows on -y."""
    half_x, half_y = 0.44, 0.32 * build.vary(0.04)
    walls, roof = 0.46 * build.vary(0.04), 0.36 * build.vary(0.05)
    front = -half_y
    pieces = [
        box("walls", (2 * half_x, 2 * half_y, walls), (0, 0, walls / 2)),
        Piece(
            "roof",
            unit_gable(),
            np.diag([1.0, 2 * half_y + 0.12, roof]),
            np.array([0, 0, walls]),
        ),
        box("door", (0.16, 0.03, 0.3), (0, front, 0.15)),
    ]
    size = 0.13 * build.vary(0.04)
    for x in _WINDOWS[build.counts["windows"]]:
        pieces.append(box("windows", (size, 0.03, size), (x, front, 0.25)))
    chimney = 0.1 * build.vary(0.06)
    pieces.append(box("chimney", (chimney, chimney, roof), (0.27, 0.14, walls + 0.6 * roof)))
    return pieces


_WINDOWS = {
    1: (0.26,),
    2: (-0.26, 0.26),
    3: (-0.345, -0.175, 0.26),
    4: (-0.345, -0.175, 0.175, 0.345),
}


def tree(build: Build) -> list[Piece]:
    """A trunk under a round crown."""
    trunk, crown = 0.075 * build.vary(0.08), 0.34 * build.vary(0.05)
    return [
        Piece(
            "leaves",
            unit_sphere(),
            np.diag([crown, crown, 0.33]),
            np.array([0, 0, 0.67]),
        ),
        Piece("trunk", frustum(trunk * 1.15, trunk * 0.9, 0, 0.5)),
    ]
