"""Simulated hearing: what the CTC compressor would see of a text, without audio or encoder.

A ``Bank`` holds events: what an encoder made of one phone of the target, a list of zero (deleted),
one (right or confused) or more (followed by insertions) segment vectors [P]. Events come from real
posteriors, aligned with their targets, in bins of quality; before there are any, ``synthetic_bank``
makes them up. Drawing an event per phone gives the segments of a new text, thousands of phones
in a millisecond: this is what the language model mostly trains on.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ..speech.phones import BLANK, PHONES, WORD_BOUNDARY, pronunciations
from ..speech.phones import INDEX as PHONE_INDEX
from .projector import CTCCompressorConfig, segments

START = len(PHONES)
"""Pseudo-class of the events before the first phone: insertions only."""

QUALITY_BINS = 4

# Phones that encoders take for one another, by manner and place.
_CONFUSABLE = (
    "p b t", "t d k", "k g t", "b d g", "f v th", "dh th d v", "s z sh th", "sh zh ch s", "ch jh t",
    "m n ng", "l w r", "r w er", "y iy", "hh f", "iy ih ey", "ih eh ah", "eh ae ey", "aa ao ah aw",
    "ow ao uw uh", "uh uw ah", "er ah eh", "ay aa oy", "aw aa ow", "oy ao ow", "ah ae aa",
)  # fmt: skip


@functools.cache
def _word_targets(word: str) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(PHONE_INDEX[p] for p in phones) for phones in pronunciations(word))


def spoken_target(words: Sequence[str], rng: np.random.Generator, vary: float = 0.15) -> list[int]:
    """Phone classes of the words with boundaries between; now and then another pronunciation."""
    target: list[int] = []
    for word in words:
        forms = _word_targets(word)
        form = forms[0]
        if len(forms) > 1 and rng.random() < vary:
            form = forms[int(rng.integers(1, len(forms)))]
        if target:
            target.append(WORD_BOUNDARY)
        target += form
    return target


def accented(target: Sequence[int], rng: np.random.Generator, shifts: int = 3) -> list[int]:
    """The target as an unknown accent may say it: one to ``shifts`` phones become others.

    Confusions drawn phone by phone average out over an utterance; a strange voice does not.
    """
    table = dict.fromkeys(target)
    for kind in rng.permutation([kind for kind in table if _confusions().get(kind)])[
        : int(rng.integers(1, shifts + 1))
    ]:
        table[kind] = int(rng.choice(_confusions()[int(kind)]))
    return [kind if table[kind] is None else table[kind] for kind in target]


@dataclass(frozen=True)
class Event:
    """What one target class turned into: vectors [n, P], n may be 0."""

    bin: int
    target: int
    vectors: np.ndarray


class Bank:
    """Events by (quality bin, class), laid out flat for fast drawing."""

    def __init__(self, events: Iterable[Event]) -> None:
        """Sorts the events; a class without any in a bin borrows from the others."""
        by_key: dict[tuple[int, int], list[np.ndarray]] = {}
        for event in events:
            by_key.setdefault((event.bin, event.target), []).append(event.vectors)
        self.bins = 1 + max(key[0] for key in by_key)
        starts, lengths, pieces, total = [], [], [], 0
        self.first = np.zeros((self.bins, START + 1), np.int64)
        self.count = np.zeros((self.bins, START + 1), np.int64)
        for quality in range(self.bins):
            for kind in range(1, START + 1):
                found = by_key.get((quality, kind)) or [
                    vectors
                    for other in range(self.bins)
                    for vectors in by_key.get((other, kind), [])
                ]
                if not found and kind != START:
                    found = [_clean_vector(kind)]
                found = found or [np.zeros((0, len(PHONES)), np.float16)]
                self.first[quality, kind], self.count[quality, kind] = len(starts), len(found)
                for vectors in found:
                    starts.append(total)
                    lengths.append(len(vectors))
                    pieces.append(vectors)
                    total += len(vectors)
        self.starts, self.lengths = np.array(starts), np.array(lengths)
        self.vectors = np.concatenate(pieces).astype(np.float16)

    @property
    def shares(self) -> np.ndarray:
        """How often each bin is drawn, best hearing first: the worst has little to be learned."""
        shares = np.array([0.35, 0.3, 0.25, 0.1][: self.bins] + [0.1] * (self.bins - 4))
        return shares / shares.sum()

    def draw(
        self, target: Sequence[int], rng: np.random.Generator, quality: int | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Segments of one utterance: classes -> vectors [M, P], classes [M]."""
        if quality is None:
            quality = int(rng.choice(self.bins, p=self.shares))
        kinds = np.concatenate(([START], np.asarray(target, np.int64)))
        picks = self.first[quality, kinds] + (
            rng.random(len(kinds)) * self.count[quality, kinds]
        ).astype(np.int64)
        lengths = self.lengths[picks]
        rows = np.repeat(self.starts[picks] - np.cumsum(lengths) + lengths, lengths)
        vectors = self.vectors[rows + np.arange(len(rows))].astype(np.float32)
        return vectors, classes_of(vectors)

    def save(self, path: str) -> None:
        """Writes one .npz."""
        np.savez(path, first=self.first, count=self.count, starts=self.starts,
                 lengths=self.lengths, vectors=self.vectors)  # fmt: skip

    @classmethod
    def load(cls, path: str) -> Bank:
        """Reads what ``save`` wrote."""
        bank = cls.__new__(cls)
        with np.load(path) as data:
            for name in ("first", "count", "starts", "lengths", "vectors"):
                setattr(bank, name, data[name])
        bank.bins = len(bank.first)
        return bank


