"""Batches for the encoder: augmented features, CTC targets and frame labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from ..speech.augmentation import Augmented, Augmenter, mask_features
from ..speech.corpus import Corpus
from ..speech.phones import BLANK, WORD_BOUNDARY
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

    A word boundary is the one frame nearest to it.
    """
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


class BatchSource:
    """An endless stream of augmented batches, bucketed by length after augmentation."""

    def __init__(
        self, corpora: list[Corpus], seed: int, frames_a_batch: int, noise_share: float = 0.04
    ) -> None:
        """Shuffle the corpora together; the noise pool's babble is made of their voices."""
        self.rng = np.random.default_rng(seed)
        self._entries = [(corpus, index) for corpus in corpora for index in range(len(corpus))]
        chosen = self.rng.choice(len(self._entries), min(120, len(self._entries)), replace=False)
        voices = [self._entries[i][0].samples(self._entries[i][1]) for i in chosen]
        self.augmenter = Augmenter(seed + 1, voices)
        self._frames_a_batch = frames_a_batch
        self._noise_share = noise_share
        self.strength = 0.1
        self.mild_voices_only = False

    def _entry_stream(self) -> Iterator[tuple[Corpus, int]]:
        while True:
            for place in self.rng.permutation(len(self._entries)):
                corpus, index = self._entries[place]
                voice = corpus.records[index]["voice"]["name"]
                if not (self.mild_voices_only and ("random" in voice or voice == "rms")):
                    yield corpus, index

    def _item(self, corpus: Corpus, index: int) -> tuple[torch.Tensor, list[int], np.ndarray]:
        record = corpus.records[index]
        samples = corpus.samples(index)
        if self.rng.random() < self._noise_share * self.strength:
            # Noise without speech: the target is empty, every frame is blank.
            noise = self.augmenter.noise(len(samples)) * 3000
            empty = {"phones": [], "starts_ms": [], "ends_ms": []}
            samples, record = noise.astype(np.int16), empty
        augmented = self.augmenter(samples, self.strength)
        features = augmented.features()
        mask_features(self.rng, features, self.strength)
        labels = frame_labels(record, augmented, output_frames(len(features)))
        return features, record["phones"], labels

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches for ever."""
        entries = self._entry_stream()
        while True:
            pool = [self._item(*next(entries)) for _ in range(192)]
            # A slow voice slowed further can outlast what the encoder takes.
            pool = [item for item in pool if fits(item[0])]
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
