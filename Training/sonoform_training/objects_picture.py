"""All objects of the language as the program draws them, on one picture.

``python -m sonoform_training.objects_picture --sonoform BINARY -o docs/objects.png`` writes every
object's name as a typed description, so that the picture shows what the shipped model makes;
``--surface -o docs/surfaces.png`` draws their closed surfaces instead of their points.
Needs Pillow (``pip install -e 'Training[pictures]'``).
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from .language import load_language

COLUMNS, SIDE, LABEL = 8, 200, 24
BACKGROUND, INK = (255, 255, 255), (60, 60, 60)


def pictures(
    binary: Path, model: Path | None, options: list[str], names: list[str]
) -> list[Image.Image]:
    """The program's picture of every description."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for index, name in enumerate(names):
            command = [str(binary), "convert", "--text", f"a {name}", "--picture"]
            command += [*options, "-o", f"{folder}/{index}.ply"]
            if model:
                command += ["--model", str(model)]
            subprocess.run(command, check=True, capture_output=True)
            with Image.open(f"{folder}/{index}.png") as picture:
                found.append(picture.convert("RGB"))
    return found


def sheet(images: list[Image.Image], names: list[str]) -> Image.Image:
    """Pictures with their names in rows."""
    rows = -(-len(images) // COLUMNS)
    result = Image.new("RGB", (COLUMNS * SIDE, rows * (SIDE + LABEL)), BACKGROUND)
    draw, font = ImageDraw.Draw(result), ImageFont.load_default(15)
    for index, (image, name) in enumerate(zip(images, names, strict=True)):
        x, y = index % COLUMNS * SIDE, index // COLUMNS * (SIDE + LABEL)
        result.paste(image.resize((SIDE, SIDE), Image.Resampling.LANCZOS), (x, y))
        draw.text((x + SIDE / 2, y + SIDE + LABEL / 2), name, INK, font, anchor="mm")
    return result


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sonoform", type=Path, required=True, help="the program")
    parser.add_argument("--model", type=Path, help="a pipeline folder; else the built-in one")
    parser.add_argument("--points", type=int, default=16384)
    parser.add_argument("--surface", action="store_true", help="their surfaces")
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    names = list(load_language().objects)
    options = ["--points", str(arguments.points)] + ["--surface"] * arguments.surface
    images = pictures(arguments.sonoform, arguments.model, options, names)
    # A palette is a third of the size, and with dithering nobody sees the difference.
    drawn = sheet(images, names)
    palette = drawn.quantize(256, kmeans=1)
    dithered = drawn.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    dithered.save(arguments.output, optimize=True)


if __name__ == "__main__":
    main()
