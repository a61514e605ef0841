"""Figures of the shipped program on recordings that training never heard.

``python -m sonoform_training.evaluate MANIFEST --sonoform BINARY [--model DIR] [--json OUT]``

MANIFEST is a jsonl of recordings as ``speech.corpus`` writes it for validation: path, text, the
canonical description (null for speech that describes nothing, and noise), voice, signal-to-noise
ratio. The program itself converts them (``sonoform convert --json``), so that what is judged is
what a user gets. References come from ``shapes``, in the description language's units.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from .descriptions import (
    OBJECTS_FIRST_LIGHT,
    Description,
    DescriptionError,
    parse_description,
    sample_description,
)
from .generator.metrics import RIVALS, chamfer, fscore, nearest_colours
from .shapes import build_shape, part_colours
from .shapes.ply import read_ply

BATCH = 40
"""Recordings a call of the program: its pipeline is loaded once for them."""
RIVAL_POOL = 300
FIELDS = ("object", "colour", "size", "proportion", "parts")


def convert(binary: Path, model: Path | None, paths: list[Path], out: Path) -> dict[str, dict]:
    """Runs the program on recordings; its JSON line for each path."""
    lines = {}
    for start in range(0, len(paths), BATCH):
        batch = [str(path) for path in paths[start : start + BATCH]]
        command = [str(binary), "convert", *batch, "-o", f"{out}/{start:05}/", "--json"]
        if model is not None:
            command += ["--model", str(model)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode not in (0, 1):
            raise RuntimeError(f"{' '.join(command[:2])} failed: {result.stderr.strip()}")
        for line in result.stdout.splitlines():
            entry = json.loads(line)
            lines[entry["input"]] = entry
    return lines


def edits(reference: list[str], heard: list[str]) -> int:
    """Levenshtein distance of two lists of words."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(reference, 1):
        previous, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (word != other))
    return row[-1]


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


def same(heard: Description, said: Description, name: str) -> bool:
    """Whether one attribute was understood, whatever synonym was said."""
    if name == "parts":
        return heard.resolved() == said.resolved() if heard.object == said.object else False
    if name == "size":
        return heard.scale == said.scale
    if name == "colour":
        return heard.main_colour == said.main_colour
    return getattr(heard, name) == getattr(said, name)


class References:
    """Reference clouds in world units."""

    def __init__(self, seed: int, points: int) -> None:
        """A pool of other descriptions to tell a cloud from."""
        self.points = points
        self.rng = random.Random(seed)
        self.pool = []
        for _ in range(RIVAL_POOL):
            description = sample_description(self.rng, OBJECTS_FIRST_LIGHT)
            self.pool.append((description, self.cloud(description, 103)[0]))

    def cloud(self, description: Description, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Points [N, 3] and rgb [N, 3]."""
        shape = build_shape(description, seed)
        surface = shape.sample(self.points, np.random.default_rng([seed, 7]))
        colours = part_colours(description, shape)[surface.pieces]
        return surface.points * description.scale, colours

    def rivals(self, description: Description) -> list[np.ndarray]:
        """Other descriptions' clouds, none of the same geometry."""
        key = geometry(description)
        others = [cloud for other, cloud in self.pool if geometry(other) != key]
        return self.rng.sample(others, RIVALS)


def geometry(description: Description) -> tuple:
    """What two clouds of the same points have in common: all but the colours."""
    counts = tuple(part.count for part in description.resolved().values())
    return description.object, description.scale, description.proportion, counts


def judge_cloud(path: Path, said: Description, references: References) -> dict[str, float]:
    """A cloud against its description's references."""
    vertices = read_ply(path)
    points = np.stack([vertices["x"], vertices["y"], vertices["z"]], axis=1).astype(np.float64)
    rgb = np.stack([vertices["red"], vertices["green"], vertices["blue"]], axis=1) / 255
    reference, colours = references.cloud(said, 101)
    second, _ = references.cloud(said, 102)
    own = chamfer(points, reference)
    score, ceiling = fscore(points, reference), fscore(second, reference)
    nearest = cKDTree(reference).query(points)[1]
    wanted, got = nearest_colours(colours)[nearest], nearest_colours(rgb)
    return {
        "nearest": all(own < chamfer(points, rival) for rival in references.rivals(said)),
        "fscore": score,
        "fscore_of_two_seeds": ceiling,
        "points_coloured_right": float((wanted == got).mean()),
    }


def evaluate(manifest: Path, binary: Path, model: Path | None, seed: int = 0) -> dict:
    """All figures, by condition ("clean", "20 dB") and by voice."""
    rows = [json.loads(line) for line in manifest.read_text().splitlines()]
    tallies: dict[str, dict[str, Tally]] = {
        "condition": defaultdict(Tally),
        "voice": defaultdict(Tally),
        "object": defaultdict(Tally),
    }
    rejected: dict[str, Tally] = defaultdict(Tally)
    references = References(seed, 4096)
    with tempfile.TemporaryDirectory() as folder:
        paths = [manifest.parent / row["path"] for row in rows]
        lines = convert(binary, model, paths, Path(folder))
        for row, path in zip(rows, paths, strict=True):
            entry = lines.get(str(path), {"error": "no answer"})
            condition = "clean" if row["snr_db"] is None else f"{row['snr_db']:g} dB"
            if row["description"] is None:
                kind = f"{row['kind']}, {condition}"
                rejected[kind].add(false_accept="error" not in entry)
                continue
            said = parse_description(row["description"])
            figures, wrong = judge(row, said, entry, references)
            keys = {"condition": condition, "voice": row["voice"], "object": said.object}
            for name, key in keys.items():
                # Voices and objects are compared on clean speech.
                if name != "condition" and condition != "clean":
                    continue
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


def judge(
    row: dict, said: Description, entry: dict, references: References
) -> tuple[dict[str, float], int]:
    """One description's figures and the number of wrong words; a refusal is wrong in all."""
    words = row["text"].split()
    heard_words = entry.get("heard", "").split()
    figures = {name: 0.0 for name in FIELDS} | {"false_reject": "error" in entry, "nearest": 0.0}
    figures["exact"] = heard_words == words
    if "error" in entry:
        figures |= {"fscore": 0.0, "points_coloured_right": 0.0}
        return figures, len(words)
    try:
        heard = parse_description(entry["objects"][0]["description"])
    except DescriptionError:
        heard = None
    if heard is not None:
        figures |= {name: same(heard, said, name) for name in FIELDS}
    figures["all_attributes"] = all(figures[name] for name in FIELDS)
    figures |= judge_cloud(Path(entry["output"]), said, references)
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
    arguments = parser.parse_args()
    result = evaluate(arguments.manifest, arguments.sonoform, arguments.model)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n")
    for name, group in result.items():
        print(table(group, name), end="\n\n")


if __name__ == "__main__":
    main()
