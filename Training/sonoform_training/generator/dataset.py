"""The generator's training data: shapes with clouds, anchors and field queries, but no colours.

All are medium objects: size and proportion are maps of what the generator makes.

``python -m sonoform_training.generator.dataset --data DIR --shapes 16000`` writes shards
``shapes-00.npz`` …. Points carry their part, and colours are drawn anew whenever a shape is used
(``recoloured``), so every shape stands for all its colourings. Held-out combinations never occur.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..descriptions import (
    OBJECTS,
    Description,
    Part,
    is_held_out,
    parse_description,
    sample_description,
)
from ..language import load_language
from ..shapes import anchors, build_shape
from ..shapes.shape import ClosestPoints, Shape, Surface

CLOUD_POINTS = 2048
DENSE_POINTS = 12288
QUERIES = {"uniform": 128, "near": 160, "candidates": 160, "gaps": 192}
SHARD = 1000

# Objects with thin or counted parts are most of the data: their parts are what is easily lost.
_WEIGHTS = {
    "star": 4, "chair": 6, "stool": 4, "table": 5, "bench": 4, "sofa": 5, "bed": 4, "bookshelf": 7,
    "lamp": 3, "ladder": 7, "mug": 4, "bottle": 3, "wine glass": 3, "teapot": 4, "house": 7,
    "tower": 4, "pine tree": 4, "flower": 6, "cactus": 4, "snowman": 4, "robot": 6, "dog": 4,
    "fish": 4, "car": 5, "truck": 8, "airplane": 6, "rocket": 5, "boat": 5, "umbrella": 3,
}  # fmt: skip


def training_objects() -> list[str]:
    """The objects, repeated by their weight."""
    return [name for name in OBJECTS for _ in range(_WEIGHTS.get(name, 2))]


def training_description(rng: random.Random, held_out: bool = False) -> Description:
    """A description whose counts are spread over their whole range; held out or not, as asked."""
    objects = training_objects()
    while True:
        description = sample_description(rng, objects)
        said = {part.name: part for part in description.parts}
        for kind in description.kind.parts.values():
            part = said.get(kind.name, Part(kind.name))
            if kind.count and part.count is None and rng.random() < 0.6:
                count = rng.randint(kind.count.min, kind.count.max)
                said[kind.name] = replace(part, count=count)
        parts = tuple(said.values())
        description = replace(description, parts=parts, size=None, proportion=None)
        if is_held_out(description) == held_out:
            return description


def recoloured(
    rng: random.Random, description: Description, shares: Sequence[float] = (0.1, 0.7, 1.0)
) -> Description:
    """The same shape in other colours; ``shares`` of its parts have their own, drawn freely."""
    colours = list(load_language().colours)
    counts = {part.name: part.count for part in description.parts}
    while True:
        share = rng.choice(shares)
        parts = []
        for name, kind in description.kind.parts.items():
            count = counts.get(name)
            own = (len(description.kind.parts) > 1 or kind.count) and rng.random() < share
            if count or own:
                parts.append(Part(name, count, rng.choice(colours) if own else None))
        colour = rng.choice(colours) if rng.random() < 0.7 else None
        result = replace(description, colour=colour, parts=tuple(parts), noun="", size=None)
        if not is_held_out(result):
            return result


def colour_table(description: Description) -> np.ndarray:
    """The colour of every part in the language's order, [8, 3] float32 (rows past the last: 0)."""
    table = np.zeros((8, 3), np.float32)
    for row, part in enumerate(description.resolved().values()):
        table[row] = load_language().rgb(part.colour)
    return table


