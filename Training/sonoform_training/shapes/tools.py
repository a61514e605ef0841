"""Tools and arms: hammer, sword, umbrella."""

from __future__ import annotations

import numpy as np

from .building import Build, ball, box, post
from .primitives import Convex, Torus, frustum, shell
from .shape import Piece


def hammer(build: Build) -> list[Piece]:
    """Standing, handle along z, head across x on top: a face at -x, a wedge at +x."""
    long, thick = 0.24 * build.vary(0.05), 0.13 * build.vary(0.05)
    low, top = 0.84, 1.0
    handle = 0.05 * build.vary(0.06)
    half = thick / 2
    wedge = Convex(
        [
            *[(0.06, y * half, z) for y in (-1, 1) for z in (low, top)],
            *[(long, y * half, z) for y in (-1, 1) for z in (low + 0.05, low + 0.09)],
        ]
    )
    return [
        box("head", (0.14, thick, top - low), (0, 0, (low + top) / 2)),
        box(
            "head",
            (long - 0.05, thick * 1.15, top - low + 0.02),
            (-long / 2 - 0.03, 0, (low + top) / 2),
        ),
        Piece("head", wedge),
        post("handle", (0, 0, 0), (0, 0, low), handle, handle * 0.85),
    ]


def sword(build: Build) -> list[Piece]:
    """Upright, blade up: a blade with a point, a guard across x, a handle with a pommel."""
    wide, thick = 0.065 * build.vary(0.06), 0.03
    guard, low = 0.17 * build.vary(0.05), 0.24 + build.shift(0.01)
    section = [(-wide, 0), (0, -thick), (wide, 0), (0, thick)]
    blade = [(x, y, low) for x, y in section] + [(x * 0.8, y * 0.8, 0.87) for x, y in section]
    return [
        Piece("blade", Convex([*blade, (0, 0, 1)])),
        box("guard", (2 * guard, 0.075, 0.055), (0, 0, low)),
        post("handle", (0, 0, 0.05), (0, 0, low), 0.033 * build.vary(0.06)),
        ball("handle", (0.05, 0.05, 0.045), (0, 0, 0.045)),
    ]


def umbrella(build: Build) -> list[Piece]:
    """An open canopy on a shaft with a hooked handle."""
    wide, low = 0.45 * build.vary(0.04), 0.66 + build.shift(0.02)
    angles = np.linspace(0, np.pi / 2, 13)
    # The shell opens downwards: its profile is a bowl's, turned over.
    bowl = [(wide * float(np.sin(a)), 0.3 - 0.3 * float(np.cos(a))) for a in angles]
    over = np.diag([1.0, -1, -1])
    shaft, hook = 0.024 * build.vary(0.06), 0.075 * build.vary(0.06)
    upright = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
    return [
        Piece("canopy", shell(bowl, 0.045), over, np.array([0, 0, low + 0.3])),
        Piece("handle", frustum(shaft, shaft, hook, low + 0.28)),
        Piece("handle", frustum(0.02, 0.01, low + 0.29, low + 0.35)),
        Piece("handle", Torus(hook, 0.03, (-np.pi, 0)), upright, np.array([hook, 0, hook])),
    ]
