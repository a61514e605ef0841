"""Counts the counted parts in a cloud by geometry: legs by slices, petals by angles, and so on.

A counter sees points [N, 3] of one medium object in the canonical frame with its proportion undone,
and knows the object and its other parts' colours, never how many there should be. It trusts some
ten thousand points; on reference clouds it is right (tests hold it to that).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.ndimage import label
from scipy.signal import find_peaks

from ..descriptions import Description
from ..language import load_language

Array = np.ndarray
_SPECK = 5
"""Fewer points than this are no part."""


def counted(description: Description, points: Array, rgb: Array) -> int | None:
    """How many of the object's counted part a cloud (xyz, rgb 0..1) shows.

    None where the object has no such part, or where only colour could tell and it does not.
    """
    counter = _COUNTERS.get(description.object)
    if counter is None:
        return None
    return counter(description, points / np.array(description.stretch), rgb)


def nearest_colours(rgb: Array) -> Array:
    """The index of the nearest of the language's colours for each row."""
    language = load_language()
    palette = np.array([language.rgb(name) for name in language.colours])
    return np.square(rgb[:, None] - palette[None]).sum(-1).argmin(1)


def islands(flat: Array, cell: float) -> int:
    """Separate clusters of points [N, 2] on a grid."""
    if len(flat) == 0:
        return 0
    index = np.floor((flat - flat.min(0)) / cell).astype(int)
    grid = np.zeros(index.max(0) + 1, int)
    np.add.at(grid, tuple(index.T), 1)
    marked, found = label(grid > 0, structure=np.ones((3, 3)))
    sizes = np.bincount(marked.ravel(), grid.ravel(), found + 1)[1:]
    return int((sizes >= _SPECK).sum())


def runs(values: Array, gap: float) -> int:
    """Clusters of numbers that stand further apart than a gap."""
    ordered = np.sort(values)
    clusters = np.split(ordered, np.flatnonzero(np.diff(ordered) > gap) + 1)
    return sum(len(cluster) >= _SPECK for cluster in clusters)


def sectors(x: Array, y: Array, gap: float) -> int:
    """Clusters of directions around the origin that are further apart than a gap in radians."""
    if len(x) < _SPECK:
        return 0
    angles = np.sort(np.arctan2(y, x))
    steps = np.diff(angles, append=angles[0] + 2 * np.pi)
    # Cut at the widest gap, so that no cluster lies across the seam.
    return runs(np.mod(angles - angles[0] - np.cumsum(steps)[steps.argmax()], 2 * np.pi), gap)


def bulges(points: Array, prominence: float, bins: int = 96) -> int:
    """Peaks of the half width along x over the height."""
    height = points[:, 2]
    index = np.minimum((height / height.max() * bins).astype(int), bins - 1)
    width = np.zeros(bins + 2)
    for row in range(bins):
        mine = np.abs(points[index == row, 0])
        if len(mine) >= _SPECK:
            width[row + 1] = np.quantile(mine, 0.97)
    return len(find_peaks(width, prominence=prominence)[0])


def _about(points: Array, low: float) -> Array:
    """The points seen from the axis of their top, that above a height."""
    top = points[points[:, 2] > low]
    if len(top) < _SPECK:
        return points
    middle = (top.min(0) + top.max(0)) / 2
    return points - [middle[0], middle[1], 0]


def _legs(low: float, high: float) -> Callable[[Description, Array, Array], int]:
    def count(_: Description, points: Array, rgb: Array) -> int:
        between = (points[:, 2] > low) & (points[:, 2] < high)
        return islands(points[between][:, :2], 0.03)

    return count


def _star_points(_: Description, points: Array, rgb: Array) -> int:
    # An odd star reaches less far down than up, so where its middle is depends on the number; the
    # number that finds itself from its own middle is the right one.
    x, z = points[:, 0], points[:, 2]
    found = []
    for number in load_language().objects["star"].parts["points"].count.numbers():
        down = np.cos(np.pi / number) if number % 2 else 1.0
        middle = z.max() * down / (1 + down)
        far = np.hypot(x, z - middle) > 0.75 * (z.max() - middle)
        found.append(sectors(x[far], z[far] - middle, 0.1))
        if found[-1] == number:
            return number
    return found[1]


