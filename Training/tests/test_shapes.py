import subprocess
import sys

import numpy as np
import pytest
from scipy.ndimage import label

from sonoform_training.descriptions import OBJECTS, parse_description
from sonoform_training.language import load_language
from sonoform_training.shapes import anchors, build_shape, part_colours
from sonoform_training.shapes.__main__ import reference_cloud
from sonoform_training.shapes.ply import VERTEX, read_ply, write_ply
from sonoform_training.shapes.shape import ClosestPoints


def random():
    return np.random.default_rng(0)


def islands(points, low, high, axis, cell=0.02):
    """How many separate pieces a cloud has between two heights, seen along z (or -y)."""
    height = points[:, axis]
    flat = np.delete(points[(height > low) & (height < high)], axis, axis=1)
    index = np.floor((flat - flat.min(0)) / cell).astype(int)
    grid = np.zeros(index.max(0) + 1, bool)
    grid[tuple(index.T)] = True
    return label(grid, structure=np.ones((3, 3)))[1]


@pytest.mark.parametrize("name", OBJECTS)
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_canonical_frame(name, seed):
    low, high = build_shape(parse_description(name), seed).bounds()
    assert abs((high - low).max() - 1) < 1e-9
    assert abs(low[2]) < 1e-9
    assert np.abs(low + high)[:2].max() < 1e-9


@pytest.mark.parametrize("name", OBJECTS)
def test_samples_lie_on_the_visible_surface_with_outward_normals(name):
    shape = build_shape(parse_description(f"wide {name}"), 3)
    surface = shape.sample(1500, random())
    assert len(surface.points) == 1500
    np.testing.assert_allclose(np.linalg.norm(surface.normals, axis=1), 1, atol=1e-6)
    # In a concave corner this little step may end in the other wall.
    assert shape.inside(surface.points + 2e-3 * surface.normals).mean() < 0.01
    assert shape.inside(surface.points - 2e-3 * surface.normals).mean() > 0.97


@pytest.mark.parametrize("name", OBJECTS)
def test_closest_points_agree_with_the_surface(name):
    shape = build_shape(parse_description(f"tall {name}"), 3)
    closest = ClosestPoints(shape, shape.sample(12288, random()))
    surface = shape.sample(1000, np.random.default_rng(1))
    distance, direction, _ = closest(surface.points)
    assert np.abs(distance).max() < 0.025
    assert np.abs(distance).mean() < 3e-3
    assert ((direction * surface.normals).sum(1) > 0.9).mean() > 0.9
    outside = surface.points + 0.03 * surface.normals
    outside = outside[~shape.inside(outside)]
    distance, direction, _ = closest(outside)
    assert (distance >= 0).all()
    landed = outside - distance[:, None] * direction
    assert np.abs(closest(landed)[0]).mean() < 3e-3


def test_signed_distance_of_a_cube_is_the_formula():
    shape = build_shape(parse_description("cube"), 0)
    points = random().uniform([-0.6, -0.6, -0.1], [0.6, 0.6, 1.1], (2000, 3))
    over = np.abs(points - [0, 0, 0.5]) - 0.5
    true = np.linalg.norm(np.maximum(over, 0), axis=1) + np.minimum(over.max(1), 0)
    distance = ClosestPoints(shape, shape.sample(12288, random()))(points)[0]
    assert np.abs(distance - true).mean() < 2e-3


@pytest.mark.parametrize("count", [3, 4, 5, 6])
@pytest.mark.parametrize("name", ["chair", "table"])
def test_legs_counted_by_a_slice(name, count):
    text = f"a {name} with {load_language().count_word(count)} legs"
    points, _, _ = reference_cloud(text, 1, 20000)
    assert islands(points, 0.12, 0.3, axis=2) == count


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_windows_counted_by_their_colour(count):
    text = f"a red house with {load_language().count_word(count)} green windows"
    points, _, rgb = reference_cloud(text, 1, 40000)
    green = np.abs(rgb - load_language().rgb("green")).max(1) < 1e-3
    assert islands(points[green], -2, 2, axis=1) == count


def test_proportion_size_and_colours():
    points, _, rgb = reference_cloud("a huge tall red chair with three blue legs", 4, 4096)
    assert abs(points[:, 2].max() - 3.2) < 0.02
    language = load_language()
    red = np.abs(rgb - language.rgb("red")).max(1) < 1e-6
    blue = np.abs(rgb - language.rgb("blue")).max(1) < 1e-6
    assert (red | blue).all()
    assert points[blue, 2].max() < points[red, 2].min() + 0.2


def test_a_seed_varies_an_object_modestly_and_reproducibly():
    first, again = (reference_cloud("a chair", 1, 500)[0] for _ in range(2))
    np.testing.assert_array_equal(first, again)
    one, two = (build_shape(parse_description("a chair"), seed).bounds() for seed in (1, 2))
    difference = np.abs(np.array(one) - np.array(two)).max()
    assert 1e-4 < difference < 0.06


def test_every_leg_has_an_anchor_and_slots_keep_their_place():
    description = parse_description("a chair with six legs")
    places = []
    for seed in (1, 2):
        shape = build_shape(description, seed)
        dense = shape.sample(12288, random())
        found = anchors(description, shape, dense)
        pieces = dense.pieces[[np.square(dense.points - a).sum(1).argmin() for a in found]]
        legs = [i for i, piece in enumerate(shape.pieces) if piece.part == "legs"]
        assert set(legs) <= set(pieces.tolist())
        places.append(found)
    assert np.abs(places[0] - places[1]).max() < 0.08


def test_ply_is_binary_with_exactly_these_properties(tmp_path):
    cloud = reference_cloud("a lamp", 0, 100)
    write_ply(tmp_path / "lamp.ply", *cloud)
    header = (tmp_path / "lamp.ply").read_bytes().split(b"end_header\n")[0].decode()
    assert header.splitlines() == [
        "ply", "format binary_little_endian 1.0", "element vertex 100",
        *(f"property float {n}" for n in ("x", "y", "z", "nx", "ny", "nz")),
        *(f"property uchar {n}" for n in ("red", "green", "blue", "object")),
    ]  # fmt: skip
    vertices = read_ply(tmp_path / "lamp.ply")
    assert vertices.dtype == VERTEX
    np.testing.assert_array_equal(vertices["z"], cloud[0][:, 2].astype(np.float32))
    assert [p.name for p in tmp_path.iterdir()] == ["lamp.ply"]


def test_part_colours_follow_the_description():
    description = parse_description("a mug with a yellow handle")
    colours = part_colours(description, build_shape(description, 0))
    np.testing.assert_allclose(colours[1], load_language().rgb("yellow"), atol=1e-6)


def test_command_writes_files_and_names_what_it_cannot(tmp_path):
    (tmp_path / "lines.txt").write_text("a red cube\na green dragon\na tall lamp\n")
    command = [sys.executable, "-m", "sonoform_training.shapes", "--points", "64"]
    result = subprocess.run(
        [*command, "--file", tmp_path / "lines.txt", "--out", tmp_path / "out"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == 1
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["0000.ply", "0002.ply"]
    assert result.stderr.count("\n") == 1
    assert "dragon" in result.stderr
