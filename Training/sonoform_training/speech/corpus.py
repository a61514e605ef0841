"""Write a corpus of synthetic speech: `python -m sonoform_training.speech.corpus --out DIR`.

A corpus folder holds shards `NNNN.npy` (int16 samples at 16 kHz, utterances one after another) and
`corpus.jsonl`, a line per utterance: shard, offset and length in samples, text, kind ("description"
or "other" or "noise"), description (its canonical text, or null), voice, and phones with starts and
ends in milliseconds (see synthesis.py).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import sys
import time
from pathlib import Path

import numpy as np

from ..descriptions import Scene
from .noise import NOISES, make_noise
from .people import draw_short, spoken
from .sentences import draw_text
from .synthesis import RATE_HZ, Utterance, synthesise
from .voices import Voice, is_validation_voice, sample_training_voice, sample_validation_voice

SHARD_SAMPLES = 2**26  # 128 MiB of int16


class Corpus:
    """A corpus folder, opened: `records` and their samples (memory-mapped)."""

    def __init__(self, folder: str | Path) -> None:
        """Open the folder."""
        self.folder = Path(folder)
        lines = (self.folder / "corpus.jsonl").read_text().splitlines()
        self.records: list[dict] = [json.loads(line) for line in lines]
        self._shards: dict[int, np.ndarray] = {}

    def __len__(self) -> int:
        """Count the utterances."""
        return len(self.records)

    def samples(self, index: int) -> np.ndarray:
        """Return the int16 samples [n] of one utterance."""
        record = self.records[index]
        shard = record["shard"]
        if shard not in self._shards:
            self._shards[shard] = np.load(self.folder / f"{shard:04}.npy", mmap_mode="r")
        return self._shards[shard][record["offset"] : record["offset"] + record["length"]]


class CorpusWriter:
    """Writes a corpus folder; use as a context."""

    def __init__(self, folder: str | Path) -> None:
        """Make the folder and start the list."""
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lines = (self.folder / "corpus.jsonl").open("w")
        self._pieces: list[np.ndarray] = []
        self._offset = self._shard = 0

    def __enter__(self) -> CorpusWriter:
        """Enter the context."""
        return self

    def __exit__(self, *_: object) -> None:
        """Write what is left."""
        self._flush()
        self._lines.close()

    def add(self, samples: np.ndarray, **record: object) -> None:
        """Append one utterance."""
        place = {"shard": self._shard, "offset": self._offset, "length": len(samples)}
        self._lines.write(json.dumps(place | record) + "\n")
        self._pieces.append(samples)
        self._offset += len(samples)
        if self._offset >= SHARD_SAMPLES:
            self._flush()

    def _flush(self) -> None:
        if self._pieces:
            np.save(self.folder / f"{self._shard:04}.npy", np.concatenate(self._pieces))
            self._shard += 1
            self._pieces, self._offset = [], 0


def add_utterance(
    writer: CorpusWriter, utterance: Utterance, kind: str, description: Scene | None
) -> None:
    """Append a synthesised utterance."""
    writer.add(
        utterance.samples,
        text=utterance.text,
        kind=kind,
        description=description.text() if description else None,
        voice=dataclasses.asdict(utterance.voice),
        phones=utterance.phones,
        starts_ms=[round(1000 * start) for start in utterance.starts],
        ends_ms=[round(1000 * end) for end in utterance.ends],
    )


def write_training(
    folder: str | Path,
    utterances: int,
    seed: int,
    flite_share: float = 0.25,
    accent_share: float = 0.6,
    with_validation_voices: bool = False,
    short_share: float = 0.0,
) -> None:
    """Write a training corpus: trained voices, no held-out combination."""
    rng = random.Random(seed)
    began = time.time()
    with CorpusWriter(folder) as writer:
        for index in range(utterances):
            short = rng.random() < short_share if short_share else False
            text, kind, description = draw_short(rng) if short else draw_text(rng)
            voice = sample_training_voice(rng, flite_share, accent_share, with_validation_voices)
            assert with_validation_voices or not is_validation_voice(voice)
            try:
                add_utterance(writer, synthesise(spoken(text), voice), kind, description)
            except ValueError as error:
                print(f"left out: {error}", file=sys.stderr)
            if index % 2000 == 1999:
                print(f"{index + 1} utterances, {(index + 1) / (time.time() - began):.0f} a second")


def write_validation(
    folder: str | Path, seed: int, held_out_voices: bool = True, utterances: int = 600
) -> None:
    """Write utterances of held-out combinations (a fifth other speech), and 100 noises."""
    rng = random.Random(seed)
    draw_voice = sample_validation_voice if held_out_voices else sample_training_voice
    with CorpusWriter(folder) as writer:
        for _ in range(utterances):
            text, kind, description = draw_text(rng, held_out=True)
            add_utterance(writer, synthesise(text, draw_voice(rng)), kind, description)
        generator = np.random.default_rng(seed)
        for index in range(100):
            noise = make_noise(generator, NOISES[index % len(NOISES)], 2 * RATE_HZ)
            level = 32767 * 10 ** generator.uniform(-3, -0.5)
            samples = np.clip(level * noise, -32768, 32767).astype(np.int16)
            voice = dataclasses.asdict(Voice("noise", NOISES[index % len(NOISES)]))
            empty = {"description": None, "phones": [], "starts_ms": [], "ends_ms": []}
            writer.add(samples, text="", kind="noise", voice=voice, **empty)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, help="the folder to write")
    parser.add_argument("--utterances", type=int, default=35000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--flite-share", type=float, default=0.25)
    parser.add_argument(
        "--accent-share", type=float, default=0.6, help="of espeak-ng's voices: random accents"
    )
    parser.add_argument(
        "--short-share", type=float, default=0.0, help="of single words and phrases (people.py)"
    )
    parser.add_argument(
        "--with-validation-voices", action="store_true",
        help="train on the held-out voices too: for a last model that nothing is left to judge",
    )  # fmt: skip
    parser.add_argument(
        "--split", choices=("training", "validation", "trained-voices"), default="training",
        help="trained-voices: a validation set that trained voices speak",
    )  # fmt: skip
    arguments = parser.parse_args()
    if arguments.split == "training":
        write_training(
            arguments.out,
            arguments.utterances,
            arguments.seed,
            arguments.flite_share,
            arguments.accent_share,
            arguments.with_validation_voices,
            arguments.short_share,
        )
    else:
        write_validation(arguments.out, arguments.seed, arguments.split == "validation")


if __name__ == "__main__":
    main()
