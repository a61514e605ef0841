"""Surfaces that the program wrote, read back by trimesh: closed, oriented, named, coloured."""

import json
import shutil
import subprocess
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
from test_cloud_formats import program

FORMATS = ("stl", "glb", "obj", "ply", "3mf")


@pytest.fixture(scope="module")
def meshes(tmp_path_factory):
    """A folder of one scene's surfaces in every format, 60 mm long."""
    folder = tmp_path_factory.mktemp("meshes")
    for form in FORMATS:
        words = "a red mug next to a blue boat"
        options = ["--surface", "--size", "60mm", "--detail", "20000", "--points", "64"]
        command = [program(), "convert", "--text", words, *options, "-o", folder / f"scene.{form}"]
        subprocess.run(command, check=True)
    return folder


@pytest.mark.parametrize("form", ("stl", "obj", "ply", "glb"))
def test_trimesh_finds_every_piece_closed(meshes, form):
    trimesh = pytest.importorskip("trimesh")
    mesh = trimesh.load(meshes / f"scene.{form}", force="mesh")
    assert mesh.is_watertight and mesh.is_winding_consistent
    assert mesh.volume > 0
    assert np.isclose(mesh.extents.max(), 0.06 if form == "glb" else 60, rtol=1e-4)


def test_glb_has_a_named_node_per_object(meshes):
    trimesh = pytest.importorskip("trimesh")
    scene = trimesh.load(meshes / "scene.glb")
    assert set(scene.geometry) == {"red mug", "blue boat"}
    for name, channel in (("red mug", 0), ("blue boat", 2)):
        mesh = scene.geometry[name]
        assert mesh.is_watertight
        colours = np.asarray(mesh.visual.vertex_attributes["color"])[:, :3]
        assert (colours.argmax(1) == channel).mean() > 0.5
        lengths = np.linalg.norm(mesh.vertex_normals, axis=1)
        assert np.allclose(lengths, 1, atol=1e-3)


def test_glb_keeps_the_rules_of_its_specification(meshes):
    data = (meshes / "scene.glb").read_bytes()
    length = int.from_bytes(data[12:16], "little")
    document = json.loads(data[20 : 20 + length])
    binary = data[28 + length :]
    assert len(data) == int.from_bytes(data[8:12], "little")
    assert document["buffers"][0]["byteLength"] == len(binary)
    types = {5126: ("<f4", 4), 5125: ("<u4", 4)}
    widths = {"VEC3": 3, "SCALAR": 1}

    def values(index):
        accessor = document["accessors"][index]
        view = document["bufferViews"][accessor["bufferView"]]
        kind, size = types[accessor["componentType"]]
        count = accessor["count"] * widths[accessor["type"]]
        assert view["byteLength"] == count * size and view["byteOffset"] % 4 == 0
        found = np.frombuffer(binary, kind, count, view["byteOffset"])
        return found.reshape(-1, widths[accessor["type"]])

    for mesh in document["meshes"]:
        (primitive,) = mesh["primitives"]
        places = values(primitive["attributes"]["POSITION"])
        accessor = document["accessors"][primitive["attributes"]["POSITION"]]
        assert np.array_equal(places.min(0), np.float32(accessor["min"]))
        assert np.array_equal(places.max(0), np.float32(accessor["max"]))
        normals = values(primitive["attributes"]["NORMAL"])
        assert np.abs(np.linalg.norm(normals, axis=1) - 1).max() < 0.0005
        colours = values(primitive["attributes"]["COLOR_0"])
        assert colours.min() >= 0 and colours.max() <= 1
        indices = values(primitive["indices"]).ravel()
        assert indices.max() < len(places) and len(indices) % 3 == 0
        # No triangle uses a corner twice.
        corners = indices.reshape(-1, 3)
        assert (corners != np.roll(corners, 1, axis=1)).all()


def test_pygltflib_finds_nothing_against_the_glb(meshes):
    pygltflib = pytest.importorskip("pygltflib")
    validator = pytest.importorskip("pygltflib.validator")
    document = pygltflib.GLTF2().load(str(meshes / "scene.glb"))
    with pytest.warns(UserWarning, match="provisional"):
        assert validator.validate(document) == []


BLENDER = """
import numpy
if "bool" not in vars(numpy):  # Debian's importer wants what Debian's NumPy has no more
    numpy.bool = bool
import bpy, json, sys
bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.import_scene.gltf(filepath=sys.argv[-1])
found = {}
for item in bpy.data.objects:
    colours = numpy.zeros(4 * len(item.data.color_attributes[0].data), numpy.float32)
    item.data.color_attributes[0].data.foreach_get("color", colours)
    nodes = [node.type for m in item.data.materials for node in m.node_tree.nodes]
    mean = colours.reshape(-1, 4).mean(0)
    found[item.name] = [len(item.data.polygons), mean.tolist(), "VERTEX_COLOR" in nodes]
print("FOUND " + json.dumps(found))
"""


def test_blender_imports_objects_with_their_colours(meshes, tmp_path):
    if shutil.which("blender") is None:
        pytest.skip("needs Debian's blender and python3-numpy")
    script = tmp_path / "look.py"
    script.write_text(BLENDER)
    command = ["blender", "--background", "--python-exit-code", "3", "--python", script, "--"]
    told = subprocess.run([*command, meshes / "scene.glb"], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    line = next(line for line in told.stdout.splitlines() if line.startswith("FOUND "))
    found = json.loads(line.removeprefix("FOUND "))
    assert set(found) == {"red mug", "blue boat"}
    for name, channel in (("red mug", 0), ("blue boat", 2)):
        polygons, mean, is_drawn = found[name]
        assert 5_000 < polygons <= 20_000 and is_drawn
        assert np.argmax(mean[:3]) == channel


def test_obj_names_its_objects(meshes):
    lines = (meshes / "scene.obj").read_text().splitlines()
    assert [line for line in lines if line.startswith("o ")] == ["o red_mug", "o blue_boat"]


def test_3mf_is_a_package_in_millimetres(meshes):
    with zipfile.ZipFile(meshes / "scene.3mf") as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "[Content_Types].xml"
        model = ElementTree.fromstring(archive.read("3D/3dmodel.model"))
    core = "{http://schemas.microsoft.com/3dmanufacturing/core/2015/02}"
    assert model.get("unit") == "millimeter"
    objects = model.findall(f"{core}resources/{core}object")
    assert [item.get("name") for item in objects] == ["red mug", "blue boat"]
    places = np.array([[float(v.get(axis)) for axis in "xyz"] for v in model.iter(f"{core}vertex")])
    assert np.isclose((places.max(0) - places.min(0)).max(), 60, rtol=1e-4)
    build = [item.get("objectid") for item in model.findall(f"{core}build/{core}item")]
    assert build == [item.get("id") for item in objects]
