"""Noises: to mix into speech, and to be refused on their own. Numpy, unit root mean square."""

from __future__ import annotations

import numpy as np
import scipy.fft

RATE_HZ = 16000
NOISES = ("white", "pink", "brown", "hum", "clicks", "tones", "wind", "music", "silence")


def coloured(rng: np.random.Generator, length: int, slope: float) -> np.ndarray:
    """Make noise whose power falls with frequency**slope (0 white, 1 pink, 2 brown), [length]."""
    size = scipy.fft.next_fast_len(length, real=True)
    bins = size // 2 + 1
    frequency = np.maximum(np.arange(bins, dtype=np.float32), bins * 40 / (RATE_HZ / 2))
    spectrum = rng.standard_normal(bins, np.float32) + 1j * rng.standard_normal(bins, np.float32)
    return unit(scipy.fft.irfft(spectrum * frequency ** (-slope / 2), size)[:length])


def unit(samples: np.ndarray) -> np.ndarray:
    """Scale to a root mean square of 1 (silence stays silence), float32."""
    power = float(np.mean(samples**2))
    return (samples / np.sqrt(power) if power > 0 else samples).astype(np.float32)


def music(rng: np.random.Generator, length: int) -> np.ndarray:
    """Make something like music: a bass line, chords or a tune of plucked or held notes, drums."""
    beat = int(RATE_HZ * 60 / rng.uniform(70, 160))
    root = 55.0 * 2 ** (rng.integers(0, 12) / 12)
    scale = np.array((0, 2, 3, 5, 7, 8, 10) if rng.random() < 0.5 else (0, 2, 4, 5, 7, 9, 11))
    harmonics = np.arange(1, 9)
    result = np.zeros(length + 8 * beat)
    voices = [  # octave, notes at once, beats a note, loudness
        (0, 1, rng.choice((1, 2)), rng.uniform(0.2, 1)),
        (2, rng.integers(1, 4), rng.choice((2, 4)), rng.uniform(0, 0.8)),
        (3, 1, rng.choice((0.5, 1)), rng.uniform(0.2, 1)),
    ]
    for octave, at_once, beats, loudness in voices:
        weights = harmonics ** -rng.uniform(0.8, 2.5) * rng.uniform(0.3, 1, len(harmonics))
        held, step = rng.random() < 0.5, int(beat * beats)
        time = np.arange(int(step * 1.5)) / RATE_HZ
        shape = np.exp(-time / (1.5 if held else rng.uniform(0.1, 0.5)))
        shape *= np.minimum(1, time / (0.05 if held else 0.005)) * (time < time[-1] - 0.01)
        for start in range(0, length, step):
            if rng.random() < 0.15:
                continue
            for _ in range(at_once):
                tone = root * 2 ** (octave + scale[rng.integers(len(scale))] / 12)
                phases = 2 * np.pi * tone * time[:, None] * harmonics[tone * harmonics < 7500]
                note = np.sin(phases) @ weights[: phases.shape[1]]
                result[start : start + len(note)] += loudness * shape * note
    if rng.random() < 0.7:
        hit = rng.standard_normal(beat) * np.exp(-np.arange(beat) / rng.uniform(200, 1500))
        for start in range(0, length, beat):
            result[start : start + beat] += hit * rng.uniform(0.1, 0.8)
    return unit(result[:length])


def make_noise(rng: np.random.Generator, kind: str, length: int) -> np.ndarray:
    """Make one of NOISES, float32 [length]."""
    time = np.arange(length) / RATE_HZ
    if kind == "silence":
        return np.zeros(length, np.float32)
    if kind == "hum":
        base = rng.choice((50.0, 60.0, 100.0))
        tones = sum(np.sin(2 * np.pi * base * k * time) / k for k in range(1, 9))
        return unit(tones + 0.1 * coloured(rng, length, 1))
    if kind == "clicks":
        clicks = np.zeros(length, np.float32)
        places = rng.integers(0, length, max(1, length // 3000))
        clicks[places] = rng.standard_normal(len(places))
        shape = np.exp(-np.arange(160) / 30) * rng.standard_normal(160)
        return unit(np.convolve(clicks, shape)[:length] + 0.002 * coloured(rng, length, 1))
    if kind == "tones":
        frequencies = rng.uniform(150, 3000, 4)
        parts = [np.sin(2 * np.pi * f * time) * (np.sin(time * f / 60) > 0) for f in frequencies]
        return unit(sum(parts) + 0.02 * coloured(rng, length, 0))
    if kind == "music":
        return music(rng, length)
    if kind == "wind":
        swell = 1 + 0.8 * np.interp(time, np.linspace(0, time[-1], 12), rng.uniform(-1, 1, 12))
        return unit(coloured(rng, length, 2) * swell)
    return coloured(rng, length, {"white": 0.0, "pink": 1.0, "brown": 2.0}[kind])


def babble(voices: list[np.ndarray], length: int, rng: np.random.Generator) -> np.ndarray:
    """Lay voices (int16 or float) over one another, each repeated as needed, float32 [length]."""
    total = np.zeros(length, np.float32)
    for voice in voices:
        piece = unit(np.asarray(voice, np.float32))
        repeated = np.tile(piece, -(-length // len(piece)) + 1)
        start = int(rng.integers(0, len(piece)))
        total += repeated[start : start + length]
    return unit(total)
