"""Creatures and figures: snowman, robot, dog, fish."""

from __future__ import annotations

import numpy as np

from .building import Build, ball, box, capsule, panel, post, rod, turn_x, turn_z
from .primitives import frustum
from .shape import Piece


def snowman(build: Build) -> list[Piece]:
    """Stacked balls, the top one the head; nose at -y, a hat."""
    count, shrink = build.counts["balls"], 0.74 * build.vary(0.02)
    radius, height, pieces = 0.25 * build.vary(0.03), 0.0, []
    for index in range(count):
        height += radius if index == 0 else 0.85 * radius
        pieces.append(ball("balls", (radius, radius, radius), (0, 0, height)))
        if index < count - 1:
            height += 0.85 * radius
            radius *= shrink
    long = 0.13 * build.vary(0.08)
    brim, top = radius * 1.05, height + 0.9 * radius
    return [
        *pieces,
        rod("nose", (0, -0.8 * radius, height), (0, -radius - long, height), 0.04, 0.008),
        Piece("hat", frustum(brim, brim, top, top + 0.04)),
        Piece("hat", frustum(brim * 0.62, brim * 0.62, top + 0.04, top + 0.18)),
    ]


def robot(build: Build) -> list[Piece]:
    """A standing box figure facing -y."""
    half, deep = 0.19 * build.vary(0.04), 0.24 * build.vary(0.04)
    hip, shoulder = 0.3 + build.shift(0.015), 0.66
    leg, arm = 0.13 * build.vary(0.05), 0.09 * build.vary(0.05)
    head, crown = 0.3 * build.vary(0.04), 0.9
    face = -0.11
    pieces = [
        box("body", (2 * half, deep, shoulder - hip), (0, 0, (hip + shoulder) / 2)),
        box("head", (head, -2 * face, crown - shoulder), (0, 0, (crown + shoulder) / 2)),
    ]
    for x in (-1, 1):
        middle = (x * (half + arm / 2), 0, shoulder - 0.17)
        pieces.append(box("arms", (arm, 0.12, 0.34), middle))
    for x in (-1, 1):
        pieces.append(box("legs", (leg, 0.16, hip), (x * (half - leg / 2 - 0.01), 0, hip / 2)))
    for x in (-1, 1):
        pieces.append(ball("eyes", (0.042, 0.035, 0.042), (x * head * 0.24, face, 0.79)))
    count = build.counts["antenna"]
    for x in (np.arange(count) - (count - 1) / 2) * 0.125:
        pieces.append(post("antenna", (x, 0, crown), (x, 0, crown + 0.1), 0.02))
        pieces.append(ball("antenna", (0.034, 0.034, 0.034), (x, 0, crown + 0.11)))
    return pieces


def dog(build: Build) -> list[Piece]:
    """Standing on four legs along x, head at -x, tail up at +x."""
    thick, back = 0.125 * build.vary(0.05), 0.45 + build.shift(0.015)
    leg, head = 0.048 * build.vary(0.06), 0.125 * build.vary(0.04)
    brow = 0.68 + build.shift(0.015)
    pieces = [
        capsule("body", (-0.2, 0, back), (0.2, 0, back), thick),
        capsule("head", (-0.24, 0, back + 0.03), (-0.33, 0, brow - 0.05), 0.075),
        ball("head", (head, head * 0.92, head), (-0.35, 0, brow)),
        capsule("head", (-0.42, 0, brow - 0.035), (-0.51, 0, brow - 0.045), 0.06),
    ]
    for x in (-0.22, 0.22):
        for y in (-1, 1):
            place = (x, y * 0.075)
            pieces.append(post("legs", (*place, 0), (*place, back), leg))
    pieces.append(capsule("tail", (0.3, 0, back + 0.06), (0.43, 0, back + 0.2), 0.033))
    for y in (-1, 1):
        tilt = turn_x(y * 0.25)
        ear = ball("ears", (0.05, 0.03, 0.1), (0, 0, 0))
        pieces.append(ear.then(tilt, np.array([-0.31, y * (head * 0.92 + 0.005), brow + 0.0])))
    return pieces


def fish(build: Build) -> list[Piece]:
    """Along x, head at -x, the tail upright."""
    tall, thick = 0.22 * build.vary(0.05), 0.13 * build.vary(0.05)
    long = 0.38
    tail = 0.2 * build.vary(0.06)
    outline = [(0.0, -0.035), (0.24, -tail), (0.18, 0), (0.24, tail), (0.0, 0.035)]
    pieces = [
        ball("body", (long, thick, tall), (-0.12, 0, 0)),
        panel("tail", outline, 0.045, (long - 0.17, 0, 0)),
        panel(
            "fins",
            [(-0.14, 0), (0.16, 0), (0.2, 0.15), (0.02, 0.15)],
            0.045,
            (-0.1, 0, tall - 0.04),
        ),
    ]
    fin = [(0, -0.05), (0.14, -0.12), (0.14, 0.0), (0, 0.03)]
    for y in (-1, 1):
        turn = turn_z(y * 0.6)
        pieces.append(panel("fins", fin, 0.045, (-0.16, y * (thick - 0.03), -0.03), turn))
    for y in (-1, 1):
        pieces.append(ball("eyes", (0.04, 0.035, 0.04), (-0.36, y * thick * 0.74, 0.055)))
    return pieces
