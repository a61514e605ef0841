"""Goldens of point clouds: PLY files by other programs, and distances by SciPy.

    python -m sonoform_training.goldens.pointclouds Tests/Goldens/pointclouds

`corners-*.ply` hold the corners of a cube, written by plyfile and trimesh in every way that PLY
allows: corner i is at ((i & 1), (i >> 1) & 1, i >> 2) with the colour (30 i, 255 - 30 i, 10 + i).
`a.ply` and `b.ply` are two clouds in Sonoform's own layout; `comparison.json` says how far apart.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import trimesh
from plyfile import PlyData, PlyElement
from scipy.spatial import cKDTree

from .manifest import write_manifest

SEED = 11
THRESHOLD = 0.05
LAYOUT = [
    *((name, "f4") for name in ("x", "y", "z", "nx", "ny", "nz")),
    *((name, "u1") for name in ("red", "green", "blue", "object")),
]


def rows(layout: list, *columns: np.ndarray) -> np.ndarray:
    """Columns `[N, k]` side by side as a structured array with the layout's fields."""
    table = np.empty(len(columns[0]), dtype=layout)
    for (name, _), values in zip(layout, np.concatenate(columns, axis=1).T, strict=True):
        table[name] = values
    return table


def sphere_cloud(count: int, radius: float, rng: np.random.Generator) -> np.ndarray:
    """Points `[N]` of Sonoform's layout on a noisy sphere whose colours follow the place."""
    normals = rng.standard_normal((count, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    positions = radius * normals + 0.01 * rng.standard_normal((count, 3)) + [0, 0, 0.5]
    colours = np.clip(127 + 120 * normals + 5 * rng.standard_normal((count, 3)), 0, 255).round()
    return rows(LAYOUT, positions, normals, colours, np.zeros((count, 1)))


def directed(a: np.ndarray, b: np.ndarray) -> dict[str, float]:
    """The figures of every point of a against its nearest in b."""

    def columns(table: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
        return np.stack([table[name].astype(float) for name in names], axis=1)

    places, normals, colours = ("x", "y", "z"), ("nx", "ny", "nz"), ("red", "green", "blue")
    distance, nearest = cKDTree(columns(b, places)).query(columns(a, places))
    ours, theirs = columns(a, normals), columns(b, normals)[nearest]
    cosine = (ours * theirs).sum(1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
    return {
        "mean": distance.mean(),
        "largest": distance.max(),
        "within": (distance <= THRESHOLD).mean(),
        "colour": np.abs(columns(a, colours) - columns(b, colours)[nearest]).mean() / 255,
        "degrees": np.degrees(np.arccos(np.clip(cosine, -1, 1))).mean(),
    }


def write_clouds(folder: Path) -> None:
    """Write a.ply, b.ply and comparison.json."""
    rng = np.random.default_rng(SEED)
    a, b = sphere_cloud(700, 0.5, rng), sphere_cloud(500, 0.52, rng)
    for name, cloud in (("a", a), ("b", b)):
        PlyData([PlyElement.describe(cloud, "vertex")], byte_order="<").write(
            folder / f"{name}.ply"
        )
    forth, back = directed(a, b), directed(b, a)
    both = {key: (forth[key] + back[key]) / 2 for key in forth}
    comparison = {
        "chamferDistance": both["mean"],
        "hausdorffDistance": max(forth["largest"], back["largest"]),
        "fScore": 2 * forth["within"] * back["within"] / (forth["within"] + back["within"]),
        "fScoreThreshold": THRESHOLD,
        "precision": forth["within"],
        "recall": back["within"],
        "colourError": both["colour"],
        "normalErrorDegrees": both["degrees"],
    }
    (folder / "comparison.json").write_text(json.dumps(comparison, indent=2) + "\n")


def write_corners(folder: Path) -> None:
    """Write the same eight points in every dialect."""
    i = np.arange(8)[:, None]
    places = np.concatenate([i & 1, (i >> 1) & 1, i >> 2], axis=1).astype(float)
    colours = np.concatenate([30 * i, 255 - 30 * i, 10 + i], axis=1)
    normals = np.tile([0.0, 0.0, 1.0], (8, 1))
    faces = np.empty(2, dtype=[("vertex_indices", "i4", (3,)), ("flags", "u1")])
    faces["vertex_indices"] = [[0, 1, 2], [1, 2, 3]]
    faces["flags"] = 7
    face = PlyElement.describe(faces, "face", val_types={"vertex_indices": "i4"})

    byte_colours = [(name, "u1") for name in ("red", "green", "blue")]
    plain = [*((n, "f4") for n in "xyz"), *byte_colours]
    doubles = [*((n, "f8") for n in "xyz"), *((n, "f8") for n in ("nx", "ny", "nz"))]
    doubles += [("quality", "i2"), *((n, "u2") for n in ("red", "green", "blue"))]
    floats = [*((n, "f4") for n in ("red", "green", "blue")), *((n, "f4") for n in "xyz")]
    vertices = {
        "ascii": (PlyElement.describe(rows(plain, places, colours), "vertex"), {"text": True}),
        "big": (
            PlyElement.describe(rows(doubles, places, normals, -i, colours * 257), "vertex"),
            {"byte_order": ">"},
        ),
        "little": (
            PlyElement.describe(rows(floats, colours / 255, places), "vertex"),
            {"byte_order": "<"},
        ),
    }
    for name, (vertex, options) in vertices.items():
        PlyData([vertex, face], comments=["by plyfile"], **options).write(
            folder / f"corners-plyfile-{name}.ply"
        )
        # Faces first: lists of unequal rows have to be passed over to get to the vertices.
        PlyData([face, vertex], obj_info=["faces first"], **options).write(
            folder / f"corners-plyfile-{name}-faces-first.ply"
        )

    rgba = np.concatenate([colours, np.full((8, 1), 255)], axis=1).astype(np.uint8)
    cloud = trimesh.PointCloud(places, colors=rgba)
    cloud.export(folder / "corners-trimesh-cloud.ply")
    mesh = trimesh.Trimesh(
        places, faces["vertex_indices"], vertex_colors=rgba, vertex_normals=normals, process=False
    )
    mesh.export(folder / "corners-trimesh-mesh.ply", vertex_normal=True)
    mesh.export(folder / "corners-trimesh-ascii.ply", encoding="ascii")


def write(folder: Path) -> None:
    """Write everything and the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    write_clouds(folder)
    write_corners(folder)
    packages = ("plyfile", "trimesh", "scipy", "numpy")
    write_manifest(folder, "sonoform_training.goldens.pointclouds", packages, seed=SEED)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="usually Tests/Goldens/pointclouds")
    write(parser.parse_args().folder)
