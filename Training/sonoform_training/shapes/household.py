"""Things of the household: mug."""

from __future__ import annotations

import numpy as np

from .building import Build
from .primitives import Lathe, Torus
from .shape import Piece


def mug(build: Build) -> list[Piece]:
    """An open upright cylinder, a handle at +x."""
    radius, height = 0.36 * build.vary(0.04), 0.9
    wall, floor = 0.055 * build.vary(0.08), 0.07
    inner = radius - wall
    body = Lathe(
        [(0, 0), (radius, 0), (radius, height), (inner, height), (inner, floor), (0, floor)]
    )
    bend, tube = 0.25 * build.vary(0.04), 0.05 * build.vary(0.08)
    upright = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
    # The arc ends inside the wall: it must neither stand off it nor come out in the cavity.
    reach = np.arccos(-0.6 * wall / bend)
    handle = Torus(bend, tube, (-reach, reach))
    return [
        Piece("body", body),
        Piece("handle", handle, upright, np.array([radius - 0.01, 0, height / 2])),
    ]
