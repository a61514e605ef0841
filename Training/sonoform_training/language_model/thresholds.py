"""Chooses how much the CTC score counts and when a reply is refused, on the training side.

    python -m sonoform_training.language_model.thresholds PIPELINE --posteriors DIR [--limit 800]

Every utterance is decoded once; the gain of (ctc_weight, none_threshold, min_confidence) is the
right transcripts less the wrong ones, where any object heard in speech outside the language or in
noise is wrong. Of the settings within ``SLACK`` of the best gain the highest none_threshold wins:
a strange voice makes words sound unknown, which these voices do not show, while a low confidence
tells a misfit whoever speaks. The settings are written into the folder's pipeline.json.
"""

from __future__ import annotations

import argparse
import itertools
import json
from dataclasses import dataclass
from pathlib import Path

import torch

from ..pipeline import Pipeline
from .batches import heard_files
from .ctc_score import best_path_score
from .decoding import none_share
from .examples import example_of
from .tokenizer import encode_words

CTC_WEIGHTS = (0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)
NONE_THRESHOLDS = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
SLACK = 0.01
CONFIDENCES = tuple(-0.1 * step for step in range(31))


@dataclass(frozen=True)
class Outcome:
    """One utterance: its finished hypotheses with an object, as (LM, CTC, confidence, kind)."""

    p_none: float
    candidates: list[tuple[float, float, float, str]]


def outcome(pipeline: Pipeline, posteriors: torch.Tensor, text: str) -> Outcome:
    """Decodes one utterance; kinds are "right", "wrong" and "stranger" (nothing to hear there)."""
    prefix, heard = pipeline.heard(posteriors)
    tokens = pipeline.tokens
    finished = pipeline.decoder.beam(prefix, pipeline.decoding.beam)
    example = example_of(text)
    said = encode_words(pipeline.tokenizer, list(example.transcript))
    path = best_path_score(heard.logs)
    candidates = []
    for hypothesis in finished:
        if hypothesis.reply[-1] != tokens.object:
            continue
        words = hypothesis.reply[1:-1]
        score, phones = heard.score(words)
        kind = "stranger" if example.scene is None else "right" if words == said else "wrong"
        confidence = (score - path) / max(1, len(phones))
        candidates.append((hypothesis.score, score, confidence, kind))
    return Outcome(none_share(finished, tokens.none), candidates)


def counts(found: list[Outcome], weight: float, none: float, confidence: float) -> dict[str, int]:
    """How many answers of each kind the settings give."""
    total = {"right": 0, "wrong": 0, "stranger": 0}
    for one in found:
        if not one.candidates or one.p_none > none:
            continue
        best = max(one.candidates, key=lambda c: c[0] + weight * c[1])
        if best[2] >= confidence:
            total[best[3]] += 1
    return total


def gain(found: list[Outcome], weight: float, none: float, confidence: float) -> int:
    """Right answers less wrong ones."""
    total = counts(found, weight, none, confidence)
    return total["right"] - total["wrong"] - total["stranger"]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pipeline", type=Path)
    parser.add_argument("--posteriors", nargs="+", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=800)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    pipeline = Pipeline.load(arguments.pipeline)
    heard = list(heard_files(arguments.posteriors))
    found = [
        outcome(pipeline, torch.from_numpy(posteriors), record["text"])
        for posteriors, record in heard[:: max(1, len(heard) // arguments.limit)]
    ]

    grid = list(itertools.product(CTC_WEIGHTS, NONE_THRESHOLDS, CONFIDENCES))
    gains = {settings: gain(found, *settings) for settings in grid}
    enough = max(gains.values()) - SLACK * len(found)
    near = [settings for settings in grid if gains[settings] >= enough]
    best = max(near, key=lambda settings: (settings[1], gains[settings], -settings[2]))
    for weight in CTC_WEIGHTS:
        print(json.dumps({"ctc_weight": weight, **counts(found, weight, 1.0, -1e9)}))
    names = ("ctc_weight", "none_threshold", "min_confidence")
    chosen = {name: round(value, 4) for name, value in zip(names, best, strict=True)}
    print(json.dumps({"utterances": len(found), "chosen": chosen, **counts(found, *best)}))
    path = arguments.pipeline / "pipeline.json"
    settings = json.loads(path.read_text())
    settings["decoding"] |= chosen
    path.write_text(json.dumps(settings, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
