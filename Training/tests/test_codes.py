import json

import pytest
import torch

from sonoform_training.language_model.codes import CodeLayout, CodeWriter


@pytest.fixture
def layout():
    return CodeLayout(latents=4)


def test_latents_become_tokens_and_come_back(layout):
    torch.manual_seed(0)
    lower, upper = torch.tensor(layout.lower), torch.tensor(layout.upper)
    anchors = lower + torch.rand(6, 4, 3) * (upper - lower)
    levels = torch.randint(0, 5, (6, 4, 8))
    ids = layout.tokens(anchors, levels)
    assert ids.shape == (6, layout.length) and layout.vocabulary_size == 690
    for place in range(layout.length):
        assert all(int(token) in layout.alphabet(place) for token in ids[:, place])
    found, codes = layout.latent(ids)
    step = (upper - lower) / (layout.positions - 1)
    assert ((found - anchors).abs() <= step / 2 + 1e-6).all()
    assert torch.equal(codes, levels)
    assert torch.equal(layout.tokens(found, codes), ids)


def test_anchors_outside_the_box_are_put_on_its_edge(layout):
    anchors, _ = layout.latent(layout.tokens(torch.full((4, 3), 9.0), torch.zeros(4, 8)))
    assert torch.allclose(anchors, torch.tensor(layout.upper).expand(4, 3))


def test_ids_are_the_latents_that_the_generator_reads(layout):
    torch.manual_seed(0)
    levels = torch.randint(0, 5, (2, 4, 8))
    features = levels / 2 - 1.0
    assert torch.equal(layout.levels_of(features), levels)
    assert torch.equal(layout.levels_of(features + 0.2 * torch.rand(2, 4, 8) - 0.1), levels)
    assert layout.levels_of(torch.tensor([-1.3, 1.3])).tolist() == [0, 4]
    anchors = 0.9 * torch.rand(2, 4, 3)
    latents = layout.latents_of(layout.tokens(anchors, levels))
    assert latents.shape == (2, 4, 11) and torch.equal(latents[..., 3:], features)
    assert (latents[..., :3] - anchors).abs().max() < 1.8 / 63 / 2 + 1e-6


def test_a_writer_is_what_it_was_after_export():
    torch.manual_seed(0)
    writer = CodeWriter(CodeLayout(latents=2), width=32, layers=2).eval()
    config, weights = writer.exported()
    loaded = CodeWriter.loaded(json.loads(json.dumps(config)), weights)
    conditions = torch.randn(2, 8, 32)
    assert torch.equal(loaded.write(conditions), writer.write(conditions))


def test_a_writer_learns_codes_by_heart_and_keeps_to_the_alphabets(layout):
    torch.manual_seed(0)
    writer = CodeWriter(layout, width=32, layers=2)
    conditions = torch.randn(3, 8, 32)
    ids = layout.tokens(torch.rand(3, 4, 3), torch.randint(0, 5, (3, 4, 8)))
    written = writer.write(conditions)
    for place in range(layout.length):
        assert all(int(token) in layout.alphabet(place) for token in written[:, place])
    optimizer = torch.optim.AdamW(writer.parameters(), 3e-3)
    for _ in range(100):
        loss = writer.loss(conditions, ids)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert torch.equal(writer.write(conditions), ids)
    config, weights = writer.exported()
    assert config["codes"]["latents"] == 4 and "lm_head.weight" in weights
