"""Calibrates the program's confidence: of what it says with 0.9, nine in ten are to be right.

    python -m sonoform_training.confidence fit MANIFEST --sonoform BINARY --pipeline DIR
    python -m sonoform_training.confidence judge MANIFEST --sonoform BINARY [--model DIR]

MANIFEST is a jsonl of recordings as `speech.recordings` writes them; what is fitted and what is
judged are never the same ones. The program itself hears them (`convert --json`), so that the
evidence is what a user's recording gives. `fit` writes "confidence" in DIR's pipeline.json:
logistic regressions (Platt 1999) of what was heard (right where every attribute is), of single
words (right where an alignment with the text has them), and of `--typed` sentences. `judge` prints
reliability tables and the expected calibration error (Naeini et al. 2015).
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .descriptions import parse_scene
from .export import write_json
from .judgement import answered, attributes
from .language_model.examples import Mixture

BATCH = 40
HEARD = ("described", "language", "none", "phones", "share", "token", "word")
READ = ("described", "language", "none", "token")
WORD = ("language", "phones", "reply", "share")
RIDGE = 0.02
"""The penalty on squared weights, a sample: evidence overlaps."""
BINS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
LOW, LEAST = 0.6, 0.1
"""Below the first a person is told, below the second nothing is made."""


@dataclass
class Samples:
    """Evidence, whether it was right, and what the program said of it."""

    names: Sequence[str]
    evidence: list[list[float]] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    said: list[float] = field(default_factory=list)

    def add(self, evidence: dict[str, float], right: bool, said: float | None) -> None:
        """Take one answer or word."""
        self.evidence.append([evidence.get(name, 0.0) for name in self.names])
        self.right.append(right)
        self.said.append(float("nan") if said is None else said)

    def fitted(self) -> dict:
        """Bias and weights, by Newton's method."""
        x = np.column_stack([np.ones(len(self.right)), np.array(self.evidence)])
        y = np.array(self.right, float)
        weights = np.zeros(x.shape[1])
        ridge = np.full(x.shape[1], RIDGE * len(y) / 10)
        ridge[0] = 1e-6
        for _ in range(100):
            p = 1 / (1 + np.exp(-np.clip(x @ weights, -40, 40)))
            slope = x.T @ (p - y) + ridge * weights
            curve = (x * (p * (1 - p))[:, None]).T @ x + np.diag(ridge)
            step = np.linalg.solve(curve, slope)
            weights -= step
            if np.abs(step).max() < 1e-8:
                break
        rounded = [round(float(value), 4) for value in weights]
        return {"bias": rounded[0], "weights": dict(zip(self.names, rounded[1:], strict=True))}

    def reliability(self) -> tuple[list[tuple[str, int, float, float]], float]:
        """Rows (said, how many, mean said, share right), and the expected calibration error."""
        said, right = np.array(self.said), np.array(self.right, float)
        rows, error = [], 0.0
        for low, high in itertools.pairwise(BINS):
            inside = (said >= low) & ((said < high) | (high == 1.0))
            if inside.any():
                mean, share = said[inside].mean(), right[inside].mean()
                rows.append((f"{low:g}-{high:g}", int(inside.sum()), float(mean), float(share)))
                error += inside.sum() * abs(mean - share) / len(said)
        return rows, float(error)


def aligned(heard: Sequence[str], said: Sequence[str]) -> list[bool]:
    """Whether each heard word is in its place in what was said (least edits)."""
    n, m = len(heard), len(said)
    cost = np.zeros((n + 1, m + 1), int)
    cost[:, 0], cost[0, :] = range(n + 1), range(m + 1)
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost[i, j] = min(cost[i - 1, j] + 1, cost[i, j - 1] + 1,
                             cost[i - 1, j - 1] + (heard[i - 1] != said[j - 1]))  # fmt: skip
    right, i, j = [False] * n, n, m
    while i and j:
        if cost[i, j] == cost[i - 1, j - 1] + (heard[i - 1] != said[j - 1]):
            right[i - 1] = heard[i - 1] == said[j - 1]
            i, j = i - 1, j - 1
        elif cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
        else:
            j -= 1
    return right


