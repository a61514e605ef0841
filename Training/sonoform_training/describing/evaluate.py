"""Figures of ``sonoform describe``, on clouds sampled from exact surfaces.

    python -m sonoform_training.describing.evaluate --sonoform BINARY [--model DIR] [--count 200]

Half of the descriptions are combinations that no stage was trained on. Clouds have 500 to 8,000
points and are written as PLY; the program reads them as a user's.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import tempfile
from pathlib import Path

from ..descriptions import OBJECTS, Description, is_held_out, sample_description
from ..shapes.__main__ import reference_cloud
from ..shapes.ply import write_ply
from .naming import full_description
from .train_describer import figures

POINTS = (500, 1000, 2000, 4096, 8000)


def drawn(rng: random.Random, held_out: bool) -> Description:
    """A description of a single object."""
    while True:
        description = sample_description(rng, OBJECTS)
        if description.copies == 1 and is_held_out(description) == held_out:
            return description


def described(command: list[str], paths: list[Path]) -> list[str]:
    """What the program writes of each cloud; empty where it refuses."""
    run = subprocess.run(
        [*command, "--json", *map(str, paths)], capture_output=True, text=True, check=False
    )
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    found = {line["input"]: (line.get("objects") or [""])[0] for line in lines}
    return [found.get(str(path), "") for path in paths]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sonoform", type=Path, required=True)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=5)
    arguments = parser.parse_args()
    command = [str(arguments.sonoform), "describe"]
    if arguments.model is not None:
        command += ["--model", str(arguments.model)]
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        for name, held_out in (("trained combinations", False), ("held-out combinations", True)):
            wanted, paths = [], []
            for index in range(arguments.count // 2):
                description = drawn(rng, held_out)
                path = Path(folder) / f"{held_out}-{index:04}.ply"
                cloud = reference_cloud(description.text(), index, rng.choice(POINTS))
                write_ply(path, *cloud[:3])
                wanted.append(full_description(description))
                paths.append(path)
            right = figures(described(command, paths), wanted)
            print(name, json.dumps({key: round(value, 3) for key, value in right.items()}))


if __name__ == "__main__":
    main()
