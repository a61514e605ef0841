"""Clouds that the program wrote, read back by the libraries that people open them with.

Each library is skipped with a reason where it is missing: `pip install -e 'Training[test,open3d]'`.
"""

import json
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
BUILDS = (".build/release/sonoform", ".build-testing/release/sonoform")
POINTS = 600


def program() -> Path:
    built = [path for name in BUILDS if (path := ROOT / name).exists()]
    if not built:
        pytest.skip("the program is not built: make build")
    return max(built, key=lambda path: path.stat().st_mtime)


@pytest.fixture(scope="module")
def clouds(tmp_path_factory):
    """A folder of the same cloud in every format."""
    folder = tmp_path_factory.mktemp("clouds")
    for name, form in (
        ("chair.ply", "ply"),
        ("text.ply", "ply-ascii"),
        ("chair.xyz", "xyz"),
        ("chair.obj", "obj"),
        ("chair.glb", "glb"),
    ):
        words = "a red chair with three blue legs"
        options = ["--points", str(POINTS), "--format", form, "-o", folder / name]
        subprocess.run([program(), "convert", "--text", words, *options], check=True)
    return folder


@pytest.fixture(scope="module")
def truth(clouds):
    """Positions, normals and colours, read by NumPy alone."""
    data = (clouds / "chair.ply").read_bytes()
    body = data[data.index(b"end_header\n") + 11 :]
    row = np.dtype([("p", "<f4", 3), ("n", "<f4", 3), ("c", "u1", 3), ("object", "u1")])
    rows = np.frombuffer(body, row)
    assert len(rows) == POINTS
    assert {tuple(c) for c in rows["c"][::50]}, "there are colours"
    assert np.allclose(np.linalg.norm(rows["n"], axis=1), 1, atol=1e-3)
    return rows


@pytest.mark.parametrize("name", ["chair.ply", "text.ply"])
def test_plyfile(clouds, truth, name):
    plyfile = pytest.importorskip("plyfile")
    vertex = plyfile.PlyData.read(clouds / name)["vertex"]
    columns = [vertex[axis] for axis in ("x", "y", "z")]
    assert np.array_equal(np.stack(columns, 1), truth["p"])
    assert np.array_equal(np.stack([vertex[a] for a in ("nx", "ny", "nz")], 1), truth["n"])
    assert np.array_equal(np.stack([vertex[a] for a in ("red", "green", "blue")], 1), truth["c"])
    assert np.array_equal(vertex["object"], truth["object"])


@pytest.mark.parametrize("name", ["chair.ply", "text.ply"])
def test_trimesh(clouds, truth, name):
    trimesh = pytest.importorskip("trimesh")
    cloud = trimesh.load(clouds / name)
    assert np.allclose(cloud.vertices, truth["p"], atol=1e-7)
    assert np.array_equal(cloud.colors[:, :3], truth["c"])
    # A point cloud of trimesh has no normals; what it read of the file has them.
    raw = cloud.metadata["_ply_raw"]["vertex"]["data"]
    normals = np.stack([np.asarray(raw[axis]).ravel() for axis in ("nx", "ny", "nz")], 1)
    assert np.array_equal(normals, truth["n"])


@pytest.mark.parametrize("name", ["chair.ply", "text.ply"])
def test_meshio(clouds, truth, name):
    meshio = pytest.importorskip("meshio")
    mesh = meshio.read(clouds / name)
    assert np.array_equal(mesh.points, truth["p"])
    data = mesh.point_data
    assert np.array_equal(np.stack([data[a] for a in ("nx", "ny", "nz")], 1), truth["n"])
    # meshio 5.3.5 takes a binary file's uchar for signed bytes: the bits are right.
    colours = np.stack([data[a].astype(np.uint8) for a in ("red", "green", "blue")], 1)
    assert np.array_equal(colours, truth["c"])


@pytest.mark.parametrize("name", ["chair.ply", "text.ply"])
def test_open3d(clouds, truth, name):
    open3d = pytest.importorskip("open3d", reason="pip install -e 'Training[open3d]'")
    cloud = open3d.io.read_point_cloud(str(clouds / name))
    assert np.allclose(np.asarray(cloud.points), truth["p"], atol=1e-7)
    assert np.allclose(np.asarray(cloud.normals), truth["n"], atol=1e-7)
    assert np.array_equal(np.rint(255 * np.asarray(cloud.colors)), truth["c"])


