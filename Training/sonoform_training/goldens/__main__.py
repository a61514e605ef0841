"""Writes all goldens again: ``python -m sonoform_training.goldens ../Tests/Goldens``.

Every script runs in a process of its own, so that none sees another's random state. The folders of
the components get their manifest here; the others write their own.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from .manifest import write_manifest

PACKAGE = "sonoform_training"
OWN_MANIFEST = {
    f"{PACKAGE}.goldens.arrays": "npy",
    f"{PACKAGE}.goldens.audio": "audio",
    f"{PACKAGE}.goldens.features": "features",
    f"{PACKAGE}.goldens.pointclouds": "pointclouds",
    f"{PACKAGE}.goldens.described": "described",
}
COMPONENTS = {
    f"{PACKAGE}.hearing.goldens": ("encoder",),
    f"{PACKAGE}.hearing.public_goldens": ("public_encoders",),
    f"{PACKAGE}.hearing.recognition_goldens": ("speech_recognition",),
    f"{PACKAGE}.language_model.goldens": ("language_model", "input_projector", "output_projector"),
    f"{PACKAGE}.language_model.public_goldens": ("public_models",),
    f"{PACKAGE}.generator.goldens": ("generator",),
    f"{PACKAGE}.describing.goldens": ("point_encoder", "point_projector"),
}
PACKAGES = ("torch", "transformers", "tokenizers", "safetensors", "numpy", "scipy")
FURTHER_PACKAGES = {"speech_recognition": ("openai-whisper", "tiktoken")}
ENCODER = f"{PACKAGE}.hearing.goldens"
SEVERAL = (
    f"{PACKAGE}.language_model.goldens",
    f"{PACKAGE}.language_model.public_goldens",
    f"{PACKAGE}.describing.goldens",
    f"{PACKAGE}.hearing.recognition_goldens",
)


def run(module: str, *arguments: str | Path) -> None:
    """One script."""
    subprocess.run([sys.executable, "-m", module, *map(str, arguments)], check=True)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="Tests/Goldens")
    parser.add_argument("--components", action="store_true", help="only those of the components")
    arguments = parser.parse_args()
    if not arguments.components:
        for module, name in OWN_MANIFEST.items():
            run(module, arguments.folder / name)
    for module, names in COMPONENTS.items():
        first = arguments.folder / names[0]
        if module == ENCODER:
            run(module, "--out", first)
        else:
            run(module, arguments.folder if module in SEVERAL else first)
        for name in names:
            packages = PACKAGES + FURTHER_PACKAGES.get(name, ())
            write_manifest(arguments.folder / name, module, packages, seeds="fixed in the script")


if __name__ == "__main__":
    main()
