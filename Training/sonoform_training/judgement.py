"""What the program answered, against what was said: words, attributes, the cloud."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from .composition import SceneRules, composed
from .descriptions import (
    Description,
    DescriptionError,
    Scene,
    parse_scene,
    sample_scene,
)
from .generator.counting import counted, nearest_colours
from .generator.metrics import RIVALS, THRESHOLD, chamfer, fscore
from .shapes import BUILDERS, build_shape, part_colours
from .shapes.ply import read_ply

RIVAL_POOL = 300
FIELDS = ("object", "colour", "size", "proportion", "parts", "counts", "copies", "relation")


def edits(reference: list[str], heard: list[str]) -> int:
    """Levenshtein distance of two lists of words."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(reference, 1):
        previous, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (word != other))
    return row[-1]


def same(heard: Description, said: Description, name: str) -> bool:
    """Whether one attribute of an object was understood, whatever synonym was said."""
    if name == "size":
        return heard.scale == said.scale
    if name == "colour":
        return heard.main_colour == said.main_colour
    if name not in ("parts", "counts"):
        return getattr(heard, name) == getattr(said, name)
    if heard.object != said.object:
        return False
    pairs = zip(heard.resolved().values(), said.resolved().values(), strict=True)
    if name == "counts":
        return all(one.count == other.count for one, other in pairs)
    return all(one.colour == other.colour for one, other in pairs)


def attributes(heard: Scene | None, said: Scene) -> dict[str, bool]:
    """Whether each attribute is right in every object; "relation" where there is one."""
    fields = [name for name in FIELDS if name != "relation" or said.relations]
    if heard is None or len(heard.objects) != len(said.objects):
        return dict.fromkeys([*fields, "all_attributes"], False)
    right = {
        name: all(same(a, b, name) for a, b in zip(heard.objects, said.objects, strict=True))
        for name in fields
        if name != "relation"
    }
    if said.relations:
        right["relation"] = heard.relations == said.relations
    return right | {"all_attributes": all(right.values())}


def answered(entry: dict) -> Scene | None:
    """The scene that an answer says it made; None where it cannot be read."""
    try:
        words = entry.get("description")
        return parse_scene(words or entry["objects"][0]["description"])
    except DescriptionError:
        return None


def kind_of(scene: Scene) -> str:
    """What the tables tell apart: "single", "copies", "scene of 2", "scene of 3"."""
    if len(scene.objects) > 1:
        return f"scene of {len(scene.objects)}"
    return "copies" if scene.objects[0].copies > 1 else "single"


def buildable(scene: Scene) -> bool:
    """Whether every object has a procedural reference."""
    return all(one.object in BUILDERS for one in scene.objects)


class References:
    """Reference clouds in world units."""

    def __init__(self, seed: int, points: int) -> None:
        """A pool of other descriptions to tell a cloud from."""
        self.points = points
        self.rng = random.Random(seed)
        self.rules = SceneRules.of_the_language()
        self.pool: dict[bool, list[tuple[tuple, np.ndarray]]] = {False: [], True: []}
        for index in range(RIVAL_POOL):
            several = index % 2 == 1
            scene = sample_scene(self.rng, tuple(BUILDERS), None if several else 1, 0.2 * several)
            points = self.cloud(scene, 103)[0]
            self.pool[several].append((geometry(scene), points))

    def cloud(self, scene: Scene | Description, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Points [N, 3] and rgb [N, 3]."""
        points, colours, _ = self.placed(scene, seed)
        return np.concatenate(points), np.concatenate(colours)

    def placed(
        self, scene: Scene | Description, seed: int
    ) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
        """Points, rgb and the middle of the bounding box of every object, copies by themselves."""
        scene = scene if isinstance(scene, Scene) else Scene((scene,))
        share = self.points // sum(one.copies for one in scene.objects)
        clouds, rgb = [], []
        for index, one in enumerate(scene.objects):
            shape = build_shape(one, seed + 10 * index)
            surface = shape.sample(share, np.random.default_rng([seed, index, 7]))
            clouds.append(surface.points * one.scale)
            rgb.append(part_colours(one, shape)[surface.pieces])
        blocks = [self.rules.block(words.split()) for words in scene.blocks()]
        points, colours, middles = [], [], []
        for cloud, own, moves in zip(
            clouds, rgb, composed(self.rules, blocks, clouds), strict=True
        ):
            for move in moves:
                points.append(cloud + move)
                colours.append(own)
                middles.append((points[-1].min(axis=0) + points[-1].max(axis=0)) / 2)
        return points, colours, middles

    def rivals(self, scene: Scene) -> list[np.ndarray]:
        """Other descriptions' clouds, none of the same geometry; scenes against scenes."""
        key = geometry(scene)
        pool = self.pool[kind_of(scene) != "single"]
        return self.rng.sample([cloud for other, cloud in pool if other != key], RIVALS)


def geometry(scene: Scene) -> tuple:
    """What two clouds of the same points have in common: all but the colours."""
    objects = []
    for one in scene.objects:
        counts = tuple(part.count for part in one.resolved().values())
        objects.append((one.object, one.scale, one.proportion, one.copies, counts))
    return (*objects, *scene.relations)


def judge_cloud(
    path: Path, said: Scene | Description, references: References, centers: list | None = None
) -> dict[str, float]:
    """A cloud against its description's references; ``centers`` [n, 3] are its objects'.

    Of a denser cloud as many points are compared as a reference has, drawn by a fixed seed; all are
    counted on.
    """
    said = said if isinstance(said, Scene) else Scene((said,))
    vertices = read_ply(path)
    dense = np.stack([vertices["x"], vertices["y"], vertices["z"]], axis=1).astype(np.float64)
    dense_rgb = np.stack([vertices["red"], vertices["green"], vertices["blue"]], axis=1) / 255
    kept = np.random.default_rng(0).permutation(len(dense))[: references.points]
    points, rgb = dense[kept], dense_rgb[kept]
    placed, placed_rgb, middles = references.placed(said, 101)
    reference, colours = np.concatenate(placed), np.concatenate(placed_rgb)
    second, _ = references.cloud(said, 102)
    few = slice(None, None, 4)
    own = chamfer(points[few], reference[few])
    score, ceiling = fscore(points, reference), fscore(second, reference)
    nearest = cKDTree(reference).query(points)[1]
    wanted, got = nearest_colours(colours)[nearest], nearest_colours(rgb)
    result = {
        "nearest": all(own < chamfer(points[few], r[few]) for r in references.rivals(said)),
        "fscore": score,
        "fscore_of_two_seeds": ceiling,
        "points_coloured_right": float((wanted == got).mean()),
    }
    if centers and kind_of(said) != "single":
        right = len(centers) == len(middles)
        error = np.abs(np.array(centers) - np.array(middles)).max() if right else 9.0
        result["places_within_0.1"] = float(error < 0.1)
    if kind_of(said) == "single":
        one = said.objects[0]
        # Of the medium object: a tiny one lies within 0.05 of anything, a huge one of nothing.
        truth = build_shape(one, 101).sample(20000, np.random.default_rng(3)).points
        away = cKDTree(truth).query(points / one.scale)[0]
        result["off_surface"] = float((away > THRESHOLD).mean())
        number = counted(one, dense / one.scale, dense_rgb)
        if number is not None:
            parts = one.resolved().values()
            result["counted_in_cloud"] = number == next(p.count for p in parts if p.count)
    return result
