"""Furniture: chair, stool, table, bench, sofa, bed, bookshelf, lamp, ladder."""

from __future__ import annotations

import numpy as np

from .building import Build, ball, box, legs, post, rod, turn_x
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


def stool(build: Build) -> list[Piece]:
    """A round seat on leaning round legs, no back."""
    height, radius = 0.8 * build.vary(0.03), 0.29 * build.vary(0.04)
    seat, thick = 0.09 * build.vary(0.08), 0.042 * build.vary(0.08)
    count = build.counts["legs"]
    pieces = [Piece("seat", frustum(radius, radius, height - seat, height))]
    for angle in 2 * np.pi * np.arange(count) / count - np.pi / 2:
        out = np.array([np.cos(angle), np.sin(angle), 0.0])
        foot, head = out * (radius + 0.02), out * (radius - 0.09)
        head[2] = height - seat
        pieces.append(post("legs", foot, head, thick))
    return pieces


def table(build: Build) -> list[Piece]:
    """A rectangular top on legs."""
    top, thick = 0.06 * build.vary(0.08), 0.07 * build.vary(0.08)
    depth, height = 0.62 * build.vary(0.04), 0.6 * build.vary(0.04)
    inset = thick / 2 + 0.02 * build.vary(0.5)
    return [
        box("top", (1, depth, top), (0, 0, height - top / 2)),
        *legs(build.counts["legs"], 0.5 - inset, depth / 2 - inset, thick, height - top),
    ]


def bench(build: Build) -> list[Piece]:
    """A long seat along x on legs, no back."""
    seat, thick = 0.07 * build.vary(0.08), 0.08 * build.vary(0.08)
    depth, height = 0.34 * build.vary(0.04), 0.44 * build.vary(0.04)
    inset = thick / 2 + 0.03 * build.vary(0.4)
    return [
        box("seat", (1, depth, seat), (0, 0, height - seat / 2)),
        *legs(build.counts["legs"], 0.5 - inset, depth / 2 - inset, thick, height - seat),
    ]


def sofa(build: Build) -> list[Piece]:
    """A deep seat with cushions, the back on +y, an arm at either end."""
    depth, arm = 0.46 * build.vary(0.04), 0.1 * build.vary(0.06)
    seat, back = 0.2 * build.vary(0.05), 0.12 * build.vary(0.06)
    tall, side = 0.5 * build.vary(0.04), 0.34 * build.vary(0.04)
    inner = 1 - 2 * arm
    pieces = [
        box("seat", (inner, depth, seat), (0, 0, seat / 2)),
        box("back", (inner, back, tall), (0, depth / 2 - back / 2, tall / 2)),
    ]
    for x in (-1, 1):
        pieces.append(box("arms", (arm, depth, side), (x * (0.5 - arm / 2), 0, side / 2)))
    count, gap, thick = build.counts["cushions"], 0.04, 0.09
    room = depth - back - 0.02
    width = (inner - (count + 1) * gap) / count
    for index in range(count):
        x = -inner / 2 + gap + width / 2 + index * (width + gap)
        middle = (x, -depth / 2 + room / 2 + 0.005, seat + thick / 2)
        pieces.append(box("cushions", (width, room - 0.01, thick), middle))
    return pieces


def bed(build: Build) -> list[Piece]:
    """Lying along y: a mattress on legs, headboard and pillow at +y."""
    half, leg = 0.31 * build.vary(0.04), 0.16 * build.vary(0.05)
    thick, mattress = 0.085 * build.vary(0.06), 0.17 * build.vary(0.05)
    board, tall = 0.06, 0.58 * build.vary(0.04)
    top = leg + mattress
    end = 0.5 - board
    inset = thick / 2 + 0.005
    return [
        box("mattress", (2 * half, 1 - board, mattress), (0, -board / 2, leg + mattress / 2)),
        box("headboard", (2 * half, board, tall - leg), (0, 0.5 - board / 2, (tall + leg) / 2)),
        ball("pillow", (half * 0.68, 0.13, 0.07), (0, end - 0.16, top + 0.03)),
        *legs(build.counts["legs"], half - inset, 0.5 - inset, thick, leg),
    ]


def bookshelf(build: Build) -> list[Piece]:
    """An upright frame with a back at +y, open at -y, shelves inside."""
    half, deep = 0.31 * build.vary(0.04), 0.28 * build.vary(0.04)
    board, panel = 0.045 * build.vary(0.06), 0.04
    inner = 2 * (half - board)
    pieces = [
        box("frame", (board, deep, 1), (-half + board / 2, 0, 0.5)),
        box("frame", (board, deep, 1), (half - board / 2, 0, 0.5)),
        box("frame", (inner, deep, board), (0, 0, board / 2)),
        box("frame", (inner, deep, board), (0, 0, 1 - board / 2)),
        box("frame", (inner, panel, 1 - 2 * board), (0, deep / 2 - panel / 2, 0.5)),
    ]
    count = build.counts["shelves"]
    for step in np.arange(1, count + 1) / (count + 1):
        height = board + step * (1 - 2 * board)
        middle = (0, -panel / 2, height)
        pieces.append(box("shelves", (inner, deep - panel, board * 0.85), middle))
    return pieces


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


def ladder(build: Build) -> list[Piece]:
    """Two upright rails with rungs between them along x."""
    half, rail = 0.21 * build.vary(0.05), 0.06 * build.vary(0.06)
    rung, count = 0.024 * build.vary(0.06), build.counts["rungs"]
    pieces = [box("rails", (rail, rail, 1), (x * half, 0, 0.5)) for x in (-1, 1)]
    for height in (np.arange(count) + 0.5) / count * 0.96 + 0.02:
        pieces.append(rod("rungs", (-half, 0, height), (half, 0, height), rung))
    return pieces