def field_queries(
    shape: Shape, dense: Surface, places: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Query points [sum of QUERIES, 3]: everywhere, near, where read-out starts, in gaps."""
    low, high = shape.bounds()
    low, high = low - 0.15, high + 0.15
    uniform = rng.uniform(low, high, (QUERIES["uniform"], 3))
    picked = dense.points[rng.integers(len(dense.points), size=QUERIES["near"])]
    near = picked + rng.standard_normal(picked.shape) * rng.choice([0.01, 0.03], (len(picked), 1))
    distances = np.linalg.norm(places[:, None] - places[None], axis=-1)
    reach = np.sort(distances, axis=1)[:, 1:4].mean(1)
    owner = rng.integers(len(places), size=QUERIES["candidates"])
    candidates = places[owner] + 0.6 * reach[owner, None] * rng.standard_normal((len(owner), 3))
    # A gap query lies between two parts, drawn evenly so that thin ones count as much as big ones.
    wanted = QUERIES["gaps"]
    order = rng.permutation(len(dense.points))[:4096]
    pools = [order[dense.pieces[order] == piece] for piece in range(len(shape.pieces))]
    pools = [pool for pool in pools if len(pool)]
    ends = []
    for _ in range(2):
        chosen = rng.integers(len(pools), size=4 * wanted)
        ends.append(
            np.array(
                [
                    pools[c][int(u * len(pools[c]))]
                    for c, u in zip(chosen, rng.random(4 * wanted), strict=True)
                ]
            )
        )
    t = rng.uniform(0.2, 0.8, (4 * wanted, 1))
    between = dense.points[ends[0]] * (1 - t) + dense.points[ends[1]] * t
    gaps = between[~shape.inside(between)][:wanted]
    if len(gaps) < wanted:
        more = dense.points[rng.integers(len(dense.points), size=wanted - len(gaps))]
        gaps = np.concatenate([gaps, more + rng.standard_normal(more.shape) * 0.05])
    return np.concatenate([uniform, near, candidates, gaps])


def make_shape(description: Description, seed: int) -> dict[str, np.ndarray]:
    """One item: cloud, cloud_parts, anchors, queries (point, distance, direction), parts."""
    shape = build_shape(description, seed)
    rng = np.random.default_rng([seed, 1])
    dense = shape.sample(DENSE_POINTS, rng)
    names = list(description.kind.parts)
    part_of = np.array([names.index(piece.part) for piece in shape.pieces], np.uint8)
    places = anchors(description, shape, dense)
    queries = field_queries(shape, dense, places, rng)
    distance, direction, pieces = ClosestPoints(shape, dense)(queries)
    cloud = dense[:CLOUD_POINTS]
    return {
        "cloud": np.concatenate([cloud.points, cloud.normals], 1).astype(np.float16),
        "cloud_parts": part_of[cloud.pieces],
        "anchors": places.astype(np.float32),
        "queries": np.column_stack([queries, distance, direction]).astype(np.float16),
        "query_parts": part_of[pieces],
    }


def load_shards(folder: Path) -> tuple[list[Description], dict[str, np.ndarray]]:
    """All finished shards: the descriptions and the stacked arrays of ``make_shape``."""
    shards = [np.load(path) for path in sorted(folder.glob("shapes-*.npz"))]
    if not shards:
        raise FileNotFoundError(f"{folder}: no shapes-*.npz; make them with generator.dataset")
    texts = [str(text) for shard in shards for text in shard["texts"]]
    names = [name for name in shards[0].files if name != "texts"]
    arrays = {name: np.concatenate([shard[name] for shard in shards]) for name in names}
    return [parse_description(text) for text in texts], arrays


def main() -> None:
    """The command; finished shards are kept, so it resumes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=os.environ.get("SONOFORM_DATA"))
    parser.add_argument("--shapes", type=int, default=16000)
    parser.add_argument("--first", type=int, default=0, help="number of the first shard")
    arguments = parser.parse_args()
    if arguments.data is None:
        parser.error("--data or SONOFORM_DATA must name a folder")
    arguments.data.mkdir(parents=True, exist_ok=True)
    for shard in range(arguments.first, arguments.first + arguments.shapes // SHARD):
        path = arguments.data / f"shapes-{shard:02}.npz"
        if path.exists():
            continue
        start = time.monotonic()
        rng = random.Random(1_000_003 * (shard + 1))
        descriptions = [training_description(rng) for _ in range(SHARD)]
        items = [make_shape(d, shard * SHARD + i) for i, d in enumerate(descriptions)]
        stacked = {name: np.stack([item[name] for item in items]) for name in items[0]}
        temporary = path.with_suffix(".partial.npz")
        np.savez(temporary, texts=np.array([d.text() for d in descriptions]), **stacked)
        temporary.rename(path)
        rate = SHARD / (time.monotonic() - start)
        print(f"{path.name}: {rate:.0f} shapes/s", flush=True)


if __name__ == "__main__":
    main()
