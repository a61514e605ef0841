"""Make one clean recording sound like many rooms, microphones and speakers.

One Fourier transform there and back does speed, equalisation, band limits and reverberation; noise
is added after it, then now and then a telephone's or a file's coding (codecs.py), and the
filterbank is warped and time stretched unevenly when the features are made (features.py).
`strength` scales everything from nothing (0) to the whole range (1): it must be ramped in training,
since strong augmentation at the beginning stalls the encoder.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
import torch

from .codecs import code
from .features import HOP_SAMPLES, log_mel, stretch_unevenly, stretched_ends
from .noise import NOISES, babble, make_noise, unit

RATE_HZ = 16000
POOL_SAMPLES = 8 * RATE_HZ
LOWEST_SNR_DB, HIGHEST_SNR_DB = 1.0, 38.0


@dataclass(frozen=True)
class Augmented:
    """Samples [n] float32 in -1..1, in which a moment t of the original is at lead_s + t * stretch.

    paces: how the features' time is stretched on top of it (features.py), or none.
    """

    samples: np.ndarray
    lead_s: float
    stretch: float
    warp: float
    paces: tuple[float, ...] = ()

    def moments(self, seconds: np.ndarray) -> np.ndarray:
        """Where moments of the original are in the features, in s."""
        moved = self.lead_s + np.asarray(seconds) * self.stretch
        if not self.paces:
            return moved
        ends = stretched_ends(len(self.samples) // HOP_SAMPLES, self.paces)
        return np.interp(moved * 100, np.arange(len(ends)), ends) / 100

    def features(self) -> torch.Tensor:
        """Compute the log-mel features, filterbank and time warped, [about n // 160, 80]."""
        features = log_mel(self.samples, self.warp)
        return stretch_unevenly(features, self.paces) if self.paces else features


class Augmenter:
    """Draws augmentations; the noise pool is made once."""

    def __init__(self, seed: int, voices: list[np.ndarray]) -> None:
        """Make the pool: steady noises, and babble of `voices` (training voices, int16)."""
        self.rng = np.random.default_rng(seed)
        kinds = [kind for kind in NOISES if kind != "silence"] * 3 + ["pink", "pink", "white"]
        kinds += ["music"] * 5
        self._noises = [make_noise(self.rng, kind, POOL_SAMPLES) for kind in kinds]
        self._babbles = []
        for index in range(24 if voices else 0):
            several = min(2 + index % 8, len(voices))
            chosen = self.rng.choice(len(voices), several, replace=False)
            self._babbles.append(babble([voices[i] for i in chosen], POOL_SAMPLES, self.rng))

    def noise(self, length: int) -> np.ndarray:
        """Draw a stretch of the pool, unit root mean square over the whole, float32 [length]."""
        pool = self._noises
        if self._babbles and self.rng.random() < 0.4:
            pool = self._babbles
        noise = pool[self.rng.integers(len(pool))]
        start = self.rng.integers(len(noise))
        repeats = -(-(start + length) // len(noise))
        return np.tile(noise, repeats)[start : start + length]

    def __call__(self, samples: np.ndarray, strength: float = 1.0) -> Augmented:
        """Augment int16 samples [n]."""
        rng = self.rng
        draw = lambda chance: rng.random() < chance * strength  # noqa: E731
        lead, tail = rng.exponential(0.15, 2) * (0.3 + 0.7 * strength) + (0.02, 0.1)
        lead, tail = min(lead, 1.2), min(tail, 1.2)
        if draw(0.04):  # somebody who takes time to begin, or to stop the recording
            lead, tail = lead + rng.uniform(0, 1.5), tail + rng.uniform(0, 1.5)

        # Wide now and then: a child's voice sped up from a man's, a bass slowed down.
        width = 1.5 if draw(0.3) else 1.0
        stretch = float(np.exp(rng.uniform(-0.18, 0.17) * strength * width)) if draw(0.8) else 1.0
        speech, stretch = self._filtered(samples, stretch, strength)
        padded = np.concatenate([
            np.zeros(int(lead * RATE_HZ), np.float32),
            speech,
            np.zeros(int(tail * RATE_HZ), np.float32),
        ])  # fmt: skip
        if draw(0.3):
            padded = padded + mouth_noises(rng, len(padded), lead, strength)
        if draw(0.7):
            # A third below 10 dB at full strength: there is most to be learned.
            loud = rng.random() ** 0.6 * strength
            snr_db = HIGHEST_SNR_DB - (HIGHEST_SNR_DB - LOWEST_SNR_DB) * loud
            padded = padded + self.noise(len(padded)) * 10 ** (-snr_db / 20)
        elif rng.random() < 0.6:  # else the digital silence of a synthesiser's file
            padded = padded + self.noise(len(padded)) * 10 ** rng.uniform(-4, -2.5)
        if draw(0.08):
            limit = rng.uniform(0.4, 2.5)
            padded = np.clip(padded, -limit, limit)
        # Speech has unit power here; a full-scale recording has about 0.1.
        gain = 10 ** (rng.uniform(-1.2 - 0.6 * strength, -0.6))
        if draw(0.2):  # far too soft, down to a few steps of 16 bits
            gain *= 10 ** -rng.uniform(0, 1.5)
            padded = np.round(padded * (gain * 32768)) / (gain * 32768)
        samples = np.clip(padded * gain, -1, 1).astype(np.float32)
        if draw(0.12):
            samples = code(samples, rng)
        width = 1.6 if draw(0.3) else 1.0
        warp = float(np.exp(rng.uniform(-0.18, 0.18) * strength * width)) if draw(0.75) else 1.0
        paces: tuple[float, ...] = ()
        if draw(0.5):
            count = max(2, len(samples) // 6400)
            overall = rng.uniform(-0.25, 0.2) * strength
            paces = tuple(np.exp(overall + rng.normal(0, 0.15 * strength, count)).tolist())
        lead_s = int(lead * RATE_HZ) / RATE_HZ
        return Augmented(samples, lead_s, stretch, round(warp, 2), paces)

    def _filtered(
        self, samples: np.ndarray, stretch: float, strength: float
    ) -> tuple[np.ndarray, float]:
        """Speed, equalisation, band limit and reverberation; unit power, and the exact stretch."""
        rng = self.rng
        room = rng.random() < 0.35 * strength
        decay_s = rng.uniform(0.08, 0.08 + 0.5 * strength) if room else 0.0
        length = scipy.fft.next_fast_len(len(samples) + int(decay_s * RATE_HZ) + 1, real=True)
        spectrum = scipy.fft.rfft(samples.astype(np.float32), length)
        response = np.ones(len(spectrum), np.float32)
        hertz = np.arange(len(spectrum), dtype=np.float32) * (RATE_HZ / length)
        if rng.random() < 0.7 * strength:
            points = np.geomspace(60, 8000, 9)
            decibels = np.cumsum(rng.normal(0, 3.0 * strength, 9))
            curve = np.interp(np.linspace(0, 8000, 257), points, decibels - decibels.mean())
            response *= 10 ** (np.interp(hertz, np.linspace(0, 8000, 257), curve) / 20)
        if rng.random() < 0.2 * strength:
            low, high = rng.uniform(100, 350), rng.uniform(3000, 6500)
            response *= 1 / (1 + (low / np.maximum(hertz, 1)) ** 6) / (1 + (hertz / high) ** 20)
        if rng.random() < 0.3 * strength:
            response = response * microphone(rng, hertz)
        spectrum *= response
        if room:
            taps = int(decay_s * RATE_HZ)
            tail = np.exp(-6.9 * np.arange(taps) / taps) * rng.standard_normal(taps)
            tail *= 10 ** (-rng.uniform(2, 15) / 20) / np.sqrt(np.sum(tail**2))
            tail[: int(0.002 * RATE_HZ)] = 0
            # Walls, desk and ceiling before the even tail.
            echoes = rng.integers(int(0.002 * RATE_HZ), int(0.04 * RATE_HZ), rng.integers(0, 7))
            tail[echoes] += rng.uniform(-0.4, 0.4, len(echoes)) * strength
            tail[0] = 1
            spectrum *= scipy.fft.rfft(tail.astype(np.float32), length)
        target = scipy.fft.next_fast_len(int(length * stretch), real=True)
        bins = target // 2 + 1
        if bins > len(spectrum):
            spectrum = np.pad(spectrum, (0, bins - len(spectrum)))
        result = scipy.fft.irfft(spectrum[:bins], target)
        stretch = target / length
        wanted = int((len(samples) + decay_s * RATE_HZ * 0.5) * stretch)
        return unit(result[:wanted]), stretch


def microphone(rng: np.random.Generator, hertz: np.ndarray) -> np.ndarray:
    """Draw the response of a small microphone at frequencies [n]: a laptop's or a telephone's.

    Little below 100 to 400 Hz, a resonance of its housing, and what the desk throws back.
    """
    low, resonance = rng.uniform(100, 400), rng.uniform(1500, 6000)
    response = 1 / (1 + (low / np.maximum(hertz, 1)) ** 4)
    gain, width = rng.uniform(0, 2.5), rng.uniform(0.1, 0.5)
    response *= 1 + gain * np.exp(-(np.log(np.maximum(hertz, 1) / resonance) ** 2) / width)
    if rng.random() < 0.5:
        delay_s, share = rng.uniform(2e-4, 2e-3), rng.uniform(0.2, 0.7)
        response *= np.abs(1 + share * np.exp(-2j * np.pi * hertz * delay_s))
    return response.astype(np.float32)


def mouth_noises(
    rng: np.random.Generator, length: int, lead_s: float, strength: float
) -> np.ndarray:
    """Draw breath and clicks of lips or keys beside speech of unit power, float32 [length].

    A breath is mostly taken before one speaks, within the lead.
    """
    result = np.zeros(length, np.float32)
    for _ in range(int(rng.integers(0, 3))):
        size = int(rng.uniform(0.12, 0.6) * RATE_HZ)
        first = max(0, int(lead_s * RATE_HZ) - size) if rng.random() < 0.6 else 0
        start = first or int(rng.integers(0, max(1, length - size)))
        air = np.diff(rng.standard_normal(size + 1)) * np.hanning(size) ** rng.uniform(0.5, 2)
        air *= 10 ** (-rng.uniform(14, 40) / 20) * strength
        piece = result[start : start + size]
        piece += air[: len(piece)]
    for _ in range(int(rng.integers(0, 5))):
        size = int(rng.uniform(0.001, 0.012) * RATE_HZ)
        start = int(rng.integers(0, max(1, length - size)))
        click = rng.standard_normal(size) * np.exp(-np.arange(size) / rng.uniform(4, 60))
        piece = result[start : start + size]
        piece += (click * 10 ** (-rng.uniform(0, 30) / 20) * strength)[: len(piece)]
    return result


def mask_features(rng: np.random.Generator, features: torch.Tensor, strength: float) -> None:
    """SpecAugment in place on [T, mels]: up to two bands and two short stretches of time.

    A stretch is at most a fifteenth of what is heard: of a word said alone, a tenth of a second is
    a phone, and a target that still asks for it teaches to make phones up.
    """
    frames, mels = features.shape
    longest = min(int(10 * strength), frames // 15)
    fill = features.mean()
    for _ in range(rng.integers(0, 3)):
        width = int(rng.integers(0, 1 + int(12 * strength)))
        start = int(rng.integers(0, mels - width))
        features[:, start : start + width] = fill
    for _ in range(rng.integers(0, 3)):
        width = int(rng.integers(0, 1 + longest))
        start = int(rng.integers(0, max(1, frames - width)))
        features[start : start + width] = fill
