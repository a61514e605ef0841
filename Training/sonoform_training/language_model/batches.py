"""Batches for training: examples heard through simulated or real posteriors, or typed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from ..generator.conditions import ConditionEncoder
from ..hearing.posteriors import load_bank
from .examples import ALL_OBJECTS, Example, Mixture, example_of
from .projector import CTCCompressorConfig, compress, word_slots
from .prompts import IGNORED, SIGNALS, Tokens, reply_ids
from .simulate import Bank, accented, spoken_target
from .tokenizer import encode_words, tokens_of


@dataclass
class Batch:
    """B examples. Q = 1 + N prefix rows with the marker; R reply tokens without the last.

    ``slots`` [B, N, slots * P] are zero for text, ``words`` [B, N] ids of typed words; ``reply``
    [B, R] is the input, ``labels`` [B, R] the next token or IGNORED. ``objects`` [n] is the row
    of every object's block, ``signals`` [n, K] where its signal tokens are, ``conditions``
    [n, K, C] and ``places`` [n, 4] what their projections should be. A place is the object's own,
    before the program composes the scene: the origin and its scale.
    """

    slots: Tensor
    words: Tensor
    typed: Tensor
    prefix_lengths: Tensor
    reply: Tensor
    labels: Tensor
    transcripts: list[list[int]]
    objects: Tensor
    signals: Tensor
    conditions: Tensor
    places: Tensor


@dataclass
class Prepared:
    """An example with its prefix: ``slots`` [N, slots * P], or ids of typed words."""

    example: Example
    slots: np.ndarray | None
    words: list[int]
    reply: list[int]

    @property
    def length(self) -> int:
        """Rows in the sequence."""
        return (len(self.words) if self.slots is None else len(self.slots)) + len(self.reply)


class RealHearing:
    """What the encoder heard, as ``hearing.posteriors`` wrote it: words and examples."""

    def __init__(
        self,
        paths: Sequence[str | Path],
        config: CTCCompressorConfig,
        objects: Sequence[str] = ALL_OBJECTS,
    ) -> None:
        """Cuts every utterance into words once."""
        self.slots: list[np.ndarray] = []
        self.examples: list[Example] = []
        for posteriors, record in heard_files(paths):
            self.slots.append(compress(posteriors, config).astype(np.float16))
            self.examples.append(example_of(record["text"], objects))

    def __len__(self) -> int:
        """Utterances."""
        return len(self.examples)


def heard_files(paths: Sequence[str | Path]) -> Iterator[tuple[np.ndarray, dict]]:
    """(posteriors [T, P] f32, record) of every utterance in .npz files, or folders of them."""
    for path in map(Path, paths):
        for file in sorted(path.glob("*.npz")) if path.is_dir() else [path]:
            for posteriors, record in load_bank(file):
                yield posteriors.astype(np.float32), record


class Source:
    """Prepared examples without end."""

    def __init__(
        self,
        mixture: Mixture,
        tokenizer: Tokenizer,
        banks: tuple[Bank, Bank],
        config: CTCCompressorConfig,
        *,
        seed: int = 0,
        text_share: float = 0.12,
        accent_share: float = 0.25,
        made_up_share: float = 0.3,
        real: RealHearing | None = None,
        real_share: float = 0.0,
    ) -> None:
        """``banks`` are the heard one and the made-up one; the latter's phones are confused
        more widely than any trained voice's. ``real_share`` is of the spoken examples.
        """
        self.mixture, self.tokenizer, self.banks, self.config = mixture, tokenizer, banks, config
        self.accent_share, self.made_up_share = accent_share, made_up_share
        self.tokens = tokens_of(tokenizer)
        self.rng = np.random.default_rng(seed)
        self.text_share, self.real, self.real_share = text_share, real, real_share

    def draw(self) -> Prepared:
        """One example with its prefix."""
        rng = self.rng
        if rng.random() < self.text_share:
            return self._typed()
        if self.real is not None and rng.random() < self.real_share:
            index = int(rng.integers(len(self.real)))
            return self._prepared(self.real.examples[index], self.real.slots[index])
        if rng.random() < 0.05:
            return self._noise()
        example = self.mixture.draw()
        target = spoken_target(example.said, rng)
        if rng.random() < self.accent_share:
            target = accented(target, rng)
        bank = self.banks[int(rng.random() < self.made_up_share)]
        vectors, classes = bank.draw(target, rng)
        return self._prepared(example, word_slots(vectors, classes, self.config))

    def _prepared(self, example: Example, slots: np.ndarray | None) -> Prepared:
        said = encode_words(self.tokenizer, list(example.said)) if slots is None else []
        transcript = encode_words(self.tokenizer, list(example.transcript))
        objects = []
        if example.scene is not None:
            blocks = example.scene.blocks()
            objects = [encode_words(self.tokenizer, block.split()) for block in blocks]
        return Prepared(example, slots, said, reply_ids(self.tokens, transcript, objects))

    def _noise(self) -> Prepared:
        """Nothing, or loose segments of random phones."""
        rng = self.rng
        bank = self.banks[int(rng.random() < 0.5)]
        target = rng.integers(1, bank.vectors.shape[1], int(rng.integers(0, 14)))
        if rng.random() < 0.3:
            target = target[:0]
        vectors, classes = bank.draw(target, rng, bank.bins - 1)
        return self._prepared(Example((), ()), word_slots(vectors, classes, self.config))

    def _typed(self) -> Prepared:
        """A typed sentence; a typing error makes a word unknown."""
        example = self.mixture.draw()
        if len(example.said) and self.rng.random() < 0.08:
            said = list(example.said)
            said[int(self.rng.integers(len(said)))] = "qwzx"
            example = example_of(" ".join(said), self.mixture.objects)
        return self._prepared(example, None)

    def batches(self, size: int, pool: int = 16) -> Iterator[list[Prepared]]:
        """Batches of about equal length from pools of ``pool`` batches."""
        while True:
            drawn = sorted((self.draw() for _ in range(size * pool)), key=lambda p: p.length)
            starts = self.rng.permutation(pool) * size
            for start in starts:
                yield drawn[start : start + size]


def _rounded(length: int, multiple: int = 4) -> int:
    return -(-length // multiple) * multiple


class Collator:
    """Prepared examples -> a Batch."""

    def __init__(
        self,
        tokens: Tokens,
        config: CTCCompressorConfig,
        conditions: ConditionEncoder,
        vocabulary_size: int,
        seed: int = 0,
        corruption: float = 0.04,
    ) -> None:
        """``corruption`` of the reply's input words are replaced by random ones."""
        self.tokens, self.config, self.conditions = tokens, config, conditions
        self.words = sorted(set(range(vocabulary_size)) - tokens.special)
        self.rng = np.random.default_rng(seed)
        self.corruption = corruption

    def __call__(self, prepared: Sequence[Prepared]) -> Batch:
        """Pads and corrupts."""
        tokens, size = self.tokens, len(prepared)
        lengths = [len(p.words) if p.slots is None else len(p.slots) for p in prepared]
        # Rounded up: few distinct shapes spare the CPU kernels most of their compilation.
        rows = _rounded(max(*lengths, 1))
        columns = _rounded(max(len(p.reply) for p in prepared) - 1)
        slots = np.zeros((size, rows, self.config.input_size), np.float32)
        words = np.zeros((size, rows), np.int64)
        reply = np.zeros((size, columns), np.int64)
        labels = np.full((size, columns), IGNORED, np.int64)
        objects, signals, described, places, transcripts = [], [], [], [], []
        for index, item in enumerate(prepared):
            if item.slots is None:
                words[index, : len(item.words)] = item.words
            else:
                slots[index, : len(item.slots)] = item.slots
            ids = np.array(item.reply)
            reply[index, : len(ids) - 1] = ids[:-1]
            labels[index, : len(ids) - 1] = ids[1:]
            transcripts.append([t for t in ids[1 : 1 + len(item.example.transcript)]])
            first = 0
            for one in item.example.scene.objects if item.example.scene else ():
                first = item.reply.index(tokens.signals[0], first + 1)
                objects.append(index)
                signals.append(range(first, first + SIGNALS))
                described.append(one)
                places.append([0.0, 0.0, 0.0, math.log(one.scale)])
        self._corrupt(reply, labels)
        width = self.conditions.config.width
        return Batch(
            slots=torch.from_numpy(slots),
            words=torch.from_numpy(words),
            typed=torch.tensor([p.slots is None for p in prepared]),
            prefix_lengths=torch.tensor(lengths) + 1,
            reply=torch.from_numpy(reply),
            labels=torch.from_numpy(labels),
            transcripts=transcripts,
            objects=torch.tensor(objects, dtype=torch.long),
            signals=torch.tensor([list(s) for s in signals], dtype=torch.long).view(-1, SIGNALS),
            conditions=self.conditions.encode(described)
            if described
            else torch.zeros(0, SIGNALS, width),
            places=torch.tensor(places).view(-1, 4),
        )

    def _corrupt(self, reply: np.ndarray, labels: np.ndarray) -> None:
        """In the transcript only: the description is what the signals must trust."""
        transcript = np.cumsum(reply == self.tokens.object, axis=1) == 0
        words = transcript & (labels != IGNORED) & (reply != self.tokens.begin)
        struck = words & (self.rng.random(reply.shape) < self.corruption)
        reply[struck] = self.rng.choice(self.words, int(struck.sum()))
