"""Goldens of point clouds: PLY files by other programs, and distances by SciPy.

    python -m sonoform_training.goldens.pointclouds Tests/Goldens/pointclouds

`corners-*.ply` hold the corners of a cube, written by plyfile and trimesh in every way that PLY
allows: corner i is at ((i & 1), (i >> 1) & 1, i >> 2) with the colour (30 i, 255 - 30 i, 10 + i).
`a.ply` and `b.ply` are two clouds in Sonoform's own layout; `comparison.json` says how far apart
they are by SciPy, and by Open3D where it is installed (`pip install open3d`; what it wrote and said
before stays where it is not). `cases/` holds small files that are valid in unusual ways, or that
lie; `cases.json` says which points the valid ones have.
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


XYZ = "property float x\nproperty float y\nproperty float z\n"
ASCII, LITTLE, BIG = (
    f"ply\nformat {name} 1.0\n" for name in ("ascii", "binary_little_endian", "binary_big_endian")
)


def floats(order: str, *values: float) -> bytes:
    """Packed floats of a byte order, "<" or ">"."""
    return np.array(values, dtype=f"{order}f4").tobytes()


def write_cases(folder: Path) -> None:
    """Write files that are valid in unusual ways, with their points, and files that lie."""
    huge = 2**63 - 1
    old = ("char", "uchar", "short", "ushort", "int", "uint", "float", "double")
    new = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64")
    codes = ("i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8")
    good: dict[str, tuple[bytes, list[list[float]]]] = {}
    for style, names in (("old", old), ("new", new)):
        for order, head in (("<", LITTLE), (">", BIG)):
            for name, code in zip(names, codes, strict=True):
                header = head + "element vertex 2\n"
                header += "".join(f"property {name} {axis}\n" for axis in "xyz") + "end_header\n"
                data = np.array([1, 2, 3, 4, 5, 100], dtype=order + code).tobytes()
                end = "little" if order == "<" else "big"
                points = [[1, 2, 3], [4, 5, 100]]
                good[f"type-{style}-{name}-{end}"] = (header.encode() + data, points)
    one = [[1.0, 2.0, 3.0]]
    vertex = "element vertex 1\n" + XYZ
    tail = "end_header\n"
    # A value whose first byte is a line's end: a carriage return must not swallow it.
    odd = np.frombuffer(b"\x0a\x00\x80\x3f", dtype="<f4")[0]
    good |= {
        "ends-crlf": ((ASCII + vertex + tail + "1 2 3\n").replace("\n", "\r\n").encode(), one),
        "ends-cr": ((ASCII + vertex + tail + "1 2 3\n").replace("\n", "\r").encode(), one),
        "ends-crlf-binary": (
            (LITTLE + vertex + tail).replace("\n", "\r\n").encode() + floats("<", odd, 2, 3),
            [[float(odd), 2, 3]],
        ),
        "ends-cr-binary": (
            (LITTLE + vertex + tail).replace("\n", "\r").encode() + floats("<", odd, 2, 3),
            [[float(odd), 2, 3]],
        ),
        "comments": (
            (
                "ply\ncomment before the format\nformat ascii 1.0\nobj_info a scanner\ncomment\n"
                f"comment {'long ' * 2000}\n{vertex}comment \u00e9\u0001\n{tail}1 2 3"
            ).encode(),
            one,
        ),
        "spaces": (
            (ASCII + "element  vertex\t1 \n" + XYZ + tail + " 1\t2   3 \n\n").encode(),
            one,
        ),
        "numbers": ((ASCII + vertex + tail + "+1.0e0 .2E1 3.\n").encode(), one),
        "long-number": ((ASCII + vertex + tail + f"1.{'0' * 400} 2 3\n").encode(), one),
        "byte-order-mark": (b"\xef\xbb\xbf" + (ASCII + vertex + tail + "1 2 3\n").encode(), one),
        "byte-order-mark-before-rows": (
            (ASCII + vertex + tail).encode() + b"\xef\xbb\xbf" + b"1 2 3\n",
            one,
        ),
        "space-before-ply": ((" " + ASCII + vertex + tail + "1 2 3\n").encode(), one),
        "capital-names": (
            (
                ASCII
                + "element vertex 1\n"
                + XYZ.upper().replace("PROPERTY FLOAT", "property float")
            ).encode()
            + (tail + "1 2 3\n").encode(),
            one,
        ),
        "points-not-finite": (
            (
                ASCII + "element vertex 4\n" + XYZ + tail + "nan 0 0\n1 2 3\n0 inf 0\n0 0 -inf\n"
            ).encode(),
            one,
        ),
        "space-after-the-rows": (
            (LITTLE + vertex + tail).encode() + floats("<", 1, 2, 3) + b"\n\0",
            one,
        ),
        "empty-element": (
            (ASCII + f"element ghost {huge}\n" + vertex + tail + "1 2 3\n").encode(),
            one,
        ),
        "list-in-vertex": (
            (LITTLE + "element vertex 2\nproperty list uchar short ids\n" + XYZ + tail).encode()
            + b"\x02\x01\x00\x02\x00"
            + floats("<", 1, 2, 3)
            + b"\x00"
            + floats("<", 4, 5, 6),
            [[1, 2, 3], [4, 5, 6]],
        ),
        "list-in-vertex-ascii": (
            (
                ASCII
                + "element vertex 2\nproperty list uchar short ids\n"
                + XYZ
                + tail
                + "2 8 9 1 2 3\n0 4 5 6\n"
            ).encode(),
            [[1, 2, 3], [4, 5, 6]],
        ),
        "elements-around": (
            (
                BIG + "element camera 1\nproperty double f\nelement face 1\n"
                "property list uint int v\n" + vertex + "element edge 1\nproperty int a\n" + tail
            ).encode()
            + np.array([2.5], ">f8").tobytes()
            + np.array([2, 7, 8], ">i4").tobytes()
            + floats(">", 1, 2, 3)
            + np.array([5], ">i4").tobytes(),
            one,
        ),
        "many-properties": (
            (
                ASCII
                + vertex
                + "".join(f"property float f_{k}\n" for k in range(300))
                + tail
                + "1 2 3"
                + " 0" * 300
                + "\n"
            ).encode(),
            one,
        ),
        "normal-not-a-number": (
            (
                ASCII
                + vertex
                + "".join(f"property float n{a}\n" for a in "xyz")
                + tail
                + "1 2 3 nan 0 1\n"
            ).encode(),
            one,
        ),
        "no-points": ((ASCII + "element vertex 0\n" + XYZ + tail).encode(), []),
    }
    lists = "element face 1\nproperty list uint double v\n"
    bad = {
        "count-of-4-billion": (
            LITTLE + "element vertex 4000000000\n" + XYZ + tail + "x" * 24
        ).encode(),
        "count-that-overflows": (LITTLE + f"element vertex {huge}\n" + XYZ + tail).encode(),
        "counts-that-add-up": (
            LITTLE
            + "element a 2\nproperty int i\n"
            + vertex
            + "element b 1\nproperty int i\n"
            + tail
            + "x" * 20
        ).encode(),
        "count-negative": (ASCII + "element vertex -1\n" + XYZ + tail).encode(),
        "count-not-whole": (ASCII + "element vertex 1.5\n" + XYZ + tail).encode(),
        "list-longer-than-file": (LITTLE + lists + vertex + tail).encode()
        + b"\xff" * 4
        + b"x" * 12,
        "list-of-minus-one": (LITTLE + lists.replace("uint", "char") + vertex + tail).encode()
        + b"\xff"
        + b"x" * 12,
        "list-count-ascii": (ASCII + lists + vertex + tail + "1e300 1 2 3\n").encode(),
        "list-count-not-a-number": (ASCII + lists + vertex + tail + "nan 1 2 3\n").encode(),
        "list-count-is-float": (
            ASCII + "element vertex 1\nproperty list float int v\n" + XYZ + tail + "0 1 2 3\n"
        ).encode(),
        "header-of-zeros": b"ply\n" + bytes(1000),
        "header-cut": (ASCII + vertex).encode(),
        "no-format": ("ply\n" + vertex + tail + "1 2 3\n").encode(),
        "no-vertex": (ASCII + "element face 0\nproperty int a\n" + tail).encode(),
        "no-z": (
            ASCII + "element vertex 1\nproperty float x\nproperty float y\n" + tail + "1 2\n"
        ).encode(),
        "x-is-a-list": (
            ASCII + "element vertex 1\nproperty list uchar float x\nproperty float y\n"
            "property float z\n" + tail + "1 1 2 3\n"
        ).encode(),
        "type-unknown": (ASCII + "element vertex 1\nproperty half x\n" + tail).encode(),
        "too-few-numbers": (ASCII + vertex + tail + "1 2").encode(),
        "not-a-number": (ASCII + vertex + tail + "1 two 3\n").encode(),
        "positions-too-far-apart": (
            ASCII
            + vertex.replace("float", "double").replace("1", "2")
            + tail
            + "1 1e300 3\n0 0 0\n"
        ).encode(),
        "row-over-lines": (ASCII + vertex + tail + "1\n2\n3").encode(),
        "more-numbers-than-properties": (ASCII + vertex + tail + "1 2 3 4\n").encode(),
        "more-rows-than-declared": (ASCII + vertex + tail + "1 2 3\n4 5 6\n").encode(),
        "more-bytes-than-rows": (LITTLE + vertex + tail).encode() + floats("<", 1, 2, 3, 4),
        "escape-in-a-name": (
            ASCII + "element \x1b[31m 9\nproperty int i\n" + vertex + tail
        ).encode(),
        "an-off-file": b"OFF\n1 0 0\n1 2 3\n",
        "nothing": b"",
    }
    cases = folder / "cases"
    cases.mkdir(exist_ok=True)
    for old_file in cases.glob("*.ply"):
        old_file.unlink()
    for name, data in bad.items():
        (cases / f"bad-{name}.ply").write_bytes(data)
    for name, (data, _) in good.items():
        (cases / f"good-{name}.ply").write_bytes(data)
    points = {name: points for name, (_, points) in good.items()}
    (folder / "cases.json").write_text(json.dumps(points, indent=1) + "\n")


CHAIR = [(214, 39, 40), (31, 96, 200), (0, 0, 0), (255, 255, 255), (7, 8, 9)]
"""Colours that every dialect below stores."""


def coloured(
    names: list[str], kind: str, values: list[list[object]], order: str = "ascii"
) -> bytes:
    """A PLY file with the places (i, 2 i, 3 i) and some colour properties."""
    header = f"ply\nformat {order} 1.0\nelement vertex {len(values)}\n{XYZ}"
    header += "".join(f"property {kind} {name}\n" for name in names) + "end_header\n"
    lines = (f"{i} {2 * i} {3 * i} " + " ".join(map(str, row)) for i, row in enumerate(values))
    return (header + "\n".join(lines) + "\n").encode()


def write_colours(folder: Path) -> None:
    """Write the same five colours as every tool has them."""
    rgb = [list(colour) for colour in CHAIR]
    words = ["red", "green", "blue"]
    harmonics = [[(c / 255 - 0.5) / 0.28209479177387814 for c in row] for row in rgb]
    packed = [r << 16 | g << 8 | b for r, g, b in rgb]
    full = 2**32 - 1
    files = {
        "float-0-1": coloured(words, "float", [[c / 255 for c in row] for row in rgb]),
        "float-0-255": coloured(words, "float", rgb),
        "double-0-255": coloured(words, "double", rgb),
        "char": coloured(words, "char", [[c - 256 if c > 127 else c for c in row] for row in rgb]),
        "short-0-255": coloured(words, "short", rgb),
        "ushort-0-255": coloured(words, "ushort", rgb),
        "ushort-full": coloured(words, "ushort", [[257 * c for c in row] for row in rgb]),
        "int-0-255": coloured(words, "int", rgb),
        "uint-0-255": coloured(words, "uint", rgb),
        "uint-0-65535": coloured(words, "uint", [[257 * c for c in row] for row in rgb]),
        "uint-full": coloured(words, "uint", [[round(c / 255 * full) for c in row] for row in rgb]),
        "capital-letters": coloured(["R", "G", "B"], "uchar", rgb),
        "letters": coloured(["r", "g", "b"], "uchar", rgb),
        "capitalised": coloured(["Red", "Green", "Blue"], "uchar", rgb),
        "diffuse": coloured([f"diffuse_{w}" for w in words], "uchar", rgb),
        "scalar-letters": coloured(["scalar_R", "scalar_G", "scalar_B"], "float", rgb),
        "scalar-words": coloured([f"scalar_{w.title()}" for w in words], "float", rgb),
        "packed-uint": coloured(["rgba"], "uint", [[0xFF000000 | p] for p in packed]),
        "packed-int": coloured(["rgb"], "int", [[p] for p in packed]),
        "packed-float-text": coloured(
            ["rgb"], "float", [[np.uint32(p).view(np.float32)] for p in packed]
        ),
        "harmonics": coloured([f"f_dc_{k}" for k in range(3)], "float", harmonics),
    }
    head = coloured(["rgb"], "float", [], "binary_little_endian").decode()
    table = np.zeros(len(rgb), dtype=[("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("rgb", "<u4")])
    for k, axis in enumerate("xyz"):
        table[axis] = (k + 1) * np.arange(len(rgb))
    # With alpha 255 in front, the bits are those of a float that is no number.
    table["rgb"] = [0xFF000000 | p for p in packed]
    files["packed-float-bits"] = (
        head.replace("vertex 0", f"vertex {len(rgb)}").rstrip().encode() + b"\n" + table.tobytes()
    )
    colours = folder / "colours"
    colours.mkdir(exist_ok=True)
    for name, data in files.items():
        (colours / f"{name}.ply").write_bytes(data)


def write_formats(folder: Path) -> None:
    """Write a coloured square as OBJ and GLB: points, and a mesh on a node moved and turned."""
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
