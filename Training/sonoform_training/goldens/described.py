"""Clouds that the program did not make, for `sonoform describe` to be tested on.

``python -m sonoform_training.goldens.described Tests/Goldens/described`` writes reference clouds of
the description language, sampled on their exact surfaces, and their descriptions in the manifest.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ..shapes.__main__ import reference_cloud
from ..shapes.ply import write_ply
from .manifest import write_manifest

POINTS = 1500
SEED = 40
TEXTS = (
    "red sphere",
    "big blue cube",
    "green cone",
    "tiny yellow ring",
    "brown table",
    "white mug",
    "tall gray cylinder",
    "purple chair",
    "orange lamp",
    "pink house",
)


def main(folder: Path) -> None:
    """Writes the clouds and the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    described = {}
    for index, text in enumerate(TEXTS):
        name = text.replace(" ", "-") + ".ply"
        write_ply(folder / name, *reference_cloud(text, SEED + index, POINTS))
        described[name] = text
    script = "sonoform_training.goldens.described"
    write_manifest(folder, script, ("numpy", "scipy"), seeds=SEED, descriptions=described)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
