"""NumPy files of every kind that is read, made with NumPy itself.

    python -m sonoform_training.goldens.arrays Tests/Goldens/npy

All hold the same numbers, so that the Swift tests can compute what they should read: the array of
shape [2, 3, 4] whose element [i, j, k] is 100 i + 10 j + k. (Truth values: whether that is odd.)
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from .manifest import write_manifest

TYPES = ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1")


def write(folder: Path) -> None:
    """Write the files and the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    i, j, k = np.indices((2, 3, 4))
    numbers = 100 * i + 10 * j + k
    for kind in TYPES:
        values = numbers % 2 if kind == "b1" else numbers
        for order, name in (("<", "little"), (">", "big")):
            for layout in "CF":
                array = np.asarray(values).astype(order + kind, order=layout)
                np.save(folder / f"{kind}-{name}-{layout}.npy", array)
    for version in ((2, 0), (3, 0)):
        with (folder / f"format-{version[0]}.npy").open("wb") as file:
            np.lib.format.write_array(file, numbers.astype("<f4"), version=version)
    write_manifest(folder, "sonoform_training.goldens.arrays", ("numpy",))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where to write, usually Tests/Goldens/npy")
    write(parser.parse_args().folder)
