"""Procedural geometry of the description language's objects.

``build_shape`` makes a description's shape for a seed; a new object is one more function in a
family file, named in ``BUILDERS``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from scipy.optimize import linear_sum_assignment

from ..descriptions import Description, DescriptionError
from ..language import load_language
from . import creatures, furniture, household, outdoors, solids, tools, vehicles
from .building import Build
from .shape import Piece, Shape, Surface, project

BUILDERS: dict[str, Callable[[Build], list[Piece]]] = {
    "sphere": solids.sphere,
    "cube": solids.cube,
    "box": solids.brick,
    "cone": solids.cone,
    "cylinder": solids.cylinder,
    "ring": solids.ring,
    "pyramid": solids.pyramid,
    "star": solids.star,
    "chair": furniture.chair,
    "stool": furniture.stool,
    "table": furniture.table,
    "bench": furniture.bench,
    "sofa": furniture.sofa,
    "bed": furniture.bed,
    "bookshelf": furniture.bookshelf,
    "lamp": furniture.lamp,
    "ladder": furniture.ladder,
    "mug": household.mug,
    "bottle": household.bottle,
    "bowl": household.bowl,
    "vase": household.vase,
    "plate": household.plate,
    "wine glass": household.wine_glass,
    "teapot": household.teapot,
    "house": outdoors.house,
    "tower": outdoors.tower,
    "tent": outdoors.tent,
    "tree": outdoors.tree,
    "pine tree": outdoors.pine_tree,
    "mushroom": outdoors.mushroom,
    "flower": outdoors.flower,
    "cactus": outdoors.cactus,
    "snowman": creatures.snowman,
    "robot": creatures.robot,
    "dog": creatures.dog,
    "fish": creatures.fish,
    "car": vehicles.car,
    "truck": vehicles.truck,
    "airplane": vehicles.airplane,
    "rocket": vehicles.rocket,
    "boat": vehicles.boat,
    "hammer": tools.hammer,
    "sword": tools.sword,
    "umbrella": tools.umbrella,
}

# Anchors of different pieces count as this much further apart, so that every piece gets one first.
_OTHER_PIECE = 0.3


def build_shape(description: Description, seed: int | None) -> Shape:
    """The medium object with its proportion, in the canonical frame; no seed: the nominal one."""
    counts = {p.name: p.count for p in description.resolved().values() if p.count is not None}
    rng = None if seed is None else np.random.default_rng([seed, 0])
    shape = _pieces(description.object, counts, rng)
    return shape.then(np.diag(description.stretch)) if description.proportion else shape


def _pieces(name: str, counts: dict[str, int], rng: np.random.Generator | None) -> Shape:
    if name not in BUILDERS:
        raise DescriptionError(f"no shape for {name!r} yet, only for {', '.join(BUILDERS)}")
    return Shape(tuple(BUILDERS[name](Build(counts, rng)))).normalised()


def part_colours(description: Description, shape: Shape) -> np.ndarray:
    """The colour of each piece, 0..1: [pieces, 3] float32."""
    language, parts = load_language(), description.resolved()
    return np.array([language.rgb(parts[p.part].colour) for p in shape.pieces], dtype=np.float32)


def anchors(description: Description, shape: Shape, dense: Surface, count: int = 32) -> np.ndarray:
    """The shape's ``count`` anchors, in the order of their slots: [count, 3].

    They are chosen once for the nominal object and carried over to each shape, piece by piece, so a
    slot stands for the same place of every chair. ``dense`` samples the shape's surface.
    """
    counts = tuple((p.name, p.count) for p in description.resolved().values() if p.count)
    owners, local = _nominal_anchors(description.object, counts, count)
    placed = np.empty((count, 3))
    for index, piece in enumerate(shape.pieces):
        mine = owners == index
        if not mine.any():
            continue
        points = piece.place(local[mine])
        candidates = dense[dense.pieces == index]
        squares = np.square(points[:, None] - candidates.points[None]).sum(-1)
        placed[mine] = project(points, candidates[squares.argmin(1)])
    return placed


@cache
def _nominal_anchors(
    name: str, counts: tuple[tuple[str, int], ...], count: int
) -> tuple[np.ndarray, np.ndarray]:
    """The pieces [count] and the local coordinates [count, 3] of an object's anchors."""
    shape = _pieces(name, dict(counts), None)
    surface = shape.sample(8192, np.random.default_rng(0))
    chosen = [int((surface.points @ [1.0, 2.0, 4.0]).argmin())]
    distance = np.full(len(surface.points), np.inf)
    while len(chosen) < count:
        newest = chosen[-1]
        step = np.square(surface.points - surface.points[newest]).sum(1)
        step += _OTHER_PIECE**2 * (surface.pieces != surface.pieces[newest])
        distance = np.minimum(distance, step)
        chosen.append(int(distance.argmax()))
    picked = surface[np.array(chosen)]
    # Slots are matched to fixed places, so that neighbours in one object are so in the next.
    cost = np.square(_slot_places(count)[:, None] - picked.points[None]).sum(-1)
    picked = picked[linear_sum_assignment(cost)[1]]
    local = np.empty((count, 3))
    for index, piece in enumerate(shape.pieces):
        mine = picked.pieces == index
        local[mine] = piece.local(picked.points[mine])
    return picked.pieces, local


def _slot_places(count: int) -> np.ndarray:
    """Fixed low-discrepancy points in the unit cube above the ground: [count, 3]."""
    steps = np.arange(1, count + 1)[:, None] * np.array([0.8191725134, 0.6710436067, 0.5497004779])
    return steps % 1 - [0.5, 0.5, 0.0]
