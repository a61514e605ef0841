"""Teaches the language model to read clouds, its own weights frozen.

    python -m sonoform_training.describing.train_describer --pipeline DIR --data SHAPES \
        --autoencoder FILE --work DIR

SHAPES is the folder of ``generator.dataset``, FILE an ``autoencoder.pt``. Loss: cross-entropy of
the reply ``<begin> words <object> words <signal 1>``, and of the word that every vector stands for.
A run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..descriptions import Description
from ..generator.training import Run, initial_state
from ..language_model.prompts import IGNORED
from ..language_model.tokenizer import encode_words
from ..pipeline import Pipeline
from ..warm_start import describer_state
from .clouds import DescribedClouds
from .model import Describer
from .resampler import ResamplerConfig

BATCH = 32
READING_SHARE = 0.5
"""How much the words of the vectors count beside the reply."""


class Reader:
    """The frozen language model at the end of the vectors."""

    def __init__(self, pipeline: Pipeline) -> None:
        """Its weights will not move."""
        self.pipeline = pipeline
        self.model = pipeline.language_model.eval().requires_grad_(False)
        self.tokens = pipeline.tokens

    def replies(self, descriptions: list[Description]) -> tuple[Tensor, Tensor]:
        """Token ids [B, R] of the replies and their labels, padded."""
        rows = []
        for description in descriptions:
            words = encode_words(self.pipeline.tokenizer, description.text().split())
            tokens = self.tokens
            rows.append([tokens.begin, *words, tokens.object, *words, tokens.signals[0]])
        longest = max(map(len, rows))
        ids = torch.full((len(rows), longest - 1), self.tokens.end)
        labels = torch.full((len(rows), longest - 1), IGNORED)
        for i, row in enumerate(rows):
            ids[i, : len(row) - 1] = torch.tensor(row[:-1])
            labels[i, : len(row) - 1] = torch.tensor(row[1:])
        return ids, labels

    def words(self, descriptions: list[Description], count: int) -> Tensor:
        """The word [B, M] that every vector stands for; <end> past the last."""
        words = torch.full((len(descriptions), count), self.tokens.end)
        for i, description in enumerate(descriptions):
            said = encode_words(self.pipeline.tokenizer, description.text().split())[:count]
            words[i, : len(said)] = torch.tensor(said)
        return words

    def prefix(self, vectors: Tensor) -> Tensor:
        """Vectors [B, M, W] -> prefix [B, 1 + M, W], as of a text."""
        marker = self.model.embed(torch.tensor([self.tokens.text]))
        return torch.cat([marker.expand(len(vectors), 1, -1), vectors], dim=1)

    def losses(self, vectors: Tensor, descriptions: list[Description]) -> tuple[Tensor, Tensor]:
        """Cross-entropies of the reply and of the vectors' words."""
        ids, labels = self.replies(descriptions)
        prefix = self.prefix(vectors)
        lengths = torch.full((len(prefix),), prefix.shape[1])
        logits = self.model.logits(self.model.hidden(prefix, lengths, ids))
        reply = functional.cross_entropy(
            logits.float().flatten(0, 1), labels.flatten(), ignore_index=IGNORED
        )
        read = functional.linear(vectors, self.model.llama.lm_head.weight)
        words = self.words(descriptions, vectors.shape[1])
        return reply, functional.cross_entropy(read.float().flatten(0, 1), words.flatten())

    @torch.no_grad()
    def write(self, vectors: Tensor, longest: int = 24) -> list[str]:
        """Greedy: what the model writes between <object> and <signal 1>, after its transcript."""
        prefix = self.prefix(vectors)
        lengths = torch.full((len(prefix),), prefix.shape[1])
        ids = torch.full((len(prefix), 1), self.tokens.begin)
        stop = {self.tokens.object, self.tokens.signals[0], self.tokens.none, self.tokens.end}
        for _ in range(2 * longest + 2):
            logits = self.model.logits(self.model.hidden(prefix, lengths, ids)[:, -1:])
            ids = torch.cat([ids, logits.argmax(-1)], dim=1)
        texts = []
        for row in ids[:, 1:].tolist():
            words = row[row.index(self.tokens.object) + 1 :] if self.tokens.object in row else []
            end = next((i for i, token in enumerate(words) if token in stop), len(words))
            texts.append(" ".join(self.pipeline.tokenizer.id_to_token(t) for t in words[:end]))
        return texts


def figures(written: list[str], wanted: list[Description]) -> dict[str, float]:
    """Shares of descriptions that are right: whole, and in this and that."""
    from ..descriptions import DescriptionError, parse_description

    names = ("whole", "object and colour", "object", "colour", "size", "proportion", "counts")
    right = dict.fromkeys(names, 0)
    for text, description in zip(written, wanted, strict=True):
        right["whole"] += text == description.text()
        try:
            read = parse_description(text)
        except DescriptionError:
            continue
        right["object"] += read.object == description.object
        for name in ("colour", "size", "proportion"):
            right[name] += getattr(read, name) == getattr(description, name)
        if read.object == description.object:
            right["object and colour"] += read.colour == description.colour
            mine, theirs = read.resolved(), description.resolved()
            right["counts"] += all(mine[name].count == theirs[name].count for name in theirs)
    return {name: count / len(wanted) for name, count in right.items()}


def validate(describer: nn.Module, reader: Reader, clouds: DescribedClouds) -> dict[str, float]:
    """The figures on the shapes that are kept."""
    written, wanted = [], []
    for first in range(len(clouds), len(clouds) + clouds.VALIDATION, 64):
        batch, descriptions = clouds.batch(np.arange(first, first + 64))
        with torch.no_grad():
            written += reader.write(describer(batch))
        wanted += descriptions
    return {name: round(value, 3) for name, value in figures(written, wanted).items()}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pipeline", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    begin = parser.add_mutually_exclusive_group(required=True)
    begin.add_argument("--autoencoder", type=Path, help="begin with its encoder")
    begin.add_argument("--initial", type=Path, help="a describer.pt or a pipeline to begin with")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    arguments.work.mkdir(parents=True, exist_ok=True)
    pipeline = Pipeline.load(arguments.pipeline)
    reader = Reader(pipeline)
    clouds = DescribedClouds(arguments.data, arguments.seed)
    describer = Describer(ResamplerConfig(output_size=pipeline.language_model.width))
    if arguments.initial:
        describer.load_state_dict(initial_state(arguments.initial, describer_state))
    else:
        describer.adopt(torch.load(arguments.autoencoder, weights_only=True)["averaged"])
    run = Run(describer, arguments.work / "describer.pt")

    def loss() -> Tensor:
        batch, descriptions = clouds.batch(clouds.numpy.integers(len(clouds), size=BATCH))
        with torch.autocast("cpu", torch.bfloat16):
            reply, read = reader.losses(run.model(batch), descriptions)
        return reply + READING_SHARE * read

    run.train(
        arguments.steps,
        arguments.rate,
        loss,
        lambda: json.dumps(validate(run.averaged, reader, clouds)),
    )


if __name__ == "__main__":
    main()