def _cushions(_: Description, points: Array, rgb: Array) -> int:
    x, y, z = points.T
    # Above the seat, before the back, between the arms.
    seat = (np.abs(x) < 0.36) & (y < 0.05) & (z > 0.24) & (z < 0.33)
    return runs(x[seat], 0.018)


def _shelves(_: Description, points: Array, rgb: Array) -> int:
    x, y, z = points.T
    inner = (np.abs(x) < 0.2) & (y < 0.06) & (z > 0.08) & (z < 0.92)
    return runs(z[inner], 0.03)


def _rungs(_: Description, points: Array, rgb: Array) -> int:
    return runs(points[np.abs(points[:, 0]) < 0.13][:, 2], 0.02)


def _painted(part: str, cell: float) -> Callable[[Description, Array, Array], int | None]:
    def count(description: Description, points: Array, rgb: Array) -> int | None:
        colours = [p.colour for p in description.resolved().values()]
        wanted = description.resolved()[part].colour
        if colours.count(wanted) > 1:
            return None
        chosen = nearest_colours(rgb) == list(load_language().colours).index(wanted)
        return islands(points[chosen][:, [0, 2]], cell)

    return count


def _layers(_: Description, points: Array, rgb: Array) -> int:
    return bulges(points, 0.02)


def _petals(_: Description, points: Array, rgb: Array) -> int:
    x, y, z = points.T
    up = z - 0.675
    outer = (np.hypot(x, up) > 0.235) & (y < 0.005)
    # Stalks and leaves below the bloom are not petals: nothing further than a petal's tip counts.
    outer &= np.hypot(x, up) < 0.37
    return sectors(x[outer], up[outer], 0.12)


def _arms(_: Description, points: Array, rgb: Array) -> int:
    x, y, z = _about(points, 0.9).T
    far = (np.hypot(x, y) > 0.2) & (z > 0.3)
    return sectors(x[far], y[far], 0.3)


def _balls(_: Description, points: Array, rgb: Array) -> int:
    # The hat's brim is the topmost bulge.
    return bulges(points, 0.014) - 1


def _antennas(_: Description, points: Array, rgb: Array) -> int:
    return runs(points[points[:, 2] > 0.925][:, 0], 0.015)


def _wheels(low: float) -> Callable[[Description, Array, Array], int]:
    def count(_: Description, points: Array, rgb: Array) -> int:
        return islands(points[points[:, 2] < low][:, :2], 0.022)

    return count


def _engines(_: Description, points: Array, rgb: Array) -> int:
    x, y, z = points.T
    under = (np.abs(y) > 0.1) & (z < 0.06)
    # The third sits on the body, before the fin.
    above = (np.abs(y) < 0.05) & (x > 0.1) & (x < 0.27) & (z > 0.2)
    return runs(y[under], 0.03) + int(above.sum() >= _SPECK)


def _fins(_: Description, points: Array, rgb: Array) -> int:
    x, y, _z = _about(points, 0.75).T
    far = np.hypot(x, y) > 0.21
    return sectors(x[far], y[far], 0.25)


def _sails(_: Description, points: Array, rgb: Array) -> int:
    x, y, z = points.T
    height = z / z.max()
    band = (np.abs(y) < 0.06) & (height > 0.5) & (height < 0.68)
    return runs(x[band], 0.03)


_COUNTERS: dict[str, Callable[[Description, Array, Array], int | None]] = {
    "star": _star_points,
    "chair": _legs(0.12, 0.3),
    "stool": _legs(0.1, 0.3),
    "table": _legs(0.12, 0.3),
    "bench": _legs(0.1, 0.28),
    "bed": _legs(0.03, 0.12),
    "sofa": _cushions,
    "bookshelf": _shelves,
    "ladder": _rungs,
    "house": _painted("windows", 0.018),
    "tower": _painted("windows", 0.018),
    "pine tree": _layers,
    "flower": _petals,
    "cactus": _arms,
    "snowman": _balls,
    "robot": _antennas,
    "car": _wheels(0.06),
    "truck": _wheels(0.04),
    "airplane": _engines,
    "rocket": _fins,
    "boat": _sails,
}
