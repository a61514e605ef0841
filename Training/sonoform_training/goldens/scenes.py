"""Scenes for the Swift tests: ``python -m sonoform_training.goldens.scenes FOLDER``.

``rules.json`` is the language's "scene" of pipeline.json; ``cases.json`` lists scenes with their
blocks' words, the bounds of one copy of each block, and how far every copy is moved.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np

from ..composition import SceneRules
from ..descriptions import sample_scene
from ..language import load_language

CASES, SEED = 40, 5


def cases(rules: SceneRules) -> list[dict]:
    """Drawn scenes with drawn bounds; none is one object alone."""
    rng, numbers = random.Random(SEED), np.random.default_rng(SEED)
    found = []
    while len(found) < CASES:
        scene = sample_scene(rng, tuple(load_language().objects), copies=0.4)
        words = scene.blocks()
        blocks = [rules.block(text.split()) for text in words]
        if len(blocks) == 1 and blocks[0].copies == 1:
            continue
        lower = numbers.uniform(-1, 0, (len(blocks), 3)).round(3)
        upper = numbers.uniform(0.1, 1.5, (len(blocks), 3)).round(3)
        moves = rules.compose(blocks, lower, upper)
        found.append(
            {
                "words": words,
                "blocks": [vars(block) for block in blocks],
                "stretches": [rules.stretch(block) for block in blocks],
                "lower": lower.tolist(),
                "upper": upper.tolist(),
                "moves": [row.round(5).tolist() for row in moves],
            }
        )
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="usually Tests/Goldens/scene")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    rules = SceneRules.of_the_language()
    (folder / "rules.json").write_text(json.dumps(rules.to_json(), indent=1) + "\n")
    lines = ",\n".join(json.dumps(case) for case in cases(rules))
    (folder / "cases.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
