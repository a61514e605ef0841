"""Goldens of point clouds: PLY files by other programs, and distances by SciPy.

    python -m sonoform_training.goldens.pointclouds Tests/Goldens/pointclouds

`corners-*.ply` hold the corners of a cube, written by plyfile and trimesh in every way that PLY
allows: corner i is at ((i & 1), (i >> 1) & 1, i >> 2) with the colour (30 i, 255 - 30 i, 10 + i).
`a.ply` and `b.ply` are two clouds in Sonoform's own layout; `comparison.json` says how far apart
they are by SciPy, and by Open3D where it is installed (`pip install open3d`; what it wrote and said
before stays where it is not). `cases/` and `colours/` are written by hand (`written_clouds`).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
from pathlib import Path

import numpy as np
import trimesh
from plyfile import PlyData, PlyElement
from scipy.spatial import cKDTree

from .manifest import write_manifest
from .written_clouds import write_cases, write_colours

SEED = 11
THRESHOLDS = (0.01, 0.05, 0.1)
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
    # The arc cosine loses half the digits where the angle is small; the arc tangent does not.
    sine = np.linalg.norm(np.cross(ours, theirs), axis=1)
    return {
        "mean": distance.mean(),
        "root_mean_square": np.sqrt((distance**2).mean()),
        "largest": distance.max(),
        "within": [(distance <= threshold).mean() for threshold in THRESHOLDS],
        "colour": np.abs(columns(a, colours) - columns(b, colours)[nearest]).mean() / 255,
        "degrees": np.degrees(np.arctan2(sine, (ours * theirs).sum(1))).mean(),
    }


def open3d_distances(folder: Path) -> dict[str, list[float]] | None:
    """The mean and largest distance of both directions by Open3D, or None where it is missing."""
    try:
        import open3d
    except ImportError:
        return None
    clouds = [open3d.io.read_point_cloud(str(folder / f"{name}.ply")) for name in "ab"]
    both = [
        np.asarray(one.compute_point_cloud_distance(other))
        for one, other in (clouds, reversed(clouds))
    ]
    return {"mean": [d.mean() for d in both], "largest": [d.max() for d in both]}


def write_clouds(folder: Path) -> None:
    """Write a.ply, b.ply and comparison.json."""
    rng = np.random.default_rng(SEED)
    a, b = sphere_cloud(700, 0.5, rng), sphere_cloud(500, 0.52, rng)
    for name, cloud in (("a", a), ("b", b)):
        PlyData([PlyElement.describe(cloud, "vertex")], byte_order="<").write(
            folder / f"{name}.ply"
        )
    forth, back = directed(a, b), directed(b, a)
    scores = [
        {
            "threshold": threshold,
            "precision": precision,
            "recall": recall,
            "f_score": 2 * precision * recall / max(precision + recall, 1e-30),
        }
        for threshold, precision, recall in zip(
            THRESHOLDS, forth["within"], back["within"], strict=True
        )
    ]
    one_sided = ("mean", "root_mean_square", "largest")
    comparison = {
        "chamfer_distance": (forth["mean"] + back["mean"]) / 2,
        "squared_chamfer_distance": forth["root_mean_square"] ** 2 + back["root_mean_square"] ** 2,
        "hausdorff_distance": max(forth["largest"], back["largest"]),
        "f_scores": scores,
        "colour_error": (forth["colour"] + back["colour"]) / 2,
        "normal_error_degrees": (forth["degrees"] + back["degrees"]) / 2,
        "a_to_b": {key: forth[key] for key in one_sided},
        "b_to_a": {key: back[key] for key in one_sided},
    }
    file = folder / "comparison.json"
    open3d = open3d_distances(folder)
    if open3d is None and file.exists():
        open3d = json.loads(file.read_text()).get("open3d")
    file.write_text(json.dumps({**comparison, "open3d": open3d}, indent=2) + "\n")


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


def write_by_others(folder: Path) -> None:
    """Write the corners by meshio and, where it is installed, Open3D."""
    import meshio

    i = np.arange(8)[:, None]
    places = np.concatenate([i & 1, (i >> 1) & 1, i >> 2], axis=1).astype(float)
    colours = np.concatenate([30 * i, 255 - 30 * i, 10 + i], axis=1)
    fields = {
        name: colours[:, k].astype(np.uint8) for k, name in enumerate(("red", "green", "blue"))
    }
    fields |= {name: np.full(8, float(name == "nz")) for name in ("nx", "ny", "nz")}
    for name, binary in (("ascii", False), ("binary", True)):
        mesh = meshio.Mesh(places, [("triangle", np.array([[0, 1, 2]]))], point_data=fields)
        file = folder / f"corners-meshio-{name}.ply"
        meshio.ply.write(file, mesh, binary=binary)
        # The time of day is left out, so that the same bytes come out every time.
        file.write_bytes(re.sub(rb"(by meshio v[0-9.]+), \S+", rb"\1", file.read_bytes()))
    try:
        import open3d
    except ImportError:
        return
    cloud = open3d.geometry.PointCloud(open3d.utility.Vector3dVector(places))
    cloud.colors = open3d.utility.Vector3dVector(colours / 255)
    cloud.normals = open3d.utility.Vector3dVector(np.tile([0.0, 0.0, 1.0], (8, 1)))
    for name, text in (("ascii", True), ("binary", False)):
        path = str(folder / f"corners-open3d-{name}.ply")
        open3d.io.write_point_cloud(path, cloud, write_ascii=text)


def write_formats(folder: Path) -> None:
    """Write a coloured square as OBJ and GLB: points, and a mesh on a node moved and turned; and
    as STL, which has no colours."""
    formats = folder / "formats"
    formats.mkdir(exist_ok=True)
    places = np.array([[0, 0, 0], [2, 0, 0], [2, 1, 0], [0, 1, 0]], dtype=float)
    rgba = np.array([[214, 39, 40, 255], [31, 96, 200, 255], [0, 0, 0, 255], [255] * 4], np.uint8)
    mesh = trimesh.Trimesh(places, [[0, 1, 2], [0, 2, 3]], vertex_colors=rgba, process=False)
    turn = trimesh.transformations.rotation_matrix(np.pi / 2, [1, 0, 0], [0, 0, 0])
    turn[:3, 3] = [10, 20, 30]
    scene = trimesh.Scene()
    scene.add_geometry(mesh, transform=turn)
    (formats / "trimesh-mesh.glb").write_bytes(scene.export(file_type="glb"))
    cloud = trimesh.PointCloud(places, colors=rgba)
    (formats / "trimesh-points.glb").write_bytes(trimesh.Scene(cloud).export(file_type="glb"))
    (formats / "trimesh-mesh.obj").write_text(mesh.export(file_type="obj"))
    (formats / "trimesh-mesh.stl").write_bytes(mesh.export(file_type="stl"))
    (formats / "trimesh-mesh-ascii.stl").write_text(mesh.export(file_type="stl_ascii"))


def write(folder: Path) -> None:
    """Write everything and the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    write_clouds(folder)
    write_corners(folder)
    write_by_others(folder)
    write_cases(folder)
    write_colours(folder)
    write_formats(folder)
    packages = ["plyfile", "trimesh", "meshio", "scipy", "numpy"]
    packages += ["open3d"] if importlib.util.find_spec("open3d") else []
    write_manifest(folder, "sonoform_training.goldens.pointclouds", packages, seed=SEED)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="usually Tests/Goldens/pointclouds")
    write(parser.parse_args().folder)
