"""Scores of a transcript against the encoder's posteriors: log P(phones | audio) by CTC.

All probabilities are natural logarithms; posteriors are [T, P] after softmax, clipped at a floor.
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

FLOOR = 1e-10
"""The least probability of a label in a frame, so that no path is impossible."""

NEGLIGIBLE = 1e-20
"""Below this share of its largest, a prefix's probability is not followed any further."""


def log_posteriors(posteriors: Tensor, floor: float = FLOOR) -> Tensor:
    """[T, P] -> [T, P], clipped."""
    return posteriors.float().clamp_min(floor).log()


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

    def __init__(self, logs: Tensor, blank: int = 0, negligible: float = NEGLIGIBLE) -> None:
        """``logs`` [T, P] of ``log_posteriors``."""
        found = np.exp(logs.double().numpy())
        self.relative = found / found.max(axis=1, keepdims=True) if len(found) else found
        self.blank = blank
        self.negligible = negligible

    @property
    def empty(self) -> Prefix:
        """Nothing said."""
        silence = np.cumprod(self.relative[:, self.blank]) if len(self.relative) else np.zeros(0)
        silence = silence[: int((silence > self.negligible).sum())]
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
            if frame > end and saying + said < largest * self.negligible:
                break
        window = np.array(rows).reshape(-1, 2)
        dropped = int((window.sum(axis=1) >= largest * self.negligible).argmax()) if rows else 0
        start, window = start + dropped, window[dropped:]
        score = min(0.0, math.log(total)) if total > 0 else IMPOSSIBLE
        return Prefix((*prefix.labels, label), start, window[:, 0], window[:, 1], score)

    def complete(self, prefix: Prefix) -> float:
        """The same for the prefix and nothing after it: what its window leaves is blank, too."""
        if not len(prefix.said) or prefix.said[-1] + prefix.saying[-1] == 0:
            return IMPOSSIBLE
        said, saying, score = prefix.said[-1], prefix.saying[-1], 0.0
        for frame in range(prefix.start + len(prefix.said), len(self.relative)):
            said = (said + saying) * self.relative[frame, self.blank]
            saying *= self.relative[frame, prefix.labels[-1]] if prefix.labels else 0.0
            # Rescaled, because the product of many frames underflows.
            scale = said + saying
            said, saying, score = said / scale, saying / scale, score + math.log(scale)
        return score + math.log(said + saying)
