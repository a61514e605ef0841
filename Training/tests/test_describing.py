import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from sonoform_training.describing.clouds import DescribedClouds, farthest_points, framed
from sonoform_training.describing.export import export_describer
from sonoform_training.describing.goldens import random_describer, write_goldens
from sonoform_training.describing.model import Describer
from sonoform_training.describing.naming import full_description, size_word
from sonoform_training.describing.resampler import ResamplerConfig
from sonoform_training.descriptions import is_held_out, parse_description
from sonoform_training.generator.dataset import make_shape

GOLDENS = Path(__file__).parents[2] / "Tests" / "Goldens"


def said(text):
    return full_description(parse_description(text)).text()


def test_a_description_says_what_can_be_seen_and_no_more():
    assert said("a chair") == "brown chair"
    assert said("a cup") == "white mug"
    assert said("a red chair with four red legs") == "red chair"
    assert said("a large chair with three legs") == "big brown chair with three legs"
    assert said("a red chair with a red seat and blue legs") == "red chair with blue legs"
    assert said("a lamp with a black base") == "yellow lamp"
    # The first part with the object's own colour gives the colour.
    assert said("a red chair with a green seat") == "green chair with red back and red legs"


def test_sizes_are_told_by_ratio():
    assert [size_word(scale) for scale in (0.4, 0.66, 1.0, 1.2, 1.45, 2.2)] == [
        "tiny", "small", None, None, "big", "huge",
    ]  # fmt: skip


def test_clouds_are_framed():
    points = torch.tensor([[[1.0, 1, 1], [3, 1, 1], [2, 2, 5]]])
    framed_points, size = framed(points)
    assert size.item() == 4
    torch.testing.assert_close(framed_points[0, :, 2], torch.tensor([0.0, 0, 1]))
    torch.testing.assert_close(framed_points[0, 2, :2], torch.tensor([0.0, 0.125]))


def test_anchors_are_apart():
    points = torch.cat([torch.zeros(1, 50, 3), torch.tensor([[[0.0, 0, 1], [1, 0, 0]]])], dim=1)
    anchors = farthest_points(points, 3)[0]
    assert {tuple(anchor) for anchor in anchors.tolist()} == {(0, 0, 0), (0, 0, 1), (1, 0, 0)}


@pytest.fixture(scope="module")
def clouds(tmp_path_factory):
    """A shard of two shapes."""
    folder = tmp_path_factory.mktemp("shapes")
    texts = ["chair with three legs", "mug"]
    shapes = [make_shape(parse_description(text), seed) for seed, text in enumerate(texts)]
    arrays = {name: np.stack([shape[name] for shape in shapes]) for name in shapes[0]}
    np.savez(folder / "shapes-00.npz", texts=texts, **arrays)
    return DescribedClouds(folder, seed=3)


def test_every_look_at_a_shape_is_another_and_never_a_held_out_one(clouds):
    batch, descriptions = clouds.batch(np.array([0] * 40 + [1] * 10))
    assert batch.shape == (50, 1024, 9)
    assert batch.isfinite().all()
    assert {d.object for d in descriptions[:40]} == {"chair"}
    assert {d.object for d in descriptions[40:]} == {"mug"}
    assert all("three" in d.text() and "legs" in d.text() for d in descriptions[:40])
    assert len({d.text() for d in descriptions}) > 30
    assert not any(map(is_held_out, (clouds.appearance(clouds.descriptions[0]) for _ in range(99))))


def test_points_of_sparse_clouds_come_again(clouds):
    drawn = [clouds.drawn_points(2048) for _ in range(60)]
    assert all(len(indices) == 1024 and indices.max() < 2048 for indices in drawn)
    distinct = [len(np.unique(indices)) for indices in drawn]
    assert 400 <= min(distinct) < 600
    assert 15 < distinct.count(1024) < 45
    sparse = drawn[int(np.argmin(distinct))]
    np.testing.assert_array_equal(sparse[min(distinct) :], sparse[: 1024 - min(distinct)])


def test_slack_changes_no_word(clouds):
    slack = np.log([clouds.slack() for _ in range(500)])
    between_sides = slack.max(1) - slack.min(1)
    assert 0.2 < between_sides.max() < np.log(1.4)
    # As the narrowest of words lie 1.33 apart, most sizes stay nearest to their own.
    assert (np.abs(slack.mean(1)) < np.log(2.0 / 1.5) / 2).mean() > 0.95


def test_a_cloud_becomes_vectors_whatever_its_place_and_size():
    describer = Describer(ResamplerConfig(output_size=24, width=24, hidden=30)).eval()
    cloud = torch.cat([torch.rand(2, 300, 3), torch.randn(2, 300, 3), torch.rand(2, 300, 3)], -1)
    moved = cloud.clone()
    moved[..., :3] += 3
    with torch.no_grad():
        here, there = describer(cloud), describer(moved)
    assert here.shape == (2, 20, 24)
    torch.testing.assert_close(here, there, atol=1e-3, rtol=1e-3)


def test_export_names_the_components(tmp_path):
    (tmp_path / "pipeline.json").write_text(json.dumps({"components": ["x"]}))
    export_describer(random_describer(), tmp_path)
    components = json.loads((tmp_path / "pipeline.json").read_text())["components"]
    assert components == ["x", "point_encoder", "point_projector"]
    config = json.loads((tmp_path / "point_encoder" / "config.json").read_text())
    tensors = load_file(tmp_path / "point_encoder" / "model.safetensors")
    assert tensors["out.weight"].shape == (config["features"], config["width"])


def test_goldens_are_what_the_code_computes(tmp_path):
    write_goldens(tmp_path)
    for name in ("point_encoder", "point_projector"):
        now = load_file(tmp_path / name / "cases.safetensors")
        kept = load_file(GOLDENS / name / "cases.safetensors")
        for key, value in kept.items():
            torch.testing.assert_close(now[key], value, atol=1e-5, rtol=1e-4)