def classes_of(vectors: np.ndarray) -> np.ndarray:
    """Most likely non-blank class of every segment: [M, P] -> [M]."""
    spoken = vectors.copy()
    spoken[:, BLANK] = -1
    return spoken.argmax(axis=1) if len(spoken) else np.zeros(0, np.int64)


def _clean_vector(kind: int) -> np.ndarray:
    vector = np.full((1, len(PHONES)), 0.1 / (len(PHONES) - 2))
    vector[0, BLANK], vector[0, kind] = 0.2, 0.7
    return vector.astype(np.float16)


# --- a bank from real posteriors -----------------------------------------------------------------


def align(target: Sequence[int], vectors: np.ndarray, classes: np.ndarray) -> list[int | None]:
    """The target position each segment belongs to, None for insertions: [M].

    Edit distance; a confusion is cheaper the more probability the segment leaves to the target,
    and a boundary is never confused with a phone.
    """
    rows, columns = len(target), len(classes)
    cost = np.zeros((rows + 1, columns + 1))
    cost[:, 0], cost[0] = np.arange(rows + 1), np.arange(columns + 1)
    pair = 1 - 0.5 * vectors[:, list(target)].T if columns else np.zeros((rows, 0))
    wanted = np.asarray(target)[:, None]
    pair[wanted == classes[None]] = 0
    pair[(wanted == WORD_BOUNDARY) != (classes[None] == WORD_BOUNDARY)] = 2.5
    for i in range(1, rows + 1):
        straight = np.minimum(cost[i - 1, :-1] + pair[i - 1], cost[i - 1, 1:] + 1)
        # Insertions run along the row: a prefix minimum after taking out their linear cost.
        line = np.concatenate(([cost[i, 0]], straight)) - np.arange(columns + 1)
        cost[i] = np.minimum.accumulate(line) + np.arange(columns + 1)
    owners: list[int | None] = [None] * columns
    i, j = rows, columns
    while i > 0 and j > 0:
        if np.isclose(cost[i, j], cost[i - 1, j - 1] + pair[i - 1, j - 1]):
            i, j = i - 1, j - 1
            owners[j] = i
        elif np.isclose(cost[i, j], cost[i - 1, j] + 1):
            i -= 1
        else:
            j -= 1
    return owners


