"""Scores of a transcript against the encoder's posteriors: log P(phones | audio) by CTC.

All probabilities are natural logarithms; posteriors are [T, P] after softmax, clipped at 1e-10.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
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


NEGLIGIBLE = 1e-20
"""Below this share of its largest, a prefix's probability is not followed any further."""


@dataclass(frozen=True)
class Prefix:
    """The beginning of a label sequence: the frame its window starts at, and by frame how likely
    the last label is being said, and how likely a blank follows it."""

    labels: tuple[int, ...]
    start: int
    saying: np.ndarray
    said: np.ndarray
    log_probability: float


class PrefixScorer:
    """CTC scores of label sequences that grow at their end (Watanabe et al. 2017).

    All are relative to the likeliest labels of every frame: what a prefix leaves unsaid counts as
    said in the best way, so that prefixes of which one covers more of the recording compare.
    """

    def __init__(self, logs: Tensor, blank: int = 0) -> None:
        """``logs`` [T, P] of ``log_posteriors``."""
        found = np.exp(logs.double().numpy())
        self.relative = found / found.max(axis=1, keepdims=True) if len(found) else found
        self.blank = blank

    @property
    def empty(self) -> Prefix:
        """Nothing said."""
        silence = np.cumprod(self.relative[:, self.blank]) if len(self.relative) else np.zeros(0)
        silence = silence[: int((silence > NEGLIGIBLE).sum())]
        return Prefix((), 0, np.zeros(len(silence)), silence, 0.0)

    def extend(self, prefix: Prefix, labels: Iterable[int]) -> Prefix:
        """The prefix with more labels."""
        for label in labels:
            prefix = self._extend(prefix, label)
        return prefix

    def _extend(self, prefix: Prefix, label: int) -> Prefix:
        repeated = prefix.labels[-1:] == (label,)
        start = prefix.start + 1 if prefix.labels else 0
        end = prefix.start + len(prefix.said)
        saying = said = total = largest = 0.0
        rows: list[tuple[float, float]] = []
        for frame in range(start, len(self.relative)):
            before = frame - 1 - prefix.start
            begins = 0.0
            if frame == 0:
                begins = 1.0
            elif before < len(prefix.said):
                begins = prefix.said[before] + (0.0 if repeated else prefix.saying[before])
            first = begins * self.relative[frame, label]
            said = (said + saying) * self.relative[frame, self.blank]
            saying = saying * self.relative[frame, label] + first
            total += first
            rows.append((saying, said))
            largest = max(largest, saying + said)
            if frame > end and saying + said < largest * NEGLIGIBLE:
                break
        window = np.array(rows).reshape(-1, 2)
        dropped = int((window.sum(axis=1) >= largest * NEGLIGIBLE).argmax()) if rows else 0
        start, window = start + dropped, window[dropped:]
        score = min(0.0, math.log(total)) if total > 0 else IMPOSSIBLE
        return Prefix((*prefix.labels, label), start, window[:, 0], window[:, 1], score)

    def complete(self, prefix: Prefix) -> float:
        """The same for the prefix and nothing after it."""
        frames = len(self.relative)
        if not frames or prefix.start + len(prefix.said) != frames or not len(prefix.said):
            return IMPOSSIBLE
        last = prefix.said[-1] + prefix.saying[-1]
        return math.log(last) if last > 0 else IMPOSSIBLE
