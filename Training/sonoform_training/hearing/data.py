"""Batches for the encoder: augmented features, CTC targets and frame labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from ..speech.augmentation import Augmented, Augmenter, mask_features
from ..speech.corpus import Corpus
from ..speech.phones import BLANK, WORD_BOUNDARY
from ..speech.recorded import RecordedSpeech
from .encoder import fits, output_frames

FRAME_S = 0.02


@dataclass
class Batch:
    """features [B, F, M], lengths [B]; targets [sum], target_lengths [B]; labels [B, T] or -100."""

    features: torch.Tensor
    lengths: torch.Tensor
    targets: torch.Tensor
    target_lengths: torch.Tensor
    labels: torch.Tensor


def frame_labels(record: dict, augmented: Augmented, frames: int) -> np.ndarray:
    """Return the phone heard at each encoder frame, [T]; silence is blank.

    A word boundary is the one frame nearest to it. Where the record has no timings, no frame has a
    label (-100).
    """
    if "starts_ms" not in record:
        return np.full(frames, -100, np.int64)
    labels = np.full(frames, BLANK, np.int64)
    starts = augmented.moments(np.array(record["starts_ms"]) / 1000) / FRAME_S
    ends = augmented.moments(np.array(record["ends_ms"]) / 1000) / FRAME_S
    boundaries = []
    for phone, first, last in zip(record["phones"], starts, ends, strict=True):
        if phone == WORD_BOUNDARY:
            boundaries.append(round((first + last) / 2))
        else:
            labels[max(0, int(np.ceil(first))) : max(0, int(np.ceil(last)))] = phone
    for place in boundaries:
        if place < frames:
            labels[place] = WORD_BOUNDARY
    return labels


def collate(items: list[tuple[torch.Tensor, list[int], np.ndarray]]) -> Batch:
    """Pad (features, phones, labels) to one batch."""
    lengths = torch.tensor([len(features) for features, _, _ in items])
    longest = int(lengths.max())
    features = torch.zeros(len(items), longest, items[0][0].shape[1])
    labels = torch.full((len(items), output_frames(longest)), -100)
    for row, (item, _, marks) in enumerate(items):
        features[row, : len(item)] = item
        labels[row, : len(marks)] = torch.from_numpy(marks)
    targets = torch.tensor([phone for _, phones, _ in items for phone in phones])
    target_lengths = torch.tensor([len(phones) for _, phones, _ in items])
    return Batch(features, lengths, targets, target_lengths, labels)


class Share:
    """Corpora that are drawn from together, and how often: `weight` against the other shares.

    strength: of the full augmentation, since a recording of a person in a room has one already.
    """

    def __init__(
        self, corpora: list[Corpus | RecordedSpeech], weight: float, strength: float = 1.0
    ) -> None:
        """List the utterances."""
        self.weight, self.strength = weight, strength
        self.entries = [(corpus, index) for corpus in corpora for index in range(len(corpus))]
        each = [
            corpus.weights() * len(corpus)
            if isinstance(corpus, RecordedSpeech)
            else np.ones(len(corpus))
            for corpus in corpora
        ]
        self._odds = np.concatenate(each) / len(self.entries) if each else np.zeros(0)

    def stream(self, rng: np.random.Generator) -> Iterator[tuple[Corpus | RecordedSpeech, int]]:
        """Yield utterances for ever, every one before any comes again where odds are even."""
        count = len(self.entries)
        while True:
            if np.allclose(self._odds, self._odds[0]):
                places = rng.permutation(count)
            else:
                places = rng.choice(count, count, p=self._odds / self._odds.sum())
            for place in places:
                yield self.entries[place]


class BatchSource:
    """An endless stream of augmented batches, bucketed by length after augmentation."""

    def __init__(
        self, shares: list[Share], seed: int, frames_a_batch: int, noise_share: float = 0.04
    ) -> None:
        """Draw from the shares by their weights; the noise pool's babble is made of their voices.

        The first share is the synthetic one: `synthetic_only` draws from it alone.
        """
        self.rng = np.random.default_rng(seed)
        self._shares = [share for share in shares if share.entries]
        if not self._shares:
            raise ValueError("expected utterances to train on, got none")
        everything = [entry for share in self._shares for entry in share.entries]
        chosen = self.rng.choice(len(everything), min(120, len(everything)), replace=False)
        voices = [everything[i][0].samples(everything[i][1]) for i in chosen]
        self.augmenter = Augmenter(seed + 1, voices)
        self._frames_a_batch = frames_a_batch
        self._noise_share = noise_share
        self.strength = 0.1
        self.mild_voices_only = self.synthetic_only = False

    def _entry_stream(self) -> Iterator[tuple[Corpus | RecordedSpeech, int, float]]:
        streams = [share.stream(self.rng) for share in self._shares]
        weights = np.array([share.weight for share in self._shares])
        weights = weights / weights.sum()
        while True:
            chosen = 0 if self.synthetic_only else int(self.rng.choice(len(streams), p=weights))
            corpus, index = next(streams[chosen])
            voice = corpus.records[index]["voice"]["name"]
            if not (self.mild_voices_only and ("random" in voice or voice == "rms")):
                yield corpus, index, self._shares[chosen].strength

    def _item(
        self, corpus: Corpus | RecordedSpeech, index: int, share: float
    ) -> tuple[torch.Tensor, list[int], np.ndarray]:
        record = corpus.records[index]
        samples = corpus.samples(index)
        if self.rng.random() < self._noise_share * self.strength:
            # Noise without speech: the target is empty, every frame is blank.
            noise = self.augmenter.noise(len(samples)) * 3000
            empty = {"phones": [], "starts_ms": [], "ends_ms": []}
            samples, record = noise.astype(np.int16), empty
        augmented = self.augmenter(samples, self.strength * share)
        features = augmented.features()
        mask_features(self.rng, features, self.strength * share)
        labels = frame_labels(record, augmented, output_frames(len(features)))
        return features, record["phones"], labels

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches for ever."""
        entries = self._entry_stream()
        while True:
            pool = [self._item(*next(entries)) for _ in range(192)]
            # A slow voice slowed further can outlast what the encoder takes.
            pool = [item for item in pool if fits(item[0]) and item[0].shape[0] > 8]
            pool.sort(key=lambda item: len(item[0]))
            batches, current = [], []
            for item in pool:
                if current and (len(current) + 1) * len(item[0]) > self._frames_a_batch:
                    batches.append(current)
                    current = []
                current.append(item)
            batches.append(current)
            for place in self.rng.permutation(len(batches)):
                yield collate(batches[place])
