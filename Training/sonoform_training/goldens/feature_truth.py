"""The references' formulas in double precision throughout: what their libraries round.

Filters are in double precision too, but for Whisper's, which ship in single precision.
"""

from __future__ import annotations

from collections.abc import Callable

import librosa
import numpy as np
import whisper.audio
from scipy.fft import dct

EPSILON = 2.0**-23
INT16 = 2.0**15
RATE_HZ = 16_000

Truth = Callable[[np.ndarray], np.ndarray]


def whisper_log_mel(mels: int) -> Truth:
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


def whisper_padded(length: int, cut: bool) -> Truth:
    """Whisper's of the padded window, whole or cut to the recording's frames: `[80, T]`."""

    def compute(samples: np.ndarray) -> np.ndarray:
        padded = np.zeros(length)
        padded[: min(length, len(samples))] = samples[:length]
        values = whisper_log_mel(80)(padded)
        return values[:, : min(len(samples), length) // 160] if cut else values

    return compute


def librosa_mfcc(
    bands: int, coefficients: int, top_db: float | None, lifter: int = 0, size: int = 512
) -> Truth:
    """`[coefficients, T]` at a hop of 160 samples."""

    def compute(samples: np.ndarray) -> np.ndarray:
        padded = np.pad(samples.astype(np.float64), size // 2)
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
        frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::160]
        power = np.abs(np.fft.rfft(frames * window)) ** 2
        filters = librosa.filters.mel(sr=RATE_HZ, n_fft=size, n_mels=bands, dtype=np.float64)
        values = 10 * np.log10(np.maximum(filters @ power.T, 1e-10))
        if top_db is not None:
            values = np.maximum(values, values.max() - top_db)
        values = dct(values, axis=0, norm="ortho")[:coefficients]
        if lifter:
            numbers = np.arange(1, 1 + coefficients)
            values *= 1 + lifter / 2 * np.sin(np.pi * numbers / lifter)[:, None]
        return values

    return compute


def _kaldi_rows(
    samples: np.ndarray, bands: int, scale: float, covering: bool, symmetric_hann: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Log bands `[T, bands]` and frames' energies `[T]`."""
    scaled = samples.astype(np.float64) * scale
    if covering:
        count = (len(scaled) + 80) // 160
        places = np.arange(400) + 160 * np.arange(count)[:, None] - 120
        while ((places < 0) | (places >= len(scaled))).any():
            places = np.where(places < 0, -places - 1, places)
            places = np.where(places >= len(scaled), 2 * len(scaled) - 1 - places, places)
        frames = scaled[places]
    else:
        frames = np.lib.stride_tricks.sliding_window_view(scaled, 400)[::160]
    frames = frames - frames.mean(axis=1, keepdims=True)
    energies = np.sum(frames**2, axis=1)
    frames = frames - 0.97 * np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 399)
    window = hann if symmetric_hann else hann**0.85
    power = np.abs(np.fft.rfft(frames * window, 512)) ** 2
    mel = 1127 * np.log1p(np.arange(257) * 31.25 / 700)
    corners = np.linspace(1127 * np.log1p(20 / 700), 1127 * np.log1p(8_000 / 700), bands + 2)
    rising = (mel - corners[:-2, None]) / np.diff(corners)[:-1, None]
    falling = (corners[2:, None] - mel) / np.diff(corners)[1:, None]
    filters = np.maximum(0, np.minimum(rising, falling))
    return np.log(np.maximum(power @ filters.T, EPSILON)), energies


def kaldi_fbank(
    bands: int = 80,
    scale: float = INT16,
    covering: bool = False,
    energy_floor: float | None = None,
    symmetric_hann: bool = False,
) -> Truth:
    """`[T, bands]`, the log-energy before them if asked for."""

    def compute(samples: np.ndarray) -> np.ndarray:
        rows, energies = _kaldi_rows(samples, bands, scale, covering, symmetric_hann)
        if energy_floor is None:
            return rows
        energies = np.log(np.maximum(energies, max(energy_floor, EPSILON)))
        return np.concatenate([energies[:, None], rows], axis=1)

    return compute


def kaldi_mfcc(covering: bool = False, energy_floor: float | None = 0) -> Truth:
    """`[T, 13]` of 23 bands, lifter 22."""

    def compute(samples: np.ndarray) -> np.ndarray:
        rows, energies = _kaldi_rows(samples, 23, INT16, covering, False)
        values = dct(rows, axis=1, norm="ortho")[:, :13]
        values *= 1 + 11 * np.sin(np.pi * np.arange(13) / 22)
        if energy_floor is not None:
            values[:, 0] = np.log(np.maximum(energies, max(energy_floor, EPSILON)))
        return values

    return compute


def ast(rows: int) -> Truth:
    """`[rows, 128]`, rows of zeros appended before the normalisation."""

    def compute(samples: np.ndarray) -> np.ndarray:
        values = kaldi_fbank(128, 1, symmetric_hann=True)(samples)[:rows]
        values = np.pad(values, ((0, rows - len(values)), (0, 0)))
        return (values + 4.2677393) / (2 * 4.5689974)

    return compute


def beats(samples: np.ndarray) -> np.ndarray:
    """`[T, 128]`."""
    return (kaldi_fbank(128)(samples) - 15.41663) / (2 * 6.55582)


def seamless(samples: np.ndarray) -> np.ndarray:
    """`[T / 2, 160]`; a last row that is half padding is zeros there."""
    values = kaldi_fbank(80)(samples)
    values = (values - values.mean(axis=0)) / np.sqrt(values.var(axis=0, ddof=1) + 1e-7)
    values = np.pad(values, ((0, len(values) % 2), (0, 0)))
    return values.reshape(-1, 160)


TRUTHS: dict[str, Truth] = {
    "whisper-80": whisper_log_mel(80),
    "whisper-128": whisper_log_mel(128),
    "whisper-padded": whisper_padded(RATE_HZ, cut=False),
    "whisper-transformers": whisper_padded(RATE_HZ, cut=True),
    "mfcc-lifter": librosa_mfcc(40, 13, 80, lifter=22),
    "mfcc-unclamped": librosa_mfcc(128, 13, None),
    "kaldi-fbank": kaldi_fbank(),
    "kaldi-fbank-covering": kaldi_fbank(covering=True),
    "kaldi-fbank-unscaled": kaldi_fbank(40, 1),
    "kaldi-fbank-energy": kaldi_fbank(23, energy_floor=1.0),
    "kaldi-fbank-torchaudio": kaldi_fbank(),
    "kaldi-mfcc": kaldi_mfcc(),
    "kaldi-mfcc-covering": kaldi_mfcc(covering=True),
    "kaldi-mfcc-c0": kaldi_mfcc(energy_floor=None),
    "kaldi-mfcc-torchaudio": kaldi_mfcc(energy_floor=1.0),
    "ast": ast(64),
    "beats": beats,
    "seamless": seamless,
}
