"""Furniture: chair, table, lamp."""

from __future__ import annotations

from .building import Build, box, legs, turn_x
from .primitives import frustum
from .shape import Piece


def chair(build: Build) -> list[Piece]:
    """Seat at 0.45 of the height, back on the +y side, legs to the ground."""
    half = 0.27 * build.vary(0.04)
    seat, thick = 0.06 * build.vary(0.08), 0.07 * build.vary(0.08)
    back = 0.06 * build.vary(0.08)
    inset = half - thick / 2 - 0.01 * build.vary(0.5)
    slant = 0.06 + build.shift(0.04)
    height = 0.57
    return [
        box("seat", (2 * half, 2 * half, seat), (0, 0, 0.45 - seat / 2)),
        # Its foot is sunk into the seat, so that the slant leaves no gap.
        box(
            "back",
            (2 * half, back, height),
            (0, half - back / 2 + slant * height / 2 - 0.005, 0.44 + height / 2),
            turn_x(-slant),
        ),
        *legs(build.counts["legs"], inset, inset, thick, 0.45 - seat),
    ]


def table(build: Build) -> list[Piece]:
    """A rectangular top on legs."""
    top, thick = 0.06 * build.vary(0.08), 0.07 * build.vary(0.08)
    depth, height = 0.62 * build.vary(0.04), 0.6 * build.vary(0.04)
    inset = thick / 2 + 0.02 * build.vary(0.5)
    return [
        box("top", (1, depth, top), (0, 0, height - top / 2)),
        *legs(build.counts["legs"], 0.5 - inset, depth / 2 - inset, thick, height - top),
    ]


def lamp(build: Build) -> list[Piece]:
    """A flat base, a thin pole, a truncated cone shade on top."""
    base, pole = 0.19 * build.vary(0.06), 0.03 * build.vary(0.08)
    wide, narrow = 0.28 * build.vary(0.05), 0.16 * build.vary(0.06)
    low = 0.64 + build.shift(0.02)
    return [
        Piece("shade", frustum(wide, narrow, low, 1)),
        Piece("pole", frustum(pole, pole, 0.02, low)),
        Piece("base", frustum(base, base * 0.9, 0, 0.05)),
    ]
