import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from sonoform_training.hearing.data import Batch, BatchSource, Share, collate, frame_labels
from sonoform_training.hearing.encoder import (
    MAX_FRAMES,
    PhoneEncoder,
    from_state,
    grow,
    initialise_local_attention,
    load_exported,
    output_frames,
    shipped_config,
)
from sonoform_training.hearing.export import write_component
from sonoform_training.hearing.goldens import PHONES, tiny_encoder, write_goldens
from sonoform_training.hearing.posteriors import load_bank, write_bank
from sonoform_training.hearing.precision import Working
from sonoform_training.hearing.robustness import disturbances, robustness
from sonoform_training.hearing.train_encoder import losses
from sonoform_training.hearing.validation import ValidationSet, breakdown, edit_distance, greedy
from sonoform_training.speech.augmentation import Augmented
from sonoform_training.speech.corpus import Corpus, write_training


def test_full_length_equals_transformers():
    model = tiny_encoder()
    features = torch.randn(2, 120, 80)
    with torch.no_grad():
        hidden, logits = model(features)
        expected = model.encoder(features.transpose(1, 2)).last_hidden_state
    assert torch.equal(hidden, expected)
    assert torch.equal(logits, model.ctc_head(expected))


def test_padded_batch_equals_single():
    model = tiny_encoder()
    lengths = torch.tensor([33, 47, 12])
    features = torch.full((3, 47, 80), 7.0)  # padding that would show
    singles = [torch.randn(1, int(length), 80) for length in lengths]
    for row, single in enumerate(singles):
        features[row, : single.shape[1]] = single[0]
    with torch.no_grad():
        hidden, logits = model(features, lengths)
        for row, single in enumerate(singles):
            alone, alone_logits = model(single)
            count = output_frames(single.shape[1])
            assert alone.shape[1] == count
            torch.testing.assert_close(hidden[row, :count], alone[0], atol=1e-5, rtol=1e-5)
            torch.testing.assert_close(logits[row, :count], alone_logits[0], atol=1e-5, rtol=1e-5)


def test_too_long_is_refused():
    with pytest.raises(ValueError, match="at most 60"):
        tiny_encoder()(torch.zeros(1, 122, 80))


def test_attention_begins_local():
    torch.manual_seed(0)
    model = PhoneEncoder(shipped_config())
    initialise_local_attention(model)
    encoder = model.encoder
    with torch.no_grad():
        states = encoder.layers[0].self_attn_layer_norm(encoder.embed_positions.weight[:101])
        attention = encoder.layers[0].self_attn
        query = attention.q_proj(states).view(101, 4, 64).transpose(0, 1)
        key = attention.k_proj(states).view(101, 4, 64).transpose(0, 1)
        peaks = (query @ key.transpose(1, 2))[:, 50].argmax(-1) - 50
    assert peaks.tolist() == [0, -3, 3, 0]


def test_export_reads_back(tmp_path):
    model = tiny_encoder()
    write_component(model, PHONES, tmp_path, torch.bfloat16)
    tensors = load_file(tmp_path / "model.safetensors")
    assert "conv1.weight" in tensors
    assert "layers.2.self_attn.q_proj.bias" in tensors
    assert "layers.0.self_attn.k_proj.bias" not in tensors
    assert {tensor.dtype for tensor in tensors.values()} == {torch.bfloat16}
    loaded = load_exported(tmp_path)
    expected = model.ctc_head.weight.detach().bfloat16().float()
    assert torch.equal(loaded.ctc_head.weight.detach(), expected)


def test_goldens_repeat(tmp_path):
    write_goldens(tmp_path / "one")
    write_goldens(tmp_path / "two")
    one, two = (load_file(tmp_path / name / "goldens.safetensors") for name in ("one", "two"))
    assert one["full.hidden"].shape == (60, 20)
    assert one["short.logits"].shape == (24, 11)
    assert all(torch.equal(one[name], two[name]) for name in one)
    size = sum(path.stat().st_size for path in (tmp_path / "one").iterdir())
    assert size < 300_000


def test_frame_labels_follow_the_augmented_time():
    record = {"phones": [5, 1, 9], "starts_ms": [0, 100, 100], "ends_ms": [100, 100, 200]}
    augmented = Augmented(np.zeros(1, np.float32), lead_s=0.1, stretch=2.0, warp=1.0)
    labels = frame_labels(record, augmented, 30)
    assert labels[:5].tolist() == [0] * 5
    assert labels[5:15].tolist() == [5] * 10
    assert labels[15] == 1
    assert labels[16:25].tolist() == [9] * 9
    assert labels[25:].tolist() == [0] * 5


