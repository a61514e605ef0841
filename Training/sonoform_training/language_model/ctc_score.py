"""Scores of a transcript against the encoder's posteriors: log P(phones | audio) by CTC.

All probabilities are natural logarithms; posteriors are [T, P] after softmax, clipped at 1e-10.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

IMPOSSIBLE = -1e4
"""Score of phones that do not fit into the frames."""

SMALLEST_PROBABILITY = 1e-10


def log_posteriors(posteriors: Tensor) -> Tensor:
    """[T, P] -> [T, P], clipped so that no path is impossible."""
    return posteriors.float().clamp_min(SMALLEST_PROBABILITY).log()


def ctc_scores(logs: Tensor, targets: Sequence[Sequence[int]], blank: int = 0) -> Tensor:
    """log P(target | audio) of several targets: [T, P], n targets -> [n]."""
    if len(logs) == 0:
        return torch.tensor([0.0 if not target else IMPOSSIBLE for target in targets])
    lengths = torch.tensor([len(target) for target in targets])
    padded = torch.zeros(len(targets), max(1, int(lengths.max())), dtype=torch.long)
    for row, target in zip(padded, targets, strict=True):
        row[: len(target)] = torch.tensor(target, dtype=torch.long)
    # A padded class must not be the blank, which ctc_loss refuses even beyond the length.
    padded[padded == blank] = (blank + 1) % logs.shape[1]
    losses = functional.ctc_loss(
        logs[:, None].expand(-1, len(targets), -1),
        padded,
        torch.full((len(targets),), len(logs)),
        lengths,
        blank=blank,
        reduction="none",
    )
    return torch.where(losses.isfinite(), -losses, IMPOSSIBLE)


def best_path_score(logs: Tensor) -> float:
    """Log-probability of the most likely labels: what no transcript of [T, P] beats by much."""
    return float(logs.max(dim=-1).values.sum()) if len(logs) else 0.0


def joined(pronunciations: Sequence[Sequence[int]], word_boundary: int) -> list[int]:
    """Phones of words with one word boundary between two words, as in CTC training."""
    phones: list[int] = []
    for word in pronunciations:
        if phones:
            phones.append(word_boundary)
        phones += word
    return phones


def transcript_score(
    logs: Tensor,
    words: Sequence[Sequence[Sequence[int]]],
    *,
    blank: int = 0,
    word_boundary: int = 1,
) -> tuple[float, list[int]]:
    """CTC score of a transcript and the phones chosen; ``words`` are lists of pronunciations.

    The search over pronunciations: begin with every word's first one; then, word by word from left
    to right, try the word's others and keep the best if it is better.
    """
    chosen = [alternatives[0] for alternatives in words]
    phones = joined(chosen, word_boundary)
    best = float(ctc_scores(logs, [phones], blank)[0])
    for at, alternatives in enumerate(words):
        trials = [[*chosen[:at], other, *chosen[at + 1 :]] for other in alternatives[1:]]
        if not trials:
            continue
        scores = ctc_scores(logs, [joined(trial, word_boundary) for trial in trials], blank)
        top = int(scores.argmax())
        if float(scores[top]) > best:
            best, chosen = float(scores[top]), trials[top]
    return best, joined(chosen, word_boundary)
