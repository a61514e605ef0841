import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file

from sonoform_training.descriptions import parse_description
from sonoform_training.generator.conditions import ConditionEncoder
from sonoform_training.generator.field import Field, FieldConfig
from sonoform_training.generator.flow import Flow, FlowConfig
from sonoform_training.generator.generator import Generator, SamplingConfig
from sonoform_training.generator.goldens import expected, tiny_generator
from sonoform_training.generator.readout import ReadoutConfig, candidate_points, thin

GOLDENS = Path(__file__).parents[2] / "Tests" / "Goldens" / "generator"


def test_goldens_are_what_the_code_computes():
    generator = Generator.load(GOLDENS)
    now, kept = expected(generator), load_file(GOLDENS / "expected.safetensors")
    assert now.keys() == kept.keys()
    for name, value in kept.items():
        torch.testing.assert_close(now[name], value, atol=2e-4, rtol=1e-3, msg=name)


def test_the_generator_stays_within_its_budget():
    modules = [Flow(FlowConfig()), Field(FieldConfig())]
    assert sum(p.numel() for module in modules for p in module.parameters()) < 8e6


def test_saving_and_loading_keeps_the_result(tmp_path):
    generator = tiny_generator()
    generator.sampling = SamplingConfig(steps=2, guidance=1.0)
    generator.save(tmp_path, torch.float32)
    again = Generator.load(tmp_path)
    conditions = torch.randn(3, 10, generator=torch.Generator().manual_seed(0))
    first, second = generator(conditions, 5, 40), again(conditions, 5, 40)
    for a, b in zip(first, second, strict=True):
        assert a.shape == (40, 3)
        np.testing.assert_array_equal(a, b)
    assert json.loads((tmp_path / "config.json").read_text())["sampling"]["steps"] == 2


def test_one_step_from_the_prediction_lands_on_it():
    generator = tiny_generator()
    noise, conditions = torch.randn(2, 5, 7), torch.randn(2, 3, 10)
    clean = generator.flow.clean(noise, torch.zeros(2), conditions)
    latents = generator.flow.sample(noise, conditions, steps=1, guidance=1.0)
    wanted = clean * generator.flow.std + generator.flow.mean
    torch.testing.assert_close(latents[..., :3], wanted[..., :3])


def test_thinning_evens_out_a_crowded_half():
    random = np.random.default_rng(0)
    square = random.random((6000, 2))
    square[:1000, 0] *= 0.5
    points = np.column_stack([square, np.zeros(6000)]).astype(np.float32)
    normals = np.tile(np.array([[0, 0, 1]], np.float32), (6000, 1))
    kept = thin(points, normals, np.zeros(6000, np.float32), 2000, ReadoutConfig())
    assert len(np.unique(kept)) == 2000
    assert abs((points[kept, 0] < 0.5).mean() - 0.5) < 0.03
    astray = np.where(np.arange(6000) % 2 == 0, 0.2, 0.0).astype(np.float32)
    assert (astray[thin(points, normals, astray, 2000, ReadoutConfig())] == 0).all()


def test_candidates_are_shared_out_by_the_anchors_reach():
    corners = torch.tensor([[0.0, 0, 0], [0.1, 0, 0], [0, 0.1, 0], [0.1, 0.1, 0], [2, 2, 0]])
    noise = torch.zeros(1000, 3)
    starts = candidate_points(corners, noise, ReadoutConfig())
    assert (starts == corners[-1]).all(1).sum() > 900
    assert all((starts == corner).all(1).any() for corner in corners)


def test_conditions_tell_attributes_apart_and_ignore_size_proportion_and_synonyms(tmp_path):
    encoder = ConditionEncoder()
    encoder.save(tmp_path / "conditions.pt")
    again = ConditionEncoder.load(tmp_path / "conditions.pt")
    lines = ["a mug", "a huge cup", "a red table", "a red mug", "a mug with a red handle"]
    tokens = again.encode([parse_description(line) for line in lines])
    assert tokens.shape == (5, 8, 192)
    torch.testing.assert_close(tokens, encoder.encode([parse_description(x) for x in lines]))
    assert 0.8 < tokens.std() < 1.2
    assert torch.equal(tokens[0], tokens[1])
    assert torch.equal(tokens[0], encoder.encode([parse_description("a tall mug")])[0])
    distances = (tokens[:, None] - tokens[None]).square().sum((2, 3))[1:, 1:]
    assert distances[~torch.eye(4, dtype=torch.bool)].min() > 60


def test_a_stretch_maps_points_and_normals_and_keeps_the_cover_even():
    generator = tiny_generator()
    conditions = torch.randn(3, 10, generator=torch.Generator().manual_seed(0))
    plain, stretched = (generator(conditions, 5, 60, s) for s in ((1, 1, 1), (1.0, 1.0, 1.6)))
    points = torch.from_numpy(stretched[0])
    np.testing.assert_allclose(np.linalg.norm(stretched[1], axis=1), 1, atol=1e-5)
    # The same candidates, though not all of the same ones are kept.
    back = points / torch.tensor([1.0, 1.0, 1.6])
    nearest = torch.cdist(back, torch.from_numpy(plain[0])).min(1).values
    assert (nearest < 1e-5).float().mean() > 0.4
