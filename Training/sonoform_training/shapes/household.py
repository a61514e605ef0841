"""Things of the household: mug, bottle, bowl, vase, plate, wine glass, teapot."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from .building import Build, ball, post, rod
from .primitives import Lathe, Torus, frustum, shell
from .shape import Piece

# A torus lies flat; this stands it up in the xz plane.
_UPRIGHT = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])


def mug(build: Build) -> list[Piece]:
    """An open upright cylinder, a handle at +x."""
    radius, height = 0.36 * build.vary(0.04), 0.9
    wall, floor = 0.055 * build.vary(0.08), 0.07
    inner = radius - wall
    body = Lathe(
        [(0, 0), (radius, 0), (radius, height), (inner, height), (inner, floor), (0, floor)]
    )
    bend, tube = 0.25 * build.vary(0.04), 0.05 * build.vary(0.08)
    # The arc ends inside the wall: it must neither stand off it nor come out in the cavity.
    reach = np.arccos(-0.6 * wall / bend)
    handle = Torus(bend, tube, (-reach, reach))
    return [
        Piece("body", body),
        Piece("handle", handle, _UPRIGHT, np.array([radius - 0.01, 0, height / 2])),
    ]


def bottle(build: Build) -> list[Piece]:
    """A body with shoulders, a narrower neck, a cap."""
    wide, narrow = 0.19 * build.vary(0.05), 0.075 * build.vary(0.06)
    shoulder, neck = 0.55 + build.shift(0.02), 0.72 + build.shift(0.015)
    angles = np.linspace(0, np.pi / 2, 7)
    curve = [
        (
            narrow + (wide - narrow) * float(np.cos(a)),
            shoulder + (neck - shoulder) * float(np.sin(a)),
        )
        for a in angles
    ]
    return [
        Piece("body", Lathe([(0, 0), (wide, 0), *curve, (0, neck)])),
        Piece("neck", frustum(narrow, narrow, neck, 0.88)),
        Piece("cap", frustum(narrow + 0.02, narrow + 0.02, 0.88, 1)),
    ]


def bowl(build: Build) -> list[Piece]:
    """An open half-sphere."""
    angles = np.linspace(0, np.pi / 2, 17)
    profile = [(0.5 * float(np.sin(a)), 0.5 - 0.5 * float(np.cos(a))) for a in angles]
    return [Piece("body", shell(profile, 0.05 * build.vary(0.08)))]


def vase(build: Build) -> list[Piece]:
    """A surface of revolution: foot, wide belly, narrow neck, flared lip; open at the top."""
    belly, neck = 0.29 * build.vary(0.05), 0.13 * build.vary(0.06)
    knots = [(0.0, 0.17), (0.34 + build.shift(0.02), belly), (0.78, neck), (1.0, 0.21)]
    heights = np.linspace(0, 1, 21)
    side = [(_smooth(knots, float(z)), float(z)) for z in heights]
    return [Piece("body", shell([(0, 0), (0.1, 0), *side], 0.045))]


def _smooth(knots: list[tuple[float, float]], z: float) -> float:
    """The radius at a height: half waves between the knots [(z, radius), …]."""
    for (z0, r0), (z1, r1) in pairwise(knots):
        if z <= z1:
            return r0 + (r1 - r0) * (1 - float(np.cos(np.pi * (z - z0) / (z1 - z0)))) / 2
    return knots[-1][1]


def plate(build: Build) -> list[Piece]:
    """A flat round dish with a raised rim."""
    flat, rim = 0.3 * build.vary(0.05), 0.1 * build.vary(0.06)
    thick = 0.04
    profile = [(0, 0), (flat, 0), (0.5, rim), (0.49, rim + thick), (flat, thick), (0, thick)]
    return [Piece("body", Lathe(profile))]


def wine_glass(build: Build) -> list[Piece]:
    """An open bowl on a thin stem on a round foot."""
    foot, stem = 0.22 * build.vary(0.05), 0.034 * build.vary(0.08)
    wide, low = 0.25 * build.vary(0.04), 0.44 + build.shift(0.02)
    angles = np.linspace(0, np.pi / 2, 9)
    belly = [(wide * float(np.sin(a)), low + 0.27 * (1 - float(np.cos(a)))) for a in angles]
    lip = [(wide * 0.97, low + 0.37), (wide * 0.88, 1.0)]
    return [
        Piece("bowl", shell([*belly, *lip], 0.035)),
        Piece("stem", frustum(stem, stem, 0.03, low + 0.015)),
        Piece("foot", Lathe([(0, 0), (foot, 0), (foot, 0.025), (0.05, 0.06), (0, 0.06)])),
    ]


def teapot(build: Build) -> list[Piece]:
    """A round body, spout at -x, handle at +x, a lid with a knob."""
    wide, tall = 0.3 * build.vary(0.04), 0.24 * build.vary(0.04)
    middle = 0.22
    angles = np.linspace(-1.15, 1.2, 17)
    side = [(wide * float(np.cos(a)), middle + tall * float(np.sin(a))) for a in angles]
    body = Lathe([(0, side[0][1]), *side, (0, side[-1][1])])
    top, bend = side[-1][1], 0.15 * build.vary(0.04)
    spout = np.array([-wide - 0.2, 0, middle + 0.2 + build.shift(0.02)])
    elbow = np.array([-wide - 0.08, 0, middle - 0.01])
    handle = Torus(bend, 0.04 * build.vary(0.08), (-1.9, 1.9))
    lid = 0.14 * build.vary(0.05)
    dome = [(lid * float(np.cos(a)), top + 0.07 * float(np.sin(a))) for a in angles[angles > 0]]
    return [
        Piece("body", body),
        rod("spout", (-wide + 0.1, 0, middle - 0.08), elbow, 0.085, 0.065),
        ball("spout", (0.065, 0.065, 0.065), elbow),
        rod("spout", elbow, spout, 0.065, 0.04),
        Piece("handle", handle, _UPRIGHT, np.array([wide + 0.02, 0, middle + 0.02])),
        Piece("lid", Lathe([(0, top - 0.01), (lid, top - 0.01), *dome, (0, dome[-1][1])])),
        post("lid", (0, 0, top + 0.04), (0, 0, top + 0.1), 0.03),
        ball("lid", (0.045, 0.045, 0.04), (0, 0, top + 0.12)),
    ]
