"""Whisper's and Kaldi's formulas in double precision: what their libraries round."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import whisper.audio

EPSILON = 2.0**-23


def whisper_log_mel(mels: int) -> Callable[[np.ndarray], np.ndarray]:
    """`[mels, T]`; the filters are those that Whisper ships, in single precision."""

    def compute(samples: np.ndarray) -> np.ndarray:
        padded = np.pad(samples.astype(np.float64), 200, mode="reflect")
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 400)
        frames = np.lib.stride_tricks.sliding_window_view(padded, 400)[::160][:-1]
        power = np.abs(np.fft.rfft(frames * window)) ** 2
        filters = whisper.audio.mel_filters("cpu", mels).numpy().astype(np.float64)
        values = np.log10(np.maximum(filters @ power.T, 1e-10))
        return (np.maximum(values, values.max() - 8) + 4) / 4

    return compute


def kaldi_fbank(samples: np.ndarray) -> np.ndarray:
    """`[T, 80]` of samples scaled by 2^15; the triangles in double precision too."""
    scaled = samples.astype(np.float64) * 2**15
    frames = np.lib.stride_tricks.sliding_window_view(scaled, 400)[::160]
    frames = frames - frames.mean(axis=1, keepdims=True)
    frames = frames - 0.97 * np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 399)) ** 0.85
    power = np.abs(np.fft.rfft(frames * window, 512)) ** 2
    mel = 1127 * np.log1p(np.arange(257) * 31.25 / 700)
    corners = np.linspace(1127 * np.log1p(20 / 700), 1127 * np.log1p(8_000 / 700), 82)
    rising = (mel - corners[:-2, None]) / np.diff(corners)[:-1, None]
    falling = (corners[2:, None] - mel) / np.diff(corners)[1:, None]
    filters = np.maximum(0, np.minimum(rising, falling))
    return np.log(np.maximum(power @ filters.T, EPSILON))


TRUTHS = {
    "whisper-80": whisper_log_mel(80),
    "whisper-128": whisper_log_mel(128),
    "kaldi-fbank": kaldi_fbank,
    "kaldi-fbank-torchaudio": kaldi_fbank,
}
