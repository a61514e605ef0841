"""Single bodies: sphere, cube, box, cone, cylinder, ring, pyramid, star."""

from __future__ import annotations

import numpy as np

from .building import Build, box
from .primitives import Prism, Torus, frustum, unit_pyramid, unit_sphere
from .shape import Piece


def sphere(_: Build) -> list[Piece]:
    """A round ball."""
    return [Piece("body", unit_sphere())]


def cube(_: Build) -> list[Piece]:
    """Equal edges."""
    return [box("body", (1, 1, 1))]


def brick(_: Build) -> list[Piece]:
    """The language's "box"."""
    return [box("body", (1.0, 0.6, 0.4))]


def cone(_: Build) -> list[Piece]:
    """Apex up, base diameter 0.8 of the height."""
    return [Piece("body", frustum(0.4, 0, 0, 1))]


def cylinder(_: Build) -> list[Piece]:
    """Diameter 0.6 of the height."""
    return [Piece("body", frustum(0.3, 0.3, 0, 1))]


def ring(_: Build) -> list[Piece]:
    """A torus lying flat, the tube's radius a quarter of the ring's."""
    return [Piece("body", Torus(0.4, 0.1))]


def pyramid(build: Build) -> list[Piece]:
    """Square base, apex up."""
    return [Piece("body", unit_pyramid(), np.diag([1, 1, 0.9 * build.vary(0.05)]))]


def star(build: Build) -> list[Piece]:
    """Flat, upright, facing -y, one point up: a polygon as body, a triangle for each point."""
    count = build.counts["points"]
    inner = {4: 0.36, 5: 0.42, 6: 0.52, 7: 0.56, 8: 0.6}[count] * build.vary(0.05)
    depth = 0.2 * build.vary(0.1)
    upright = np.array([[1.0, 0, 0], [0, 0, -depth], [0, 1, 0]])
    tips = np.pi / 2 + 2 * np.pi * np.arange(count) / count
    notches = tips - np.pi / count
    corners = inner * np.stack([np.cos(notches), np.sin(notches)], axis=-1)
    ends = np.stack([np.cos(tips), np.sin(tips)], axis=-1)
    pieces = [Piece("body", Prism(corners), upright)]
    for index in range(count):
        triangle = [corners[index], ends[index], corners[(index + 1) % count]]
        pieces.append(Piece("points", Prism(triangle), upright))
    return pieces
