"""Figures of the shipped program on recordings that training never heard.

``python -m sonoform_training.evaluate MANIFEST --sonoform BINARY [--model DIR] [--json OUT]``

``--signals discrete`` judges the shapes that the model writes as codes.

MANIFEST is a jsonl of recordings: path (or file) and text, and what else is known of them: the
canonical description (null for speech that describes nothing, and noise; read from the text where
it is not given), kind, voice, noise, signal-to-noise ratio, the condition's name; source, age and
native language of a person; split, of which ``--split`` takes one. ``speech.recordings`` writes
such manifests, with noise. The program itself converts them (``sonoform convert
--json``), so that what is judged is what a user gets. References come from ``shapes``, in the
description language's units.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .descriptions import Scene, is_held_out_phrasing, parse_scene, spelled
from .judgement import (
    References,
    answered,
    attributes,
    buildable,
    edits,
    judge_cloud,
    kind_of,
    same,
)
from .speech.recorded import meaning

BATCH = 40
"""Recordings a call of the program: its pipeline is loaded once for them."""
ADULT_AGE = 16
POINTS = 16384
"""Points of a judged cloud. Counting needs them; all else looks at as many as is usual, 4,096."""
FEW = ("--points", "256", "--steps", "1")
"""Where the cloud is not judged."""


def convert(
    binary: Path,
    model: Path | None,
    paths: list[Path],
    out: Path,
    signals: str | None = None,
    clouds: bool = True,
) -> dict[str, dict]:
    """Runs the program on recordings; its JSON line for each path."""
    lines = {}
    for start in range(0, len(paths), BATCH):
        batch = [str(path) for path in paths[start : start + BATCH]]
        command = [str(binary), "convert", *batch, "-o", f"{out}/{start:05}/", "--json"]
        command += ["--points", str(POINTS)] if clouds else FEW
        if model is not None:
            command += ["--model", str(model)]
        if signals is not None:
            command += ["--signals", signals]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode not in (0, 1):
            raise RuntimeError(f"{' '.join(command[:2])} failed: {result.stderr.strip()}")
        for line in result.stdout.splitlines():
            entry = json.loads(line)
            lines[entry["input"]] = entry
    return lines


@dataclass
class Tally:
    """Sums of figures; ``figures`` turns them into means."""

    words: int = 0
    wrong_words: int = 0
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, **figures: float) -> None:
        """One recording's figures."""
        for name, value in figures.items():
            self.values[name].append(float(value))

    def figures(self) -> dict[str, float]:
        """Word error rate and the means."""
        result = {"recordings": max((len(v) for v in self.values.values()), default=0)}
        if self.words:
            result["wer"] = round(self.wrong_words / self.words, 4)
        means = {name: round(float(np.mean(v)), 4) for name, v in self.values.items() if v}
        return result | means


def evaluate(
    manifest: Path,
    binary: Path,
    model: Path | None,
    seed: int = 0,
    clouds: bool = True,
    every: int = 1,
    signals: str | None = None,
    split: str | None = None,
) -> dict:
    """All figures: by condition ("clean", "20 dB"), kind of scene, noise, source, age and accent;
    of clean speech also by voice, phrasing and object. Without ``clouds`` only words and attributes
    are judged.

    Objects are counted in single descriptions only. The F-score of a recording that no attribute
    is right of is 0.
    """
    rows = read_rows(manifest, split)[::every]
    groups = ("condition", "kind", "noise", "source", "age", "accent", "voice", "phrasing",
              "object")  # fmt: skip
    tallies: dict[str, dict[str, Tally]] = {name: defaultdict(Tally) for name in groups}
    rejected: dict[str, Tally] = defaultdict(Tally)
    references = References(seed, 4096) if clouds else None
    with tempfile.TemporaryDirectory() as folder:
        paths = [manifest.parent / row["path"] for row in rows]
        lines = convert(binary, model, paths, Path(folder), signals, clouds)
        for row, path in zip(rows, paths, strict=True):
            entry = lines.get(str(path), {"error": "no answer"})
            condition = row.get("condition") or (
                "clean" if row.get("snr_db") is None else f"{row['snr_db']:g} dB"
            )
            person = of_a_person(row, condition)
            if row["description"] is None:
                for kind in (row["kind"], *person.values()):
                    key = kind if kind.endswith(condition) else f"{kind}, {condition}"
                    rejected[key].add(false_accept="error" not in entry)
                continue
            said = parse_scene(row["description"])
            figures, wrong = judge(row, said, entry, references)
            kind = kind_of(said)
            keys = {"condition": condition, "kind": f"{kind}, {condition}"} | person
            if row.get("noise"):
                keys["noise"] = f"{row['noise']}, {condition}"
            if condition == "clean" and "voice" in row:
                # A table of every variant of every accent would be one recording per line.
                accent, _, variant = row["voice"].partition("+")
                keys["voice"] = f"{accent}, varied" if variant else accent
            if condition == "clean":
                keys["phrasing"] = "held out" if is_held_out_phrasing(row["text"]) else "trained"
                if kind == "single":
                    keys["object"] = said.objects[0].object
            for name, key in keys.items():
                tally = tallies[name][key]
                tally.words += len(row["text"].split())
                tally.wrong_words += wrong
                tally.add(**figures)
    result = {
        name: {key: tally.figures() for key, tally in sorted(group.items())}
        for name, group in tallies.items()
    }
    for group in result.values():
        for figures in group.values():
            if figures.get("fscore_of_two_seeds"):
                share = figures["fscore"] / figures["fscore_of_two_seeds"]
                figures["fscore_share"] = round(share, 4)
    result["rejected"] = {key: tally.figures() for key, tally in sorted(rejected.items())}
    return result


