"""Calibration: fitted probabilities are right as often as they say."""

import numpy as np

from sonoform_training.confidence import Samples, aligned


def test_words_are_right_where_they_stand():
    said = ["a", "tall", "red", "chair"]
    assert aligned(["a", "tall", "red", "chair"], said) == [True] * 4
    assert aligned(["tall", "bed", "chair"], said) == [True, False, True]
    assert aligned(["a", "a", "tall", "red", "chair"], said).count(True) == 4
    assert aligned([], said) == []


def test_fitted_probabilities_are_calibrated():
    rng = np.random.default_rng(3)
    samples = Samples(("one", "other"))
    evidence = rng.normal(size=(4000, 2))
    truth = 1 / (1 + np.exp(-(0.5 + 2 * evidence[:, 0])))
    right = rng.random(4000) < truth
    for (one, other), good in zip(evidence, right, strict=True):
        samples.add({"one": one, "other": other}, bool(good), None)
    rules = samples.fitted()
    assert abs(rules["weights"]["other"]) < 0.1 < rules["weights"]["one"]
    z = rules["bias"] + evidence @ [rules["weights"]["one"], rules["weights"]["other"]]
    samples.said = list(1 / (1 + np.exp(-z)))
    rows, error = samples.reliability()
    assert error < 0.03
    assert sum(count for _, count, _, _ in rows) == 4000


def test_all_right_is_no_division_by_nothing():
    samples = Samples(("one",))
    for value in (0.1, 0.2, 0.3):
        samples.add({"one": value}, True, 0.9)
    assert np.isfinite(samples.fitted()["bias"])
