"""Goldens of the log-mel spectrogram, made with openai-whisper.

    python -m sonoform_training.goldens.features Tests/Goldens/features

Each signal is `NAME.samples.npy` `[N]` at 16 kHz and `NAME.logmel.npy` `[T, mels]` (transposed from
Whisper's `[mels, T]`). `resampled` has no samples: its features are of `resampled.wav`, which is
stereo at 44.1 kHz, mixed and resampled by SciPy with a filter far steeper than needed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import soundfile
import torch
import whisper.audio
from scipy.signal import chirp, firwin, resample_poly

from .manifest import write_manifest

RATE_HZ = 16_000
SEED = 7


def signals(speech: np.ndarray) -> dict[str, np.ndarray]:
    """Samples `[N]` at 16 kHz by name."""
    rng = np.random.default_rng(SEED)
    seconds = np.arange(RATE_HZ // 2) / RATE_HZ
    impulse = np.zeros(4_000)
    impulse[1_234] = 1
    return {
        "speech": speech[4_000:20_000],
        "chirp": 0.5 * chirp(seconds, 50, 0.5, 7_900),
        "impulse": impulse,
        "silence": np.zeros(3_200),
        "noise": 0.1 * rng.standard_normal(7_999),
        "noise128": 0.1 * rng.standard_normal(4_000),
        "short": 0.2 * rng.standard_normal(201),
    }


def log_mel(samples: np.ndarray, mels: int) -> np.ndarray:
    """Whisper's features of samples `[N]`, as `[T, mels]`."""
    audio = torch.from_numpy(samples.astype(np.float32))
    return whisper.audio.log_mel_spectrogram(audio, n_mels=mels).T.contiguous().numpy()


def write(folder: Path, speech_path: Path) -> None:
    """Write all signals, their features and the manifest."""
    torch.set_num_threads(1)
    folder.mkdir(parents=True, exist_ok=True)
    speech, rate = soundfile.read(speech_path)
    assert rate == RATE_HZ, f"{speech_path} is at {rate} Hz"
    for name, samples in signals(speech).items():
        samples = samples.astype(np.float32)
        np.save(folder / f"{name}.samples.npy", samples)
        np.save(folder / f"{name}.logmel.npy", log_mel(samples, 128 if "128" in name else 80))

    stereo = 0.5 * speech[6_000:12_000, None] * np.array([1.0, 0.4])
    upsampled = resample_poly(stereo, 441, 160, axis=0)
    soundfile.write(folder / "resampled.wav", upsampled, 44_100)
    mono = soundfile.read(folder / "resampled.wav")[0].mean(axis=1)
    taps = firwin(2 * 64 * 441 + 1, 1 / 441 * 0.96, window=("kaiser", 12.0))
    np.save(
        folder / "resampled.logmel.npy", log_mel(resample_poly(mono, 160, 441, window=taps), 80)
    )

    packages = ("openai-whisper", "torch", "numpy", "scipy", "soundfile")
    write_manifest(
        folder, "sonoform_training.goldens.features", packages, seed=SEED, speech=speech_path.name
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where to write, usually Tests/Goldens/features")
    parser.add_argument(
        "--speech", type=Path, default=Path("audio-samples/tall-red-chair.wav"), help="16 kHz mono"
    )
    arguments = parser.parse_args()
    write(arguments.folder, arguments.speech)
