"""Figures of the program's surfaces: closed, oriented, sliced without a repair, parts as in clouds.

``python -m sonoform_training.surface_figures --sonoform BINARY [--seeds 10] [--scenes 50]
[--slice] [--json OUT]``

Every object by its name under each seed, and scenes of two objects, are written as STL; trimesh
reads them back and says ``is_watertight`` and ``is_winding_consistent``, and PrusaSlicer says
whether they are manifold and what it had to repair; ``--slice`` has it slice each one, too. Then
each counted part is asked for at its fewest and at its most, and the geometric counters tell how
many the cloud and the surface have. How far surfaces are from the field's zero set is told by the
Swift tests (``SurfaceDistanceTests``). Needs trimesh (``pip install -e 'Training[test]'``) and,
for slicing, Debian's ``prusa-slicer``.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import trimesh

from .descriptions import Description, Part, sample_scene
from .generator.counting import counted
from .language import load_language
from .shapes.ply import read_ply

SIZE = "60mm"
SLICED = ("--nozzle-diameter", "0.8", "--layer-height", "0.6", "--fill-density", "0",
          "--perimeters", "1", "--top-solid-layers", "0", "--bottom-solid-layers", "0")  # fmt: skip
"""Coarse layers without filling: what a slicer refuses is not in them."""
REPAIRS = ("facets_removed", "facets_reversed", "edges_fixed", "degenerate_facets", "backwards")
POINTS = 16384


def convert(binary: Path, text: str, path: Path, *options: str) -> dict:
    """What the program says of the file that it made of a description."""
    command = [str(binary), "convert", "--text", text, "-o", str(path), "--json", *options]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{text}: {result.stderr.strip()}")
    return json.loads(result.stdout)


def read_back(path: Path) -> dict[str, bool]:
    """What trimesh says of an STL file."""
    mesh = trimesh.load(path, force="mesh")
    return {
        "watertight": bool(mesh.is_watertight),
        "winding consistent": bool(mesh.is_winding_consistent),
        "volume": bool(mesh.volume > 0),
    }


def sliced(path: Path, slices: bool) -> dict[str, bool]:
    """What PrusaSlicer says of a file: whether it is manifold, and sliced without a repair."""
    told = subprocess.run(
        ["prusa-slicer", "--info", str(path)], capture_output=True, text=True, check=False
    ).stdout
    found = {
        "manifold": "manifold = yes" in told,
        "unrepaired": not any(name in told for name in REPAIRS),
    }
    if slices:
        code = path.with_suffix(".gcode")
        command = ["prusa-slicer", "--export-gcode", *SLICED, "--output", str(code), str(path)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        layers = code.read_text().count(";LAYER_CHANGE") if code.exists() else 0
        found["sliced"] = result.returncode == 0 and layers > 5
        code.unlink(missing_ok=True)
    return found


def asked(seeds: int, scenes: int) -> Iterator[tuple[str, int, int]]:
    """Texts, seeds and numbers of objects: all objects under every seed, then the scenes."""
    for seed in range(seeds):
        for name in load_language().objects:
            yield f"a {name}", seed, 1
    rng = random.Random(18)
    for index in range(scenes):
        scene = sample_scene(rng, count=2, copies=0)
        yield scene.text(), index, 2


def counts(binary: Path, folder: Path) -> Iterator[tuple[str, int | None, int | None, int]]:
    """Descriptions with as few and as many of each counted part as can be said: the numbers that
    the counters find in the cloud and in the surface, and the number that was asked for.
    """
    language = load_language()
    for name, kind in language.objects.items():
        for part in kind.parts.values():
            if not part.count:
                continue
            numbers = list(part.count.numbers())
            for number in (numbers[0], numbers[-1]):
                description = Description(name, parts=(Part(part.name, number),))
                text = description.text()
                found = []
                for ending, options in (("ply", ()), ("glb", ("--surface",))):
                    path = folder / f"counted.{ending}"
                    convert(binary, text, path, "--points", str(POINTS), *options)
                    if ending == "ply":
                        rows = read_ply(path)
                        points = np.column_stack([rows[axis] for axis in "xyz"])
                        rgb = np.column_stack([rows[c] for c in ("red", "green", "blue")]) / 255
                    else:
                        points, rgb = sampled(path)
                    found.append(counted(description, points / description.scale, rgb))
                yield text, found[0], found[1], number


def sampled(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Points [N, 3], z up, and rgb [N, 3] of sRGB on the one coloured mesh of a GLB file."""
    (mesh,) = trimesh.load(path).geometry.values()
    points, faces = trimesh.sample.sample_surface(mesh, POINTS, seed=0)
    corners = mesh.triangles[faces]
    weights = trimesh.triangles.points_to_barycentric(corners, points)
    colours = np.asarray(mesh.visual.vertex_attributes["color"])[:, :3][mesh.faces[faces]]
    light = (weights[..., None] * colours).sum(1).clip(0, 1)
    rgb = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    x, y, z = points.T
    return np.column_stack([x, -z, y]), rgb


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sonoform", type=Path, required=True, help="the program")
    parser.add_argument("--seeds", type=int, default=10, help="of every object")
    parser.add_argument("--scenes", type=int, default=50, help="of two objects")
    parser.add_argument("--slice", action="store_true", help="slices each file, too")
    parser.add_argument("--counts", action="store_true", help="counts parts, too")
    parser.add_argument("--json", type=Path, help="keeps every finding")
    arguments = parser.parse_args()
    slicer = shutil.which("prusa-slicer") is not None
    if arguments.slice and not slicer:
        parser.error("--slice needs prusa-slicer")
    tallies: dict[str, Counter[str]] = {"objects": Counter(), "scenes": Counter()}
    kept = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wanted = list(asked(arguments.seeds, arguments.scenes))
        for index, (text, seed, parts) in enumerate(wanted):
            print(f"\r{index} of {len(wanted)}", end="", file=sys.stderr, flush=True)
            path = folder / "surface.stl"
            told = convert(arguments.sonoform, text, path, "--size", SIZE, "--seed", str(seed))
            found = read_back(path)
            if slicer:
                found |= sliced(path, arguments.slice)
            tally = tallies["objects" if parts == 1 else "scenes"]
            tally["made"] += 1
            tally.update(key for key, holds in found.items() if holds)
            tally["in one piece per object"] += told["surface"]["components"] == parts
            failed = [key for key, holds in found.items() if not holds]
            kept.append({"text": text, "seed": seed, "failed": failed, **told["surface"]})
            if failed:
                print(f"{text}, seed {seed}: not {', not '.join(failed)}", flush=True)
        for kind, tally in tallies.items():
            print(f"{kind}: " + ", ".join(f"{key} {value}" for key, value in tally.items()))
        if arguments.counts:
            rows = list(counts(arguments.sonoform, folder))
            clouds = sum(cloud == number for _, cloud, _, number in rows)
            meshes = sum(mesh == number for _, _, mesh, number in rows)
            lost = [row for row in rows if row[1] == row[3] != row[2]]
            print(f"of {len(rows)} numbers of parts right in the cloud {clouds}, surface {meshes}")
            print(f"right in the cloud alone: {lost}")
            kept.append({"counts": rows})
    if arguments.json:
        arguments.json.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main()
