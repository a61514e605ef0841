import numpy as np
import pytest
import torch

from sonoform_training.language_model.projector import (
    CTCCompressor,
    CTCCompressorConfig,
    FrameStacking,
    FrameStackingConfig,
    compress,
    segments,
    word_slots,
    words_of,
)

CONFIG = CTCCompressorConfig(phones=6, output_size=8, hidden_size=5)


def frames(*labels: tuple[int, float]) -> np.ndarray:
    """One frame a (class, blank probability); the rest of the mass is the class's but for 0.05."""
    rows = np.full((len(labels), CONFIG.phones), 0.01, np.float32)
    for row, (kind, blank) in zip(rows, labels, strict=True):
        row[0] = blank
        row[kind] += 1 - row.sum() if kind else 0
    return rows


def test_a_segment_is_a_run_of_frames_with_one_class_weighted_by_what_is_not_blank():
    posteriors = frames((2, 0.5), (2, 0.1), (3, 0.2), (3, 0.9), (3, 0.2))
    vectors, classes = segments(posteriors, CONFIG)
    # The dropped frame of blank 0.9 splits the two threes.
    assert classes.tolist() == [2, 3, 3]
    expected = (0.5 * posteriors[0] + 0.9 * posteriors[1]) / 1.4
    np.testing.assert_allclose(vectors[0], expected, rtol=1e-5)


def test_words_end_at_boundaries_and_after_nine_phones():
    assert words_of([1, 2, 3, 1, 1, 4, 1], CONFIG) == [(0, 2), (2, 3)]
    assert words_of([2] * 9 + [1] + [3], CONFIG) == [(0, 9), (9, 10)]
    assert words_of([2] * 11, CONFIG) == [(0, 9), (9, 11)]
    assert words_of([1, 1], CONFIG) == []
    few = CTCCompressorConfig(phones=6, max_words=2)
    assert words_of([2, 1, 2, 1, 2], few) == [(0, 1), (1, 2)]


def test_a_word_has_two_neighbours_on_either_side():
    classes = np.array([2, 3, 4, 1, 5, 2, 1, 3])
    vectors = np.eye(CONFIG.phones, dtype=np.float32)[classes]
    slots = word_slots(vectors, classes, CONFIG).reshape(3, 13, CONFIG.phones)
    middle = slots[1].argmax(-1) * (slots[1].sum(-1) > 0)
    assert middle.tolist() == [3, 4, 5, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0]
    assert slots[0, :2].sum() == 0 and slots[2, 11:].sum() == 0


def test_silence_gives_no_word():
    assert compress(np.zeros((0, 6), np.float32), CONFIG).shape == (0, CONFIG.input_size)
    assert compress(frames((0, 0.95), (0, 0.95)), CONFIG).shape == (0, CONFIG.input_size)
    assert CTCCompressor(CONFIG).project(torch.zeros(0, 6)).shape == (0, 8)


def test_frame_stacking_fills_the_last_stack_with_zeros():
    module = FrameStacking(FrameStackingConfig(3, 8, 5, stack=4))
    x = torch.randn(2, 6, 3)
    padded = torch.cat((x, torch.zeros(2, 2, 3)), dim=1)
    assert module(x).shape == (2, 2, 8)
    torch.testing.assert_close(module(x), module(padded))


def test_configurations_survive_json_and_refuse_another_type():
    assert CTCCompressorConfig.from_json(CONFIG.to_json()) == CONFIG
    with pytest.raises(ValueError, match="linear"):
        CTCCompressorConfig.from_json({"type": "linear"})
