"""Input projectors: from the encoder's output to vectors the language model reads.

``CTCCompressor`` is the built-in one: the phone posteriors [T, P] are cut into words, and every
word becomes one vector. ``FrameStacking`` is the plain projector of LLaVA-1.5 and SLAM-ASR for
public checkpoints: [T, W] -> [ceil(T / stack), output].

The compressor in full, so that it can be ported from this docstring:

1. Frames whose blank probability is ``blank_threshold`` or more are dropped.
2. A run of kept frames that are adjacent in time and have the same most likely non-blank class
   (the first one on a tie) is a segment. Its vector [P] is the mean of the posteriors weighted
   with 1 - p(blank); the blank's mass stays in as a feature.
3. A segment of class ``word_boundary`` ends a word and is not kept. A word of more than ``slots``
   segments goes on as a new word, an empty word vanishes; words after ``max_words`` are dropped.
4. A word of the kept segments [a, b) becomes [(2 neighbours + slots) P]: the segments
   a - neighbours … a - 1, its own segments padded with zeros to ``slots``, and b … b + neighbours
   - 1; a segment that does not exist is zero. Neighbours belong to other words.
5. fc1, exact GELU, fc2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class CTCCompressorConfig:
    """``config.json`` of the compressor; ``phones`` counts the classes P, blank included."""

    phones: int
    output_size: int = 256
    hidden_size: int = 512
    blank: int = 0
    word_boundary: int = 1
    blank_threshold: float = 0.8
    slots: int = 9
    neighbours: int = 2
    max_words: int = 64

    @property
    def input_size(self) -> int:
        """Numbers a word."""
        return (2 * self.neighbours + self.slots) * self.phones

    def to_json(self) -> dict:
        """The object written to config.json."""
        return {"type": "ctc_compressor", **asdict(self)}

    @classmethod
    def from_json(cls, data: dict) -> CTCCompressorConfig:
        """Reads config.json's object; the type is checked."""
        return cls(**_fields(data, "ctc_compressor"))


@dataclass(frozen=True)
class FrameStackingConfig:
    """``config.json`` of the frame stacking."""

    input_size: int
    output_size: int
    hidden_size: int
    stack: int = 4

    def to_json(self) -> dict:
        """The object written to config.json."""
        return {"type": "frame_stacking", **asdict(self)}

    @classmethod
    def from_json(cls, data: dict) -> FrameStackingConfig:
        """Reads config.json's object; the type is checked."""
        return cls(**_fields(data, "frame_stacking"))


def _fields(data: dict, kind: str) -> dict:
    if data.get("type") != kind:
        raise ValueError(f"input projector of type {data.get('type')!r}, expected {kind!r}")
    return {key: value for key, value in data.items() if key != "type"}


def segments(posteriors: np.ndarray, config: CTCCompressorConfig) -> tuple[np.ndarray, np.ndarray]:
    """Steps 1 and 2: [T, P] -> vectors [M, P] and classes [M]."""
    posteriors = np.asarray(posteriors, np.float32)
    blank = posteriors[:, config.blank]
    kept = np.flatnonzero(blank < config.blank_threshold)
    if len(kept) == 0:
        return np.zeros((0, config.phones), np.float32), np.zeros(0, np.int64)
    spoken = posteriors[kept].copy()
    spoken[:, config.blank] = -1
    classes = spoken.argmax(axis=1)
    starts = np.flatnonzero(np.concatenate(([True], (np.diff(kept) > 1) | (np.diff(classes) != 0))))
    weights = 1 - blank[kept]
    sums = np.add.reduceat(posteriors[kept] * weights[:, None], starts, axis=0)
    totals = np.add.reduceat(weights, starts)
    return (sums / totals[:, None]).astype(np.float32), classes[starts]


def words_of(classes: Sequence[int], config: CTCCompressorConfig) -> list[tuple[int, int]]:
    """Step 3: the half-open ranges [a, b) of the words among the segments without boundaries."""
    words, start, at = [], 0, 0
    for kind in classes:
        ends = kind == config.word_boundary
        if at > start and (ends or at - start == config.slots):
            words.append((start, at))
            start = at
        at += not ends
    if at > start:
        words.append((start, at))
    return words[: config.max_words]


def word_slots(vectors: np.ndarray, classes: np.ndarray, config: CTCCompressorConfig) -> np.ndarray:
    """Steps 3 and 4: segments [M, P] -> words [N, (2 neighbours + slots) P]."""
    side, width = config.neighbours, 2 * config.neighbours + config.slots
    spoken = vectors[np.asarray(classes) != config.word_boundary]
    words = words_of(classes, config)
    slots = np.zeros((len(words), width, config.phones), np.float32)
    for row, (start, end) in zip(slots, words, strict=True):
        left = spoken[max(start - side, 0) : start]
        right = spoken[end : end + side]
        row[side - len(left) : side] = left
        row[side : side + end - start] = spoken[start:end]
        row[side + config.slots : side + config.slots + len(right)] = right
    return slots.reshape(len(words), config.input_size)


def compress(posteriors: np.ndarray, config: CTCCompressorConfig) -> np.ndarray:
    """Steps 1 to 4: [T, P] -> [N, (2 neighbours + slots) P]."""
    return word_slots(*segments(posteriors, config), config)


class CTCCompressor(nn.Module):
    """Step 5, batched over words that ``compress`` has cut: [..., input] -> [..., W]."""

    def __init__(self, config: CTCCompressorConfig) -> None:
        """Fresh weights."""
        super().__init__()
        self.config = config
        self.fc1 = nn.Linear(config.input_size, config.hidden_size)
        self.fc2 = nn.Linear(config.hidden_size, config.output_size)

    def forward(self, words: Tensor) -> Tensor:
        """[..., (2 neighbours + slots) P] -> [..., W]."""
        return self.fc2(functional.gelu(self.fc1(words)))

    @torch.no_grad()
    def project(self, posteriors: Tensor) -> Tensor:
        """One recording, all five steps: [T, P] -> [N, W]."""
        words = compress(posteriors.float().numpy(), self.config)
        return self(torch.from_numpy(words))


@dataclass(frozen=True)
class LinearProjectorConfig:
    """``config.json`` of the linear projector."""

    input_size: int
    output_size: int

    def to_json(self) -> dict:
        """The object written to config.json."""
        return {"type": "linear", **asdict(self)}


class LinearProjector(nn.Module):
    """[T, W] -> [T, output]: one affine map a frame (LLaVA, PandaGPT)."""

    def __init__(self, config: LinearProjectorConfig) -> None:
        """Fresh weights."""
        super().__init__()
        self.projection = nn.Linear(config.input_size, config.output_size)

    def forward(self, frames: Tensor) -> Tensor:
        """[..., T, W] -> [..., T, output]."""
        return self.projection(frames)


class FrameStacking(nn.Module):
    """[T, W] -> [ceil(T / stack), output]: the last stack is filled up with zero frames."""

    def __init__(self, config: FrameStackingConfig) -> None:
        """Fresh weights."""
        super().__init__()
        self.config = config
        self.fc1 = nn.Linear(config.stack * config.input_size, config.hidden_size)
        self.fc2 = nn.Linear(config.hidden_size, config.output_size)

    def forward(self, frames: Tensor) -> Tensor:
        """[..., T, W] -> [..., ceil(T / stack), output]."""
        frames = functional.pad(frames, (0, 0, 0, -frames.shape[-2] % self.config.stack))
        stacked = frames.reshape(*frames.shape[:-2], -1, self.fc1.in_features)
        return self.fc2(functional.gelu(self.fc1(stacked)))