def test_greedy_and_edit_distance():
    logits = torch.eye(4)[[0, 2, 2, 0, 2, 1, 3, 3]]
    assert greedy(logits) == [2, 2, 1, 3]
    assert edit_distance([2, 2, 1, 3], [2, 1, 3, 3]) == 2
    assert edit_distance([], [1, 2]) == 2
    assert edit_distance([1, 2, 3], [1, 5, 2, 3]) == 1


def test_batches_and_posteriors_from_a_corpus(tmp_path):
    write_training(tmp_path / "corpus", 14, seed=5)
    corpus = Corpus(tmp_path / "corpus")
    batch = next(iter(BatchSource([Share([corpus], 1.0)], seed=0, frames_a_batch=1500)))
    assert batch.features.shape[0] == len(batch.lengths) == len(batch.target_lengths)
    assert batch.labels.shape == (len(batch.lengths), output_frames(batch.features.shape[1]))
    assert int(batch.target_lengths.sum()) == len(batch.targets)
    assert collate([(torch.zeros(3, 80), [], np.zeros(2, np.int64))]).targets.numel() == 0

    torch.manual_seed(1)
    model = PhoneEncoder(shipped_config())
    rates = breakdown(model, ValidationSet(tmp_path / "corpus", (None, 20.0)), "20dB")
    assert 0.5 < rates["all"] < 10
    assert rates["no error"] == 0
    names = tuple(str(index) for index in range(41))
    write_component(model, names, tmp_path / "encoder", torch.bfloat16)
    write_bank(tmp_path / "encoder", [corpus], tmp_path / "bank", 14, seed=2, noise_share=0.2)
    pairs = load_bank(tmp_path / "bank" / "0000.npz")
    assert len(pairs) == 14
    posteriors, record = pairs[0]
    assert posteriors.shape[1] == 41
    np.testing.assert_allclose(posteriors.astype(np.float32).sum(1), 1, atol=5e-3)
    assert {"text", "description", "kind", "voice", "quality", "phones"} == set(record)


def test_what_outlasts_the_encoder_is_left_out_of_batches_and_banks(tmp_path):
    write_training(tmp_path / "corpus", 14, seed=6)
    corpus = Corpus(tmp_path / "corpus")
    slow = np.tile(corpus.samples(0), 60)
    corpus.samples = lambda index: slow if index == 0 else Corpus.samples(corpus, index)
    batches = iter(BatchSource([Share([corpus], 1.0)], seed=0, frames_a_batch=4000))
    longest = max(next(batches).features.shape[1] for _ in range(12))
    assert output_frames(longest) <= MAX_FRAMES

    names = tuple(str(index) for index in range(41))
    write_component(PhoneEncoder(shipped_config()), names, tmp_path / "encoder", torch.float32)
    write_bank(tmp_path / "encoder", [corpus], tmp_path / "bank", 14, seed=2, noise_share=0.0)
    assert len(load_bank(tmp_path / "bank" / "0000.npz")) == 13


@pytest.mark.parametrize("layers", [5, 6, 8])
def test_a_deeper_encoder_begins_as_the_old_one(layers):
    torch.manual_seed(0)
    model = PhoneEncoder(shipped_config()).eval()
    features = torch.randn(1, 80, 80)
    grown = from_state(grow(model, layers).state_dict()).eval()
    assert len(grown.encoder.layers) == layers
    with torch.no_grad():
        torch.testing.assert_close(grown(features)[1], model(features)[1])


def test_robustness_names_every_disturbance(tmp_path):
    write_training(tmp_path, 8, seed=2, flite_share=0)
    model, corpus = PhoneEncoder(shipped_config()).eval(), Corpus(tmp_path)
    rates = robustness(model, corpus, limit=3)
    assert set(rates) == set(disturbances([]))
    assert all(np.isfinite(rate) for rate in rates.values())


@pytest.mark.parametrize("bf16", [True, False])
def test_steps_too_small_for_bf16_add_up(bf16):
    torch.manual_seed(2)
    model = tiny_encoder().train()
    working = Working(model, bf16=bf16)
    optimiser = torch.optim.SGD(model.parameters(), lr=1e-5)
    features, lengths = torch.randn(2, 40, 80), torch.tensor([40, 30])
    batch = Batch(features, lengths, torch.tensor([1, 2, 3]), torch.tensor([2, 1]),
                  torch.full((2, 20), -100))  # fmt: skip
    before = model.ctc_head.bias.detach().clone()
    found = []
    for _ in range(3):
        working.begin()
        loss, _ = losses(working.model, batch)
        loss.backward()
        working.hand_over()
        optimiser.step()
        found.append(loss.item())
    moved = (model.ctc_head.bias.detach() - before).abs()
    assert moved.max() > 0 and (moved < 2**-9).all()
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    wanted, _ = losses(model, batch)
    assert found[-1] == pytest.approx(wanted.item(), rel=0.02)
