"""Whisper's log-mel features at a recording's own length, in torch.

The formula is openai-whisper's (whisper/audio.py, `log_mel_spectrogram`) without its padding to
30 s; note that its maximum is taken over the array it is given.
"""

from __future__ import annotations

import functools

import numpy as np
import torch

RATE_HZ = 16000
WINDOW_SAMPLES = 400
HOP_SAMPLES = 160
MELS = 80


def _hz_to_mel(hz: np.ndarray) -> np.ndarray:
    """Slaney's scale: linear below 1 kHz, logarithmic above."""
    step = np.log(6.4) / 27
    return np.where(hz < 1000, hz * 3 / 200, 15 + np.log(np.maximum(hz, 1e-9) / 1000) / step)


def _mel_to_hz(mel: np.ndarray) -> np.ndarray:
    step = np.log(6.4) / 27
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp(step * (mel - 15)))


@functools.lru_cache(maxsize=256)
def mel_filters(mels: int = MELS, warp: float = 1.0) -> torch.Tensor:
    """Slaney-normalised triangular filters, [mels, WINDOW_SAMPLES // 2 + 1].

    warp: vocal-tract length perturbation (Jaitly and Hinton 2013): the filters read the spectrum at
    frequencies times `warp` below 4.8 kHz, and linearly up to the unchanged end above it.
    """
    frequencies = np.linspace(0, RATE_HZ / 2, WINDOW_SAMPLES // 2 + 1)
    edges = _mel_to_hz(np.linspace(_hz_to_mel(np.array(0.0)), _hz_to_mel(np.array(8e3)), mels + 2))
    norms = 2 / (edges[2:] - edges[:-2])
    knee = 4800.0 * min(1.0, 1.0 / warp)
    edges = np.interp(edges, [0, knee, RATE_HZ / 2], [0, knee * warp, RATE_HZ / 2])
    widths = np.diff(edges)
    slopes = edges[:, None] - frequencies[None]
    rising, falling = -slopes[:-2] / widths[:-1, None], slopes[2:] / widths[1:, None]
    filters = np.maximum(0, np.minimum(rising, falling)) * norms[:, None]
    return torch.from_numpy(filters.astype(np.float32))


@functools.cache
def _window() -> torch.Tensor:
    return torch.hann_window(WINDOW_SAMPLES)


def log_mel(samples: torch.Tensor | np.ndarray, warp: float = 1.0) -> torch.Tensor:
    """Compute [n] samples in -1..1 at 16 kHz -> [n // 160, 80] float32.

    Raises ValueError for fewer samples than the reflection at the ends needs (201).
    """
    samples = torch.as_tensor(samples, dtype=torch.float32)
    if samples.ndim != 1 or len(samples) <= WINDOW_SAMPLES // 2:
        raise ValueError(f"expected more than 200 samples in one channel, got {samples.shape}")
    spectrum = torch.stft(
        samples, WINDOW_SAMPLES, HOP_SAMPLES, window=_window(), return_complex=True
    )[:, :-1]
    power = spectrum.real.square() + spectrum.imag.square()
    logarithm = (mel_filters(MELS, warp) @ power).clamp(min=1e-10).log10()
    logarithm = torch.maximum(logarithm, logarithm.max() - 8)
    return ((logarithm + 4) / 4).T


def stretched_ends(frames: int, paces: tuple[float, ...]) -> np.ndarray:
    """When each of `frames` frames begins, and the last ends, after stretching, [frames + 1]."""
    steps = np.interp(np.linspace(0, 1, frames), np.linspace(0, 1, len(paces)), paces)
    return np.concatenate(([0.0], np.cumsum(steps)))


def stretch_unevenly(features: torch.Tensor, paces: tuple[float, ...]) -> torch.Tensor:
    """Let time pass at changing paces: features [T, mels] -> [about T * mean(paces), mels].

    paces: how long a frame lasts afterwards at equal distances along T, linear in between; frames
    are interpolated. Speech gets uneven tempo, its pitch and formants stay.
    """
    frames = len(features)
    ends = stretched_ends(frames, paces)
    places = np.interp(np.arange(max(2, int(ends[-1]))), ends, np.arange(frames + 1))
    places = torch.from_numpy(np.clip(places, 0, frames - 1)).float()
    low = places.floor().long()
    high = (low + 1).clamp(max=frames - 1)
    share = (places - low)[:, None]
    return features[low] * (1 - share) + features[high] * share
