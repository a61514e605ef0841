"""Chooses when a reply is refused, on the training side's posteriors.

    python -m sonoform_training.language_model.thresholds PIPELINE --posteriors DIR [--limit 800]

Every utterance is decoded once without thresholds. The pair (none_threshold, min_confidence) wins
that gives the most right answers less wrong ones, where an answer to speech outside the language or
to noise is wrong; it is written into the folder's pipeline.json.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import torch

from ..pipeline import Pipeline
from .batches import heard_files
from .examples import example_of

NONE_THRESHOLDS = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
CONFIDENCES = tuple(-0.1 * step for step in range(41))


def outcomes(pipeline: Pipeline, paths: list[Path], limit: int) -> list[tuple[float, float, str]]:
    """(p_none, confidence, "right", "wrong" or "stranger") of every utterance with an answer."""
    heard = list(heard_files(paths))
    found = []
    for posteriors, record in heard[:: max(1, len(heard) // limit)]:
        reply = pipeline.hear(torch.from_numpy(posteriors))
        if not reply.objects:
            continue
        meant = example_of(record["text"]).description
        kind = "stranger"
        if meant is not None:
            said = [pipeline.words(words) for words in reply.objects]
            kind = "right" if said == [meant.text()] else "wrong"
        found.append((reply.p_none, reply.confidence, kind))
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pipeline", type=Path)
    parser.add_argument("--posteriors", nargs="+", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=800)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    pipeline = Pipeline.load(arguments.pipeline)
    chosen = pipeline.decoding
    pipeline.decoding = dataclasses.replace(chosen, none_threshold=1.0, min_confidence=-1e9)
    found = outcomes(pipeline, arguments.posteriors, arguments.limit)
    best = None
    for none in NONE_THRESHOLDS:
        for confidence in CONFIDENCES:
            kept = [kind for p, c, kind in found if p <= none and c >= confidence]
            counts = {kind: kept.count(kind) for kind in ("right", "wrong", "stranger")}
            gain = counts["right"] - counts["wrong"] - counts["stranger"]
            # On a tie the more lenient pair: unknown voices are heard worse than trained ones.
            key = (gain, none, -confidence)
            if best is None or key > best[0]:
                best = (key, {"none_threshold": none, "min_confidence": confidence}, counts)
    totals = {kind: sum(k == kind for _, _, k in found) for kind in ("right", "wrong", "stranger")}
    print(json.dumps({"without": totals, "chosen": best[1], "with": best[2]}))
    path = arguments.pipeline / "pipeline.json"
    settings = json.loads(path.read_text())
    settings["decoding"] |= best[1]
    path.write_text(json.dumps(settings, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