def answers(binary: Path, model: Path | None, arguments: Sequence[str]) -> list[dict]:
    """The program's JSON lines; clouds are made small, since nobody looks at them."""
    with tempfile.TemporaryDirectory() as out:
        command = [str(binary), "convert", "-o", f"{out}/", "--json", "--points", "64"]
        command += ["--steps", "1", "--least-confidence", "0"]
        if model is not None:
            command += ["--model", str(model)]
        result = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
        if result.returncode not in (0, 1):
            raise RuntimeError(result.stderr.strip())
        return [json.loads(line) for line in result.stdout.splitlines()]


def heard_samples(manifest: Path, binary: Path, model: Path | None) -> tuple[Samples, Samples]:
    """Answers and words of the recordings that were answered."""
    rows = [json.loads(line) for line in manifest.read_text().splitlines()]
    whole, words = Samples(HEARD), Samples(WORD)
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        paths = [str(manifest.parent / row["path"]) for row in batch]
        found = {entry["input"]: entry for entry in answers(binary, model, paths)}
        for row, path in zip(batch, paths, strict=True):
            entry = found[path]
            if "error" in entry or "evidence" not in entry:
                continue
            said = parse_scene(row["description"]) if row["description"] else None
            right = said is not None and attributes(answered(entry), said)["all_attributes"]
            whole.add(entry["evidence"], right, entry.get("confidence"))
            heard = [word["word"] for word in entry["words"]]
            spoken = row["text"].lower().split()
            for word, good in zip(entry["words"], aligned(heard, spoken), strict=True):
                words.add(word["evidence"], good, word.get("confidence"))
    return whole, words


def typed_samples(count: int, seed: int, binary: Path, model: Path | None) -> Samples:
    """Answers to typed sentences of held-out combinations."""
    mixture, samples = Mixture(seed, held_out=True), Samples(READ)
    for _ in range(count):
        example = mixture.described()
        for entry in answers(binary, model, ["--text", " ".join(example.said)]):
            if "error" not in entry:
                right = attributes(answered(entry), example.scene)["all_attributes"]
                samples.add(entry["evidence"], right, entry.get("confidence"))
    return samples


def table(title: str, samples: Samples) -> str:
    """A reliability table in Markdown."""
    rows, error = samples.reliability()
    lines = [f"{title}: {len(samples.right)}, {100 * np.mean(samples.right):.1f} % right, "
             f"expected calibration error {100 * error:.1f} %", "",
             "| said | how many | mean said | right |", "| --- | --- | --- | --- |"]  # fmt: skip
    lines += [f"| {name} | {n} | {100 * mean:.0f} % | {100 * share:.0f} % |"
              for name, n, mean, share in rows]  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("fit", "judge"))
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--sonoform", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="the pipeline that hears; else the built-in one")
    parser.add_argument("--pipeline", type=Path, help="whose pipeline.json `fit` writes")
    parser.add_argument("--typed", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    whole, words = heard_samples(arguments.manifest, arguments.sonoform, arguments.model)
    typed = typed_samples(arguments.typed, arguments.seed, arguments.sonoform, arguments.model)
    if arguments.what == "judge":
        for title, samples in (("Answers", whole), ("Words", words), ("Typed", typed)):
            print(table(title, samples) + "\n")
        return
    rules = {"heard": whole.fitted(), "read": typed.fitted(), "word": words.fitted()}
    path = arguments.pipeline / "pipeline.json"
    settings = json.loads(path.read_text())
    kept = settings.get("confidence", {})
    rules |= {"low": kept.get("low", LOW), "least": kept.get("least", LEAST)}
    write_json(path, settings | {"confidence": rules})
    print(json.dumps(rules))
    print(f"{len(whole.right)} answers, {len(words.right)} words, {len(typed.right)} typed")


if __name__ == "__main__":
    main()
