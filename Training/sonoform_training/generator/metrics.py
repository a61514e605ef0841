"""Judges a generator: ``python -m sonoform_training.generator.metrics FOLDER [--held-out]``.

Each description is generated from its exact condition tokens and compared with procedural
references in the canonical frame. Figures, all shares of 1:
    fscore          F-score at 0.05 against one seed's reference
    fscore_share    the same divided by that of a second seed's reference, capped at 1
    nearest         the right reference is the nearest of 20 by Chamfer distance (19 others of other
                    objects, proportions or counts)
    colours         parts whose points mostly have the right colour of the twelve
    counts          legs, rungs, petals, … counted right by geometry (``counting.py``)
    off_surface     points further than 0.05 from the true surface
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from scipy.spatial import cKDTree

from ..descriptions import Description, is_held_out
from ..language import load_language
from ..shapes import build_shape, part_colours
from .conditions import ConditionEncoder
from .counting import counted, nearest_colours
from .dataset import training_description
from .generator import Generator

THRESHOLD = 0.05
RIVALS = 19


def fscore(a: np.ndarray, b: np.ndarray, threshold: float = THRESHOLD) -> float:
    """Harmonic mean of the shares of points that lie within the threshold of the other cloud."""
    recall = (cKDTree(a).query(b)[0] < threshold).mean()
    precision = (cKDTree(b).query(a)[0] < threshold).mean()
    return float(2 * precision * recall / max(precision + recall, 1e-9))


def chamfer(a: np.ndarray, b: np.ndarray) -> float:
    """Mean nearest distance, both ways, averaged."""
    return float((cKDTree(a).query(b)[0].mean() + cKDTree(b).query(a)[0].mean()) / 2)


def judge(
    description: Description, cloud: tuple[np.ndarray, ...], rivals: list[np.ndarray], dense_cloud
) -> dict[str, float | list[float]]:
    """The figures of one generated cloud; ``dense_cloud`` is its denser twin for counting."""
    points, _, rgb = cloud
    shape = build_shape(description, 101)
    reference = shape.sample(len(points), np.random.default_rng(1))
    second = build_shape(description, 102).sample(len(points), np.random.default_rng(2))
    score = fscore(points, reference.points)
    # Thinned clouds tell 20 references apart as well as whole ones, and far sooner.
    few = points[::4]
    own = chamfer(few, reference.points[::4])
    truth = shape.sample(20000, np.random.default_rng(3))
    distance, index = cKDTree(truth.points).query(points)
    wanted = nearest_colours(part_colours(description, shape))
    got, pieces = nearest_colours(rgb), truth.pieces[index]
    close = distance < THRESHOLD
    names = [piece.part for piece in shape.pieces]
    right = []
    for part in dict.fromkeys(names):
        mine = close & np.isin(pieces, [i for i, name in enumerate(names) if name == part])
        right.append(float(mine.any() and (got[mine] == wanted[pieces[mine]]).mean() > 0.5))
    result: dict[str, float | list[float]] = {
        "fscore": score,
        "fscore_share": min(1.0, score / fscore(second.points, reference.points)),
        "nearest": float(all(own < chamfer(few, rival) for rival in rivals)),
        "colours": right,
        "off_surface": float((~close).mean()),
    }
    number = counted(description, *dense_cloud)
    if number is not None:
        parts = description.resolved().values()
        result["counts"] = float(number == next(part.count for part in parts if part.count))
    return result


def judged_description(rng: random.Random, held_out: bool = False) -> Description:
    """As in training, with a proportion; held out or not, as asked."""
    while True:
        description = training_description(rng, held_out and rng.random() < 0.5)
        proportion = rng.choice([None, None, *load_language().proportions])
        description = replace(description, proportion=proportion)
        if is_held_out(description) == held_out:
            return description


def geometry(description: Description) -> tuple:
    """What makes two references the same up to colour and seed."""
    counts = tuple(part.count for part in description.resolved().values())
    return description.object, description.proportion, counts


def evaluate(generator, descriptions: list[Description], seed: int = 0) -> dict:
    """All figures over some descriptions; ``generator(description, seed, points)`` makes clouds."""
    rng = random.Random(seed)
    rows = []
    for index, description in enumerate(descriptions):
        cloud = generator(description, seed + index, 4096)
        dense = generator(description, seed + index, 16384)
        rivals = []
        while len(rivals) < RIVALS:
            other = judged_description(rng)
            if geometry(other) != geometry(description):
                shape = build_shape(other, 103)
                rivals.append(shape.sample(1024, np.random.default_rng(4)).points)
        row = judge(description, cloud, rivals, (dense[0], dense[2]))
        rows.append({"description": description.text(), "object": description.object, **row})
    return summarise(rows) | {"rows": rows}


def summarise(rows: list[dict]) -> dict:
    """Means over the rows, of all and by object."""

    def means(chosen: list[dict]) -> dict[str, float]:
        result = {"shapes": len(chosen)}
        for name in ("fscore", "fscore_share", "nearest", "colours", "counts", "off_surface"):
            values = np.concatenate(
                [np.atleast_1d(row[name]) for row in chosen if name in row] or [[]]
            )
            if len(values):
                result[name] = round(float(values.mean()), 4)
        return result

    objects = sorted({row["object"] for row in rows})
    by_object = {name: means([row for row in rows if row["object"] == name]) for name in objects}
    return {"all": means(rows), "objects": by_object}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an exported modality_generator")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument(
        "--held-out", action="store_true", help="only combinations never trained on"
    )
    parser.add_argument("--guidance", type=float)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--json", type=Path, help="write every row here")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    model = Generator.load(arguments.folder)
    steps = arguments.steps or model.sampling.steps
    guidance = model.sampling.guidance if arguments.guidance is None else arguments.guidance
    model.sampling = type(model.sampling)(steps, guidance)
    encoder = ConditionEncoder()
    rng = random.Random(12345)
    descriptions = [judged_description(rng, arguments.held_out) for _ in range(arguments.count)]

    def generate(description: Description, seed: int, points: int):
        return model(encoder.encode([description])[0], seed, points, description.stretch)

    result = evaluate(generate, descriptions)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1))
    for row in result["rows"]:
        if row.get("counts", 1) < 1 or row["fscore_share"] < 0.85 or not row["nearest"]:
            print("weak:", json.dumps({k: v for k, v in row.items() if k != "object"}))
    for name, figures in {**result["objects"], "all": result["all"]}.items():
        print(name, json.dumps(figures))


if __name__ == "__main__":
    main()
