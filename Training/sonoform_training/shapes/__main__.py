"""Reference shapes as PLY: ``python -m sonoform_training.shapes "a tall red chair" -o ref.ply``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from ..descriptions import DescriptionError, parse_description
from . import build_shape, part_colours
from .ply import write_ply


def reference_cloud(text: str, seed: int, points: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A description's points, normals and rgb, each [points, 3], in world units with its size."""
    description = parse_description(text)
    if description.copies != 1:
        raise DescriptionError("copies have no reference shape yet: describe one object")
    shape = build_shape(description, seed)
    surface = shape.sample(points, np.random.default_rng([seed, 1]))
    rgb = part_colours(description, shape)[surface.pieces]
    return surface.points * description.scale, surface.normals, rgb


def main() -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sonoform_training.shapes", description=__doc__)
    parser.add_argument("description", nargs="?", help="what to make")
    parser.add_argument("--file", type=Path, help="one description per line, written to --out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--points", type=int, default=4096)
    parser.add_argument("-o", "--output", type=Path, help="the PLY file of one description")
    parser.add_argument("--out", type=Path, help="the folder of many: 0000.ply, 0001.ply, …")
    arguments = parser.parse_args()
    if (arguments.description is None) == (arguments.file is None):
        parser.error("give a description, or --file with --out")
    if arguments.points < 1:
        parser.error("--points must be at least 1")
    if arguments.file is None:
        if arguments.output is None:
            parser.error("-o is missing: where to write the PLY file")
        jobs = [(arguments.description, arguments.output)]
    else:
        if arguments.out is None:
            parser.error("--out is missing: where to write the PLY files")
        arguments.out.mkdir(parents=True, exist_ok=True)
        lines = arguments.file.read_text(encoding="utf-8").splitlines()
        lines = [line for line in lines if line.strip()]
        jobs = [(line, arguments.out / f"{index:04}.ply") for index, line in enumerate(lines)]
    failed = 0
    for text, path in jobs:
        try:
            write_ply(path, *reference_cloud(text, arguments.seed, arguments.points))
        except (DescriptionError, OSError) as error:
            print(f"{text}: {error}", file=sys.stderr)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