def test_xyz_as_a_table(clouds, truth):
    table = np.loadtxt(clouds / "chair.xyz")
    assert np.allclose(table[:, :3], truth["p"], atol=1e-7)
    assert np.allclose(table[:, 3:6], truth["n"], atol=1e-7)
    assert np.array_equal(table[:, 6:], truth["c"])


def test_xyz_in_open3d(clouds, truth):
    open3d = pytest.importorskip("open3d", reason="pip install -e 'Training[open3d]'")
    cloud = open3d.io.read_point_cloud(str(clouds / "chair.xyz"), format="xyzn")
    assert np.allclose(np.asarray(cloud.points), truth["p"], atol=1e-7)
    assert np.allclose(np.asarray(cloud.normals), truth["n"], atol=1e-7)


def test_obj_as_text(clouds, truth):
    lines = [line.split() for line in (clouds / "chair.obj").read_text().splitlines()]
    table = {
        kind: np.array([row[1:] for row in lines if row[0] == kind], float)
        for kind in ["v", "vn", "p"]
    }
    assert np.allclose(table["v"][:, :3], truth["p"], atol=1e-7)
    assert np.array_equal(np.rint(255 * table["v"][:, 3:]), truth["c"])
    assert np.allclose(table["vn"], truth["n"], atol=1e-7)
    assert np.array_equal(table["p"].ravel(), np.arange(1, POINTS + 1))


def test_obj_in_trimesh(clouds, truth):
    trimesh = pytest.importorskip("trimesh")
    cloud = trimesh.load(clouds / "chair.obj")
    assert np.allclose(cloud.vertices, truth["p"], atol=1e-7)
    # It cuts decimals off where it could round.
    assert np.abs(cloud.colors[:, :3].astype(int) - truth["c"]).max() <= 1


def test_obj_in_meshio(clouds, truth):
    meshio = pytest.importorskip("meshio")
    mesh = meshio.read(clouds / "chair.obj")
    assert np.allclose(mesh.points[:, :3], truth["p"], atol=1e-7)
    assert np.allclose(mesh.point_data["obj:vn"], truth["n"], atol=1e-7)


def y_up(vectors):
    return np.stack([vectors[:, 0], vectors[:, 2], -vectors[:, 1]], 1)


def linear(colours):
    value = colours.astype(float) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def test_glb_by_the_specification(clouds, truth):
    data = (clouds / "chair.glb").read_bytes()
    magic, version, length, json_length, json_kind = struct.unpack("<4sIII4s", data[:20])
    assert (magic, version, length, json_kind) == (b"glTF", 2, len(data), b"JSON")
    assert json_length % 4 == 0
    document = json.loads(data[20 : 20 + json_length])
    binary_length, kind = struct.unpack("<I4s", data[20 + json_length : 28 + json_length])
    assert kind == b"BIN\0" and binary_length == document["buffers"][0]["byteLength"]
    binary = data[28 + json_length :]
    assert len(binary) == binary_length
    (primitive,) = document["meshes"][0]["primitives"]
    assert primitive["mode"] == 0

    def values(name):
        accessor = document["accessors"][primitive["attributes"][name]]
        view = document["bufferViews"][accessor["bufferView"]]
        assert accessor["componentType"] == 5126 and accessor["type"] == "VEC3"
        start = view["byteOffset"] + accessor["byteOffset"]
        flat = np.frombuffer(binary, "<f4", 3 * accessor["count"], start)
        return flat.reshape(-1, 3), accessor

    places, accessor = values("POSITION")
    assert np.array_equal(places, y_up(truth["p"]))
    assert np.allclose(accessor["min"], places.min(0)) and np.allclose(
        accessor["max"], places.max(0)
    )
    normals, _ = values("NORMAL")
    assert np.allclose(normals, y_up(truth["n"]), atol=1e-3)
    assert np.allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-5)
    assert np.allclose(values("COLOR_0")[0], linear(truth["c"]), atol=1e-6)


def test_glb_in_trimesh(clouds, truth):
    trimesh = pytest.importorskip("trimesh")
    scene = trimesh.load(clouds / "chair.glb")
    (cloud,) = scene.geometry.values()
    assert np.allclose(cloud.vertices, y_up(truth["p"]), atol=1e-6)
    assert np.array_equal(cloud.colors[:, :3], np.rint(255 * linear(truth["c"])))