def read_rows(manifest: Path, split: str | None = None) -> list[dict]:
    """The manifest's rows, each with path, description and kind."""
    rows = []
    for line in manifest.read_text().splitlines():
        row = json.loads(line)
        if split is not None and row.get("split") != split:
            continue
        row["path"] = row["path"] if "path" in row else row["file"]
        if "description" not in row:
            row |= meaning(row["text"])
        rows.append(row)
    return rows


def of_a_person(row: dict, condition: str) -> dict[str, str]:
    """The rows of the tables by source, age and accent that a recording counts in."""
    keys = {}
    if row.get("source"):
        keys["source"] = f"{row['source']}, {condition}"
    if row.get("age"):
        keys["age"] = f"{'adult' if row['age'] >= ADULT_AGE else 'child'}, {condition}"
    if row.get("native_language"):
        keys["accent"] = f"{row['native_language']}, {condition}"
    return keys


def judge(
    row: dict, said: Scene, entry: dict, references: References | None
) -> tuple[dict[str, float], int]:
    """One description's figures and the number of wrong words; a refusal is wrong in all."""
    words = spelled(row["text"].split())
    heard_words = spelled(entry.get("heard", "").split())
    refused = "error" in entry
    figures: dict[str, float] = attributes(None if refused else answered(entry), said)
    figures |= {"false_reject": refused, "exact": heard_words == words}
    if refused:
        if references is not None and buildable(said):
            figures |= {"nearest": 0.0, "fscore": 0.0, "points_coloured_right": 0.0}
        return figures, len(words)
    if references is not None and buildable(said):
        centers = [one["center"] for one in entry["objects"] if "center" in one]
        figures |= judge_cloud(Path(entry["output"]), said, references, centers)
    return figures, edits(words, heard_words)


def table(group: dict[str, dict[str, float]], title: str) -> str:
    """A Markdown table, one row a key."""
    columns = sorted({name for figures in group.values() for name in figures})
    columns.sort(key=lambda name: (name != "recordings", name != "wer"))
    lines = [f"| {title} | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for key, figures in group.items():
        cells = [f"{figures[name]:g}" if name in figures else "" for name in columns]
        lines.append(f"| {key} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--sonoform", type=Path, required=True, help="the program")
    parser.add_argument("--model", type=Path, help="a pipeline folder; else the built-in one")
    parser.add_argument("--json", type=Path, help="write all figures here")
    parser.add_argument("--words-only", action="store_true", help="do not judge the clouds")
    parser.add_argument("--every", type=int, default=1, help="judge one recording in so many")
    parser.add_argument("--split", help="of a manifest that has several, as people's has")
    parser.add_argument("--signals", choices=("continuous", "discrete"), help="else the program's")
    arguments = parser.parse_args()
    result = evaluate(
        arguments.manifest, arguments.sonoform, arguments.model,
        clouds=not arguments.words_only, every=arguments.every, signals=arguments.signals,
        split=arguments.split,
    )  # fmt: skip
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n")
    for name, group in result.items():
        print(table(group, name), end="\n\n")


if __name__ == "__main__":
    main()


__all__ = ["References", "edits", "evaluate", "judge_cloud", "same", "table"]
