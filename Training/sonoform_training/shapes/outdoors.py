"""Out of doors: house, tower, tent, tree, pine tree, mushroom, flower, cactus."""

from __future__ import annotations

import numpy as np

from .building import Build, ball, box, capsule, panel, post
from .primitives import Lathe, frustum, unit_gable, unit_sphere
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


def tower(build: Build) -> list[Piece]:
    """A slim round body, a conical roof, windows one above the other on -y."""
    radius, eaves = 0.16 * build.vary(0.05), 0.7 + build.shift(0.02)
    roof = radius + 0.07 * build.vary(0.1)
    pieces = [
        Piece("body", frustum(radius * 1.1, radius, 0, eaves)),
        Piece("roof", frustum(roof, 0, eaves, 1)),
    ]
    count, size = build.counts["windows"], 0.085 * build.vary(0.04)
    for step in (np.arange(count) + 0.5) / count:
        height = 0.08 + step * (eaves - 0.12)
        pieces.append(box("windows", (size, 0.09, size), (0, -radius, height)))
    return pieces


def tent(build: Build) -> list[Piece]:
    """A triangular prism lying along y, a door at -y."""
    half, height = 0.4 * build.vary(0.05), 0.62 * build.vary(0.05)
    wide, tall = 0.17 * build.vary(0.06), 0.4 * build.vary(0.05)
    return [
        panel("body", [(-half, 0), (half, 0), (0, height)], 1),
        panel("door", [(-wide, 0), (wide, 0), (0, tall)], 0.04, (0, -0.5, 0)),
    ]


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


def pine_tree(build: Build) -> list[Piece]:
    """A trunk under stacked cones, the layers."""
    count, wide = build.counts["layers"], 0.36 * build.vary(0.05)
    trunk, low = 0.075 * build.vary(0.08), 0.25 + build.shift(0.02)
    step = (1 - low) / (count + 0.45)
    pieces = []
    for index in range(count):
        radius = wide * (1 - 0.48 * index / max(count - 1, 1))
        foot = low + index * step
        pieces.append(Piece("layers", frustum(radius, 0, foot, foot + 1.45 * step)))
    return [*pieces, Piece("trunk", frustum(trunk, trunk, 0, low + 0.02))]


def mushroom(build: Build) -> list[Piece]:
    """A stem under a dome cap."""
    wide, low = 0.42 * build.vary(0.05), 0.48 + build.shift(0.02)
    foot, top = 0.15 * build.vary(0.06), 0.12 * build.vary(0.06)
    angles = np.linspace(0, np.pi / 2, 13)
    dome = [(wide * float(np.cos(a)), low + 0.38 * float(np.sin(a))) for a in angles]
    return [
        Piece("cap", Lathe([(0, low), *dome])),
        Piece("stem", frustum(foot, top, 0, low)),
    ]


def flower(build: Build) -> list[Piece]:
    """Petals around a center, facing -y, on an upright stem."""
    count, reach = build.counts["petals"], 0.21 * build.vary(0.04)
    middle, long = 0.72, 0.14 * build.vary(0.04)
    # Neighbours leave a gap, so that petals stay petals.
    wide = min(0.115, 0.8 * reach * float(np.sin(np.pi / count)))
    pieces = []
    for angle in np.pi / 2 + 2 * np.pi * np.arange(count) / count:
        c, s = np.cos(angle), np.sin(angle)
        turn = np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
        centre = np.array([reach * c, 0, middle + reach * s])
        pieces.append(Piece("petals", unit_sphere(), turn @ np.diag([long, 0.04, wide]), centre))
    return [
        *pieces,
        ball("center", (0.095, 0.065, 0.095), (0, -0.015, middle)),
        post("stem", (0, 0.05, 0), (0, 0.05, middle), 0.03 * build.vary(0.08)),
    ]


def cactus(build: Build) -> list[Piece]:
    """An upright body with bent arms, in a pot."""
    radius, arm = 0.115 * build.vary(0.05), 0.062 * build.vary(0.06)
    pot, reach = 0.19 * build.vary(0.05), 0.25 * build.vary(0.04)
    pieces = [capsule("body", (0, 0, 0.2), (0, 0, 1 - radius), radius)]
    directions = [(1, 0), (-1, 0), (0, -1), (0, 1)]
    heights = [0.45, 0.57, 0.5, 0.62]
    for (x, y), height in list(zip(directions, heights, strict=True))[: build.counts["arms"]]:
        low = height + build.shift(0.015)
        elbow = (reach * x, reach * y, low)
        pieces.append(capsule("arms", (0.05 * x, 0.05 * y, low), elbow, arm))
        pieces.append(capsule("arms", elbow, (reach * x, reach * y, low + 0.22), arm))
    return [*pieces, Piece("pot", frustum(pot * 0.75, pot, 0, 0.24))]