def events_of(
    target: Sequence[int], vectors: np.ndarray, classes: np.ndarray
) -> tuple[list[tuple[int, np.ndarray]], float]:
    """(class, vectors) of every event of one utterance, START first, and its error rate."""
    owners = align(target, vectors, classes)
    spans: list[list[int]] = [[] for _ in range(len(target) + 1)]
    at = errors = 0
    for segment, owner in enumerate(owners):
        if owner is None:
            errors += 1
        else:
            at = owner + 1
            errors += target[owner] != classes[segment]
        spans[at].append(segment)
    errors += sum(not span for span in spans[1:])
    kinds = [START, *target]
    events = [(kind, vectors[span]) for kind, span in zip(kinds, spans, strict=True)]
    return events, errors / max(1, len(target))


def bank_of(
    heard: Iterable[tuple[np.ndarray, Sequence[int]]],
    config: CTCCompressorConfig,
    longest_insertion: int = 6,
) -> tuple[Bank, dict[str, float]]:
    """A bank from (posteriors [T, P], target) pairs, binned by error rate; and its statistics."""
    utterances = []
    for posteriors, target in heard:
        vectors, classes = segments(posteriors, config)
        if len(target):
            utterances.append(events_of(target, vectors, classes))
    rates = np.array([rate for _, rate in utterances])
    # By rank, so that every bin has its quarter even where many are without an error.
    bins = np.empty(len(rates), np.int64)
    bins[np.argsort(rates, kind="stable")] = np.arange(len(rates)) * QUALITY_BINS // len(rates)
    kept, deleted, total = [], 0, 0
    for (events, _), quality in zip(utterances, bins, strict=True):
        for kind, vectors in events:
            deleted += kind != START and len(vectors) == 0
            total += kind != START
            kept.append(Event(int(quality), kind, vectors[:longest_insertion].astype(np.float16)))
    figures = {"utterances": len(utterances), "error": float(rates.mean()),
               "deleted": deleted / max(1, total)}  # fmt: skip
    for index in range(QUALITY_BINS):
        figures[f"error_{index}"] = (
            float(rates[bins == index].mean()) if (bins == index).any() else 0
        )
    return Bank(kept), figures


# --- a bank that is made up ----------------------------------------------------------------------


@functools.cache
def _confusions() -> dict[int, tuple[int, ...]]:
    groups = [[PHONE_INDEX[p] for p in group.split()] for group in _CONFUSABLE]
    return {
        kind: tuple(p for group in groups if kind in group for p in group if p != kind)
        for kind in range(2, len(PHONES))
    }


def synthetic_bank(seed: int = 0, events: int = 200) -> Bank:
    """Peaky posteriors with deletions, confusions and insertions, worse from bin to bin."""
    rng = np.random.default_rng(seed)
    phones = len(PHONES)

    def vector(kind: int, sharpness: float) -> np.ndarray:
        rest = rng.dirichlet(np.full(phones, 0.05))
        row = (1 - sharpness) * 0.4 * rest
        others = _confusions().get(kind, ())
        for other in others:
            row[other] += (1 - sharpness) * 0.6 * rng.dirichlet(np.ones(len(others)))[0]
        row[kind] += sharpness
        row[BLANK] = 0
        blank = rng.beta(1.5, 4)
        row = row / row.sum() * (1 - blank)
        row[BLANK] = blank
        return row

    made = []
    for quality in range(QUALITY_BINS):
        worse = (0.3, 0.8, 1.5, 3.0)[quality]
        for kind in range(1, phones + 1):
            for _ in range(events):
                rows = []
                lost = 0.15 if kind == WORD_BOUNDARY else 0.026
                if kind != START and rng.random() > lost * worse:
                    heard = kind
                    if kind != WORD_BOUNDARY and rng.random() < 0.06 * worse:
                        heard = int(rng.choice(_confusions()[kind] or (kind,)))
                    rows.append(vector(heard, rng.beta(8, 1 + worse)))
                if rng.random() < 0.05 * worse:
                    rows.append(vector(int(rng.integers(2, phones)), rng.beta(3, 2)))
                if kind != WORD_BOUNDARY and rng.random() < 0.03 * worse:
                    rows.append(vector(WORD_BOUNDARY, rng.beta(3, 2)))
                made.append(Event(quality, kind, np.array(rows).reshape(-1, phones)))
    return Bank(made)
