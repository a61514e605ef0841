import json
from pathlib import Path

import torch
from safetensors.torch import load_file

from sonoform_training.describing.clouds import farthest_points, framed
from sonoform_training.describing.export import export_describer
from sonoform_training.describing.goldens import random_describer, write_goldens
from sonoform_training.describing.model import Describer
from sonoform_training.describing.naming import full_description, size_word
from sonoform_training.describing.resampler import ResamplerConfig
from sonoform_training.descriptions import parse_description

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
    (tmp_path / "pipeline.json").write_text(json.dumps({"components": {"x": "y"}}))
    export_describer(random_describer(), tmp_path)
    components = json.loads((tmp_path / "pipeline.json").read_text())["components"]
    assert components["point_encoder"] == "anchored_points"
    assert components["point_projector"] == "perceiver_resampler"
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
