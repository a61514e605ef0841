"""Phone error rates under one disturbance at a time, on held-out voices.

`python -m sonoform_training.hearing.robustness --encoder DIR… --validation DIR` prints a JSON line
for each encoder: what recording, room, line and speaker each cost. Every disturbance is drawn from
a fixed seed, so that encoders hear the same.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

import numpy as np
import scipy.signal
import torch

from ..speech import codecs
from ..speech.augmentation import Augmenter
from ..speech.corpus import Corpus
from ..speech.features import log_mel, stretch_unevenly
from ..speech.noise import babble, coloured, music, unit
from .encoder import PhoneEncoder, load_exported
from .validation import edit_distance, greedy, logits_of

RATE_HZ = 16000
LEVEL = 0.08
Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def _with_noise(kind: str, snr_db: float, voices: list[np.ndarray]) -> Change:
    def change(speech: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        if kind == "babble":
            chosen = rng.choice(len(voices), min(6, len(voices)), replace=False)
            noise = babble([voices[i] for i in chosen], len(speech), rng)
        elif kind == "music":
            noise = music(rng, len(speech))
        else:
            noise = coloured(rng, len(speech), {"white": 0.0, "pink": 1.0}[kind])
        return speech + noise * (LEVEL * 10 ** (-snr_db / 20))

    return change


def _room(seconds: float, direct_db: float) -> Change:
    def change(speech: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        taps = int(seconds * RATE_HZ)
        tail = np.exp(-6.9 * np.arange(taps) / taps) * rng.standard_normal(taps)
        tail *= 10 ** (-direct_db / 20) / np.sqrt(np.sum(tail**2))
        tail[0] = 1
        return LEVEL * unit(scipy.signal.fftconvolve(speech, tail)[: len(speech)])

    return change


def _telephone(speech: np.ndarray, _: np.random.Generator) -> np.ndarray:
    passed = scipy.signal.butter(4, (300, 3400), "bandpass", fs=RATE_HZ, output="sos")
    narrow = scipy.signal.sosfilt(passed, speech).astype(np.float32)
    return codecs.through(narrow, *codecs.CODECS[1])


def _coded(place: int) -> Change:
    return lambda speech, _: codecs.through(speech.astype(np.float32), *codecs.CODECS[place])


def _speaker(low: float, high: float) -> Change:
    """Somebody of another size: speed there, tempo kept, so pitch and formants move together."""

    def change(speech: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        ratio = rng.uniform(low, high)
        return codecs.resampled(speech, round(RATE_HZ * ratio), RATE_HZ)

    return change


def disturbances(voices: list[np.ndarray]) -> dict[str, Change]:
    """Return the disturbances by name; each takes samples float32 at LEVEL and a generator."""
    same: Change = lambda speech, _: speech  # noqa: E731
    changes: dict[str, Change] = {"clean": same}
    for kind in ("white", "pink", "babble", "music"):
        changes |= {f"{kind} {snr} dB": _with_noise(kind, snr, voices) for snr in (20, 10)}
    return changes | {
        "room 0.3 s": _room(0.3, 6.0),
        "room 0.6 s": _room(0.6, 3.0),
        "telephone": _telephone,
        "clipped": lambda speech, _: speech.clip(-0.6 * LEVEL, 0.6 * LEVEL),
        "vorbis": _coded(4),
        "opus 10 kbit/s": _coded(6),
        "40 dB softer, 16 bits": lambda speech, _: np.round(speech * 327.68) / 32768,
        "a child's size": _speaker(1.2, 1.35),
        "a giant's size": _speaker(0.74, 0.85),
        "faster by 1.4": same,
        "slower by 1.4": same,
    }


_PACES = {"faster by 1.4": 1 / 1.4, "slower by 1.4": 1.4, "a child's size": 1.27,
          "a giant's size": 0.8}  # fmt: skip


def robustness(model: PhoneEncoder, corpus: Corpus, limit: int) -> dict[str, float]:
    """Return the phone error rate in per cent under every disturbance."""
    spoken = [i for i, record in enumerate(corpus.records) if record["kind"] != "noise"]
    chosen = np.random.default_rng(3).permutation(spoken)[:limit]
    targets = [corpus.records[i]["phones"] for i in chosen]
    voices = [corpus.samples(i) for i in spoken if i not in set(chosen.tolist())][:80]
    rates = {}
    for name, change in disturbances(voices or [corpus.samples(i) for i in spoken]).items():
        rng = np.random.default_rng(9)
        features = []
        for index in chosen:
            speech = LEVEL * unit(corpus.samples(index).astype(np.float32))
            heard = log_mel(np.clip(change(speech, rng), -1, 1).astype(np.float32))
            pace = _PACES.get(name)
            features.append(stretch_unevenly(heard, (pace, pace)) if pace else heard)
        errors = sum(
            edit_distance(target, greedy(logits))
            for target, logits in zip(targets, logits_of(model, features), strict=True)
        )
        rates[name] = round(100 * errors / sum(map(len, targets)), 1)
    return rates


def false_phones(model: PhoneEncoder, seed: int = 4, count: int = 120) -> dict[str, float]:
    """Return the mean number of phones heard in two seconds of each noise, speechless."""
    augmenter = Augmenter(seed, [])
    rng = np.random.default_rng(seed)
    noises = {"steady noise": lambda: augmenter.noise(2 * RATE_HZ),
              "music": lambda: music(rng, 2 * RATE_HZ)}  # fmt: skip
    heard = {}
    for name, draw in noises.items():
        levels = LEVEL * 10 ** rng.uniform(-1.5, 0.5, count // 2)
        features = [log_mel((level * draw()).clip(-1, 1)) for level in levels]
        phones = [len(greedy(logits)) for logits in logits_of(model, features)]
        heard[name] = round(float(np.mean(phones)), 2)
    return heard


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", nargs="+", required=True, help="modality_encoder folders")
    parser.add_argument("--validation", required=True, help="a validation corpus folder")
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    corpus = Corpus(arguments.validation)
    for folder in arguments.encoder:
        model = load_exported(folder)
        found = robustness(model, corpus, arguments.limit)
        print(json.dumps({"encoder": folder} | found | {"phones in noise": false_phones(model)}))


if __name__ == "__main__":
    main()
