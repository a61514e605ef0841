"""People's recordings: a folder with `manifest.jsonl`, as `--speech DIR` names it.

A line has file (relative), text, speaker, source, licence and split ("train" or "validation"); age,
native_language and more where they are known. `RecordedSpeech` reads one split as if it were a
corpus (corpus.py): its phones are the dictionary's of the text, and there are no timings.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import soundfile

from ..descriptions import DescriptionError, parse_scene
from .phones import target, words
from .synthesis import resample

FRAME = 320  # 20 ms
REQUIRED = ("file", "text", "speaker", "source", "licence", "split")


def read_manifest(folder: str | Path, split: str | None = None) -> list[dict]:
    """Read the lines of a split, or of all; ValueError names a line that lacks something."""
    path = Path(folder) / "manifest.jsonl"
    rows = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        row = json.loads(line)
        missing = [key for key in REQUIRED if key not in row]
        if missing:
            raise ValueError(f"{path}:{number}: expected {', '.join(missing)}")
        if split is None or row["split"] == split:
            rows.append(row)
    return rows


def load_samples(path: str | Path) -> np.ndarray:
    """Read a recording as int16 [n] at 16 kHz, its channels averaged."""
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    mono = (samples.mean(axis=1) * 32767).clip(-32768, 32767).astype(np.int16)
    return resample(mono, rate_hz)


def without_silence(samples: np.ndarray) -> np.ndarray:
    """Cut off what is silent before and behind the speech, int16 to int16, with a margin.

    Half of some recordings is waiting, which costs as much as speech and teaches nothing;
    augmentation puts silence back.
    """
    count = len(samples) // FRAME
    if count < 2:
        return samples
    frames = samples[: count * FRAME].reshape(count, FRAME).astype(np.float32)
    loudness = np.sqrt(np.mean(frames**2, axis=1)) + 1e-6
    loud, quiet = np.percentile(loudness, 95), np.percentile(loudness, 10)
    threshold = max(0.03 * loud, min(2 * quiet, 0.2 * loud))
    heard = np.flatnonzero(loudness > threshold)
    first, last = max(0, heard[0] - 8), heard[-1] + 12
    return samples[first * FRAME : last * FRAME]


def meaning(text: str) -> dict:
    """The kind of a text ("description" or "other") and its canonical description, or null."""
    try:
        return {"kind": "description", "description": parse_scene(text).text()}
    except DescriptionError:
        return {"kind": "other", "description": None}


class RecordedSpeech:
    """One split of the folder, read like a `Corpus`; samples are decoded once and kept.

    The training split comes without the silence around it.
    """

    def __init__(self, folder: str | Path, split: str) -> None:
        """Read the manifest; texts without a word are left out."""
        self.folder = Path(folder)
        self._trimmed = split == "train"
        self.records: list[dict] = []
        for row in read_manifest(folder, split):
            if not words(row["text"]):
                continue
            row["voice"] = {"engine": "person", "name": row["speaker"], "parameters": {}}
            self.records.append(row | meaning(row["text"]) | {"phones": target(row["text"])})
        self._kept: dict[int, np.ndarray] = {}

    def __len__(self) -> int:
        """Count the utterances."""
        return len(self.records)

    def samples(self, index: int) -> np.ndarray:
        """Return the int16 samples [n] of one utterance."""
        if index not in self._kept:
            samples = load_samples(self.folder / self.records[index]["file"])
            self._kept[index] = without_silence(samples) if self._trimmed else samples
        return self._kept[index]

    def weights(self) -> np.ndarray:
        """How often to draw each, so that no source drowns the others.

        A source counts by the roots of its recordings and of its speakers, for what one speaker
        says again teaches less; and long recordings cost as much more as they are longer.
        """
        sources: dict[str, list[dict]] = {}
        for record in self.records:
            sources.setdefault(record["source"], []).append(record)
        share = {}
        for source, records in sources.items():
            speakers = len({record["speaker"] for record in records})
            seconds = np.mean([record.get("seconds", 3.0) for record in records])
            share[source] = (len(records) * speakers) ** 0.25 / seconds**0.5 / len(records)
        each = np.array([share[record["source"]] for record in self.records])
        return each / each.sum()
