"""Validation recordings as WAV files, for the command and other tools to be judged on.

`python -m sonoform_training.speech.recordings --validation DIR --training DIR --out DIR` writes
16-bit WAV files at 16 kHz, every utterance clean and (unless it is noise itself) at 20 and at 10 dB
of noise: white, pink, babble of TRAINING voices, or something like music. `manifest.jsonl` has a
line per file: path (relative), text, description (canonical, or null), kind ("description",
"other", "noise"), voice, noise (null, "white", "pink", "babble" or "music") and snr_db; of people
also source, age and native language.

`--speech DIR` instead of --validation does the same with the validation split of a folder of
people's recordings (recorded.py).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import soundfile

from .corpus import Corpus
from .noise import babble, coloured, music, unit
from .recorded import RecordedSpeech

RATE_HZ = 16000
MARGIN_S = 0.15
LEVEL = 0.08
PERSON = ("source", "licence", "speaker", "age", "gender", "native_language")


def _noise(rng: np.random.Generator, kind: str, length: int, voices: Corpus) -> np.ndarray:
    if kind == "babble":
        chosen = rng.choice(len(voices), 6, replace=False)
        return babble([voices.samples(int(i)) for i in chosen], length, rng)
    if kind == "music":
        return music(rng, length)
    return coloured(rng, length, {"white": 0.0, "pink": 1.0}[kind])


def write_recordings(
    validation: Corpus | RecordedSpeech,
    voices: Corpus,
    out: str | Path,
    seed: int,
    snrs_db: tuple[float, ...] = (20.0, 10.0),
) -> int:
    """Write the files and the manifest; returns how many."""
    rng = np.random.default_rng(seed)
    out = Path(out)
    lines = []
    for index, record in enumerate(validation.records):
        margin = np.zeros(int(MARGIN_S * RATE_HZ), np.float32)
        clean = np.concatenate([margin, validation.samples(index).astype(np.float32), margin])
        if record["kind"] == "noise":
            versions = [("clean", None, None, clean / 32768)]
        else:
            clean = unit(clean)
            kind = ("white", "pink", "babble", "music")[index % 4]
            noise = _noise(rng, kind, len(clean), voices)
            versions = [("clean", None, None, LEVEL * clean)]
            versions += [
                (f"{snr_db:.0f}dB", kind, snr_db, LEVEL * (clean + noise * 10 ** (-snr_db / 20)))
                for snr_db in snrs_db
            ]
        for folder, noise_kind, snr_db, samples in versions:
            path = Path(folder) / f"{record['kind']}-{index:04}.wav"
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(out / path, samples.clip(-1, 1), RATE_HZ, subtype="PCM_16")
            line = {
                "path": str(path),
                "text": record["text"],
                "description": record["description"],
                "kind": record["kind"],
                "voice": f"{record['voice']['engine']}:{record['voice']['name']}",
                "noise": noise_kind,
                "snr_db": snr_db,
            }
            line |= {key: record[key] for key in PERSON if key in record}
            lines.append(json.dumps(line))
    (out / "manifest.jsonl").write_text("\n".join(lines) + "\n")
    return len(lines)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    judged = parser.add_mutually_exclusive_group(required=True)
    judged.add_argument("--validation", help="a validation corpus folder")
    judged.add_argument("--speech", help="a folder of people's recordings: its validation split")
    parser.add_argument("--training", required=True, help="a training corpus, for the babble")
    parser.add_argument("--out", required=True)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    validation: Corpus | RecordedSpeech
    if arguments.speech:
        validation = RecordedSpeech(arguments.speech, "validation")
    else:
        validation = Corpus(arguments.validation)
    count = write_recordings(validation, Corpus(arguments.training), arguments.out, arguments.seed)
    print(f"{count} recordings in {arguments.out}")


if __name__ == "__main__":
    main()
