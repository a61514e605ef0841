"""New voices out of old ones with the WORLD vocoder (Morise 2016, through pyworld).

`python -m sonoform_training.speech.resynthesis --corpus DIR… --out DIR --utterances N` draws
utterances of corpora (recorded voices first) and lets somebody else say them: another vocal tract
(the spectral envelope warped along frequency, unevenly, so that vowels move too), another pitch
from a low bass to a child, a flatter or livelier melody, more or less breath, phones of other
lengths. Some come out as statistical synthesisers sound: envelopes smoothed in frequency and time.
"""

from __future__ import annotations

import argparse
import random
import time

import numpy as np

from .corpus import Corpus, CorpusWriter

RATE_HZ = 16000
PERIOD_MS = 8.0
LOWEST_HZ, HIGHEST_HZ = 60.0, 420.0


def _vocoder():
    import pyworld  # not needed to train on corpora that exist

    return pyworld


def warp_frequencies(rng: np.random.Generator, bins: int, tract: float) -> np.ndarray:
    """Where each bin [bins] of a new envelope reads the old one, as fractional bins.

    Formants move up by `tract`, each region of the spectrum a little differently.
    """
    hertz = np.array([0.0, 400, 800, 1500, 2500, 3800, 5500])
    moved = hertz * tract * np.exp(rng.normal(0, 0.05, len(hertz)))
    moved = np.maximum.accumulate(moved + np.arange(len(moved)))
    grid = np.arange(bins) * (RATE_HZ / 2 / (bins - 1))
    # Beyond what a longer tract leaves, the end of the old spectrum goes on.
    read = np.interp(grid, moved, hertz, right=np.nan)
    beyond = hertz[-1] + (grid - moved[-1]) / tract
    read = np.where(np.isnan(read), np.minimum(beyond, RATE_HZ / 2), read)
    return read * (bins - 1) / (RATE_HZ / 2)


def new_melody(rng: np.random.Generator, pitch: np.ndarray, tract: float) -> np.ndarray:
    """Draw another pitch contour [T] in Hz (0 unvoiced): height, liveliness, drift and tremor."""
    voiced = pitch > 0
    if not voiced.any():
        return pitch
    # Short tracts mostly belong to high voices; the two are drawn apart often enough.
    height = rng.uniform(np.log(75), np.log(360))
    if rng.random() < 0.6:
        height = np.log(115) + 2.4 * np.log(tract) + rng.normal(0, 0.2)
    logs = np.log(np.where(voiced, pitch, 1.0))
    middle = np.median(logs[voiced])
    frames = np.arange(len(pitch))
    drift = np.interp(frames, np.linspace(0, len(pitch), 6), rng.normal(0, 0.07, 6))
    tremor = rng.normal(0, rng.choice((0.002, 0.01)), len(pitch))
    melody = height + rng.uniform(0.1, 2.0) * (logs - middle) + drift + tremor
    melody = np.clip(np.exp(melody), LOWEST_HZ, HIGHEST_HZ)
    return np.where(voiced, melody, 0.0)


