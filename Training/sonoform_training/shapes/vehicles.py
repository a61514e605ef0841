"""Vehicles: car, truck, airplane, rocket, boat."""

from __future__ import annotations

import numpy as np

from .building import Build, ball, box, capsule, panel, post, rod, turn_z
from .primitives import Convex, frustum
from .shape import Piece


def _wheels(count: int, first: float, last: float, side: float, radius: float) -> list[Piece]:
    """Wheels on the ground at y = -side and +side, an odd one more at -y."""
    pieces = []
    for y, mine in ((-1, (count + 1) // 2), (1, count // 2)):
        for x in np.linspace(first, last, mine):
            inner, outer = y * (side - 0.05), y * (side + 0.035)
            pieces.append(rod("wheels", (x, inner, radius), (x, outer, radius), radius))
    return pieces


def _block(corners: list[tuple[float, float]], half: float, top: float | None = None) -> Convex:
    """An outline [(x, z), …] as thick as 2 half along y, at its highest corners 2 top."""
    highest = max(z for _, z in corners)
    return Convex(
        [
            (x, y * (top if top is not None and z == highest else half), z)
            for x, z in corners
            for y in (-1, 1)
        ]
    )


def car(build: Build) -> list[Piece]:
    """Along x, front at -x: a low body, a cabin of glass, wheels."""
    half, wheel = 0.21 * build.vary(0.04), 0.105 * build.vary(0.04)
    belt, roof = 0.3 + build.shift(0.01), 0.47 * build.vary(0.03)
    body = _block([(-0.5, 0.1), (0.5, 0.1), (0.5, belt), (-0.47, belt - 0.05), (-0.2, belt)], half)
    cabin = [(-0.24, belt), (0.38, belt), (0.27, roof), (-0.08, roof)]
    return [
        Piece("body", body),
        Piece("cabin", _block(cabin, half - 0.02, half - 0.06)),
        *_wheels(build.counts["wheels"], -0.31, 0.31, half, wheel),
    ]


def truck(build: Build) -> list[Piece]:
    """Along x, cab at -x, a box of cargo behind it."""
    half, top = 0.18 * build.vary(0.04), 0.56 * build.vary(0.04)
    floor, wheel = 0.14, 0.08 * build.vary(0.04)
    front, roof = -0.24, 0.42 + build.shift(0.015)
    cab = [(-0.5, floor), (front - 0.03, floor), (front - 0.03, roof), (-0.43, roof), (-0.5, 0.28)]
    return [
        box(
            "cargo", (0.5 - front, 2 * half, top - floor), ((0.5 + front) / 2, 0, (top + floor) / 2)
        ),
        Piece("cab", _block(cab, half - 0.01)),
        box("cab", (0.08, 0.16, 0.08), (front - 0.02, 0, floor + 0.06)),
        *_wheels(build.counts["wheels"], -0.385, 0.4, half, wheel),
    ]


def airplane(build: Build) -> list[Piece]:
    """Along x, nose at -x, wings along y, engines under them (a third on the tail)."""
    radius, span = 0.075 * build.vary(0.05), 0.46 * build.vary(0.04)
    sweep, thick = 0.16 * build.vary(0.1), 0.04
    pieces = [capsule("body", (-0.5 + radius, 0, 0), (0.5 - radius, 0, 0.01), radius)]

    def wing(part: str, x: float, z: float, reach: float, root: float, tip: float) -> list[Piece]:
        back = sweep * reach / span
        result = []
        for y in (-1, 1):
            corners = [(x, 0), (x + root, 0), (x + back + tip, y * reach), (x + back, y * reach)]
            hull = Convex([(a, b, z + c * thick / 2) for a, b in corners for c in (-1, 1)])
            result.append(Piece(part, hull))
        return result

    pieces += wing("wings", -0.16, -0.01, span, 0.24, 0.12)
    pieces += wing("tail", 0.34, 0.03, 0.18, 0.13, 0.09)
    pieces.append(
        panel("tail", [(0.3, 0), (0.46, 0), (0.5, 0.24), (0.41, 0.24)], thick, (0, 0, 0.03))
    )
    places = {2: [(-0.2, -1), (0.2, -1)], 3: [(-0.2, -1), (0.2, -1), (0, 1)],
              4: [(-0.17, -1), (0.17, -1), (-0.33, -1), (0.33, -1)]}  # fmt: skip
    engine = 0.042 * build.vary(0.06)
    for y, side in places[build.counts["engines"]]:
        if side < 0:
            x = -0.17 + sweep * abs(y) / span
            pieces.append(rod("engines", (x, y, -0.065), (x + 0.15, y, -0.065), engine))
        else:
            pieces.append(rod("engines", (0.17, 0, 0.1), (0.32, 0, 0.1), engine))
    return pieces


def rocket(build: Build) -> list[Piece]:
    """Upright, conical nose up, fins at the bottom, a window on -y."""
    radius, shoulder = 0.14 * build.vary(0.05), 0.68 + build.shift(0.02)
    count, reach = build.counts["fins"], 0.15 * build.vary(0.06)
    pieces = [
        Piece("body", frustum(radius, radius, 0.08, shoulder)),
        Piece("nose", frustum(radius, 0, shoulder, 1)),
    ]
    inner = radius - 0.03
    outline = [(inner, 0.1), (radius + reach, 0), (radius + reach, 0.14), (inner, 0.34)]
    for angle in 2 * np.pi * (np.arange(count) + 0.5) / count - np.pi / 2:
        pieces.append(panel("fins", outline, 0.045, turn=turn_z(angle)))
    pieces.append(ball("window", (0.065, 0.05, 0.065), (0, -radius + 0.015, 0.53)))
    return pieces


def boat(build: Build) -> list[Piece]:
    """A hull along x, the bow at -x; every sail has its mast."""
    half, deep = 0.16 * build.vary(0.05), 0.19 * build.vary(0.05)
    count = build.counts["sail"]
    hull = Convex(
        [
            *[(-0.5, 0, deep + 0.03), (-0.36, 0, 0)],
            *[(x, y * half, deep) for x in (-0.2, 0.42) for y in (-1, 1)],
            *[(x, y * half * 0.55, 0) for x in (-0.2, 0.36) for y in (-1, 1)],
        ]
    )
    pieces = [Piece("hull", hull)]
    first, room = -0.24 if count > 1 else -0.12, {1: 0.48, 2: 0.32, 3: 0.22}[count]
    top = 0.95 * build.vary(0.02)
    masts = first + np.arange(count) * {1: 0, 2: 0.37, 3: 0.25}[count]
    for index, x in enumerate(masts):
        head = top - 0.06 * abs(index - (count - 1) / 2)
        outline = [(x + 0.035, deep + 0.08), (x + room, deep + 0.08), (x + 0.035, head - 0.03)]
        pieces.append(panel("sail", outline, 0.04))
    for index, x in enumerate(masts):
        head = top - 0.06 * abs(index - (count - 1) / 2)
        pieces.append(post("mast", (x, 0, deep - 0.02), (x, 0, head), 0.022))
    return pieces