def new_timing(rng: np.random.Generator, frames: int) -> np.ndarray:
    """The old (fractional) frame that each new frame reads, [T']: tempo changes every 0.2 s."""
    lengths = np.exp(rng.uniform(-0.4, 0.3) + rng.normal(0, 0.22, max(2, frames // 25) + 1))
    steps = np.interp(np.linspace(0, 1, frames), np.linspace(0, 1, len(lengths)), lengths)
    ends = np.concatenate(([0.0], np.cumsum(steps)))
    count = int(ends[-1])
    return np.clip(np.interp(np.arange(count), ends, np.arange(frames + 1)), 0, frames - 1)


def _rows(matrix: np.ndarray, places: np.ndarray) -> np.ndarray:
    low = np.floor(places).astype(int)
    high = np.minimum(low + 1, len(matrix) - 1)
    share = (places - low)[:, None]
    return matrix[low] * (1 - share) + matrix[high] * share


def _smoothed(rng: np.random.Generator, envelope: np.ndarray) -> np.ndarray:
    """Keep few cepstra [T, bins] and blur time, as statistical voices do."""
    cepstrum = np.fft.irfft(envelope, axis=1)
    kept = int(rng.integers(35, 70))
    cepstrum[:, kept:-kept] = 0
    blurred = np.fft.rfft(cepstrum, axis=1).real
    width = int(rng.integers(1, 4))
    kernel = np.hanning(2 * width + 3)[1:-1]
    padded = np.pad(blurred, ((width, width), (0, 0)), mode="edge")
    kernel = kernel / kernel.sum()
    return sum(weight * padded[i : i + len(envelope)] for i, weight in enumerate(kernel))


def resynthesise(
    samples: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
    """Let somebody else say int16 samples [n] at 16 kHz.

    Returns int16 samples [m], the time in s that each 8 ms of the result had before, and what was
    drawn.
    """
    world = _vocoder()
    sound = samples.astype(np.float64) / 32768
    pitch, times = world.dio(sound, RATE_HZ, f0_floor=55, f0_ceil=500, frame_period=PERIOD_MS)
    pitch = world.stonemask(sound, pitch, times, RATE_HZ)
    envelope = np.log(world.cheaptrick(sound, pitch, times, RATE_HZ) + 1e-16)
    aperiodicity = world.d4c(sound, pitch, times, RATE_HZ)

    tract = float(np.exp(rng.uniform(np.log(0.75), np.log(1.38))))
    places = new_timing(rng, len(pitch))
    melody = new_melody(rng, pitch, tract)[np.round(places).astype(int)]
    envelope, aperiodicity = _rows(envelope, places), _rows(aperiodicity, places)
    bins = warp_frequencies(rng, envelope.shape[1], tract)
    envelope = _rows(np.ascontiguousarray(envelope.T), bins).T
    aperiodicity = _rows(np.ascontiguousarray(aperiodicity.T), bins).T

    tilt = rng.normal(0, 0.9) * np.linspace(0, 1, envelope.shape[1]) * 2
    swing = float(rng.uniform(0.75, 1.2))  # formants sharper or flatter than they were
    middle = envelope.mean(axis=1, keepdims=True)
    envelope = middle + swing * (envelope - middle) + tilt
    if rng.random() < 0.35:
        envelope = _smoothed(rng, envelope)
    breath = float(np.exp(rng.normal(0, 0.5)))
    aperiodicity = np.clip(aperiodicity, 1e-6, 1) ** breath
    if rng.random() < 0.04:  # a whisper
        melody = np.zeros_like(melody)
        aperiodicity = np.ones_like(aperiodicity)
    result = world.synthesize(
        melody,
        np.ascontiguousarray(np.exp(envelope)),
        np.ascontiguousarray(np.clip(aperiodicity, 1e-6, 1 - 1e-6)),
        RATE_HZ,
        PERIOD_MS,
    )
    peak = np.abs(result).max()
    if not np.isfinite(peak) or peak <= 0:
        raise ValueError("the vocoder gave no sound")
    voiced = melody[melody > 0]
    drawn = {
        "tract": round(tract, 3),
        "pitch_hz": round(float(np.median(voiced)), 1) if len(voiced) else 0.0,
        "breath": round(breath, 2),
    }
    return (result * (20000 / peak)).astype(np.int16), places * PERIOD_MS / 1000, drawn


def _moved(milliseconds: list[int], before_s: np.ndarray) -> list[int]:
    after = np.arange(len(before_s)) * PERIOD_MS
    return [round(float(t)) for t in np.interp(milliseconds, before_s * 1000, after)]


def write_resynthesised(
    corpora: list[Corpus], out: str, utterances: int, seed: int, flite_share: float
) -> None:
    """Write a corpus of other voices; `flite_share` of it from flite's (recorded) voices."""
    rng, draw = np.random.default_rng(seed), random.Random(seed)
    recorded, rest = [], []
    for corpus in corpora:
        for index, record in enumerate(corpus.records):
            if record["kind"] != "noise":
                group = recorded if record["voice"]["engine"] == "flite" else rest
                group.append((corpus, index))
    draw.shuffle(recorded)
    draw.shuffle(rest)
    began = time.time()
    with CorpusWriter(out) as writer:
        for number in range(utterances):
            group = recorded if draw.random() < flite_share or not rest else rest
            group = group or rest
            corpus, index = group[number % len(group)]
            record = corpus.records[index]
            try:
                samples, before_s, drawn = resynthesise(corpus.samples(index), rng)
            except ValueError:
                continue
            kept = {key: record[key] for key in ("text", "kind", "description", "phones")}
            writer.add(
                samples,
                **kept,
                voice=record["voice"] | {"world": drawn},
                starts_ms=_moved(record["starts_ms"], before_s),
                ends_ms=_moved(record["ends_ms"], before_s),
            )
            if number % 1000 == 999:
                rate = (number + 1) / (time.time() - began)
                print(f"{number + 1} utterances, {rate:.0f} a second", flush=True)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", nargs="+", required=True, help="corpora of TRAINING voices")
    parser.add_argument("--out", required=True)
    parser.add_argument("--utterances", type=int, default=8000)
    parser.add_argument("--flite-share", type=float, default=0.75)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    write_resynthesised(
        [Corpus(folder) for folder in arguments.corpus],
        arguments.out,
        arguments.utterances,
        arguments.seed,
        arguments.flite_share,
    )


if __name__ == "__main__":
    main()
