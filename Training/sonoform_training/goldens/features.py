"""Goldens of the audio features, made with the reference libraries.

    python -m sonoform_training.goldens.features Tests/Goldens/features

`signals.safetensors` holds the samples `[N]` of every signal; `KIND.safetensors` the reference's
features of them under the same names, laid out as the reference returns them. `resampled` is
`resampled.wav` (44.1 kHz, stereo) mixed and resampled by python-soxr. `rounding.json` tells how far
the single-precision references are from the same formulas in double precision, signal by signal;
where that is more than a third of the difference that the tests allow, `truths.safetensors` holds
what double precision gives, as `KIND/SIGNAL`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import soundfile
import soxr
import torch
from safetensors.numpy import save_file
from scipy.signal import chirp, resample_poly
from threadpoolctl import threadpool_limits

from .feature_references import REFERENCES
from .feature_truth import TRUTHS
from .manifest import write_manifest

RATE_HZ = 16_000
SEED = 7


def signals(speech: np.ndarray, resampled: np.ndarray) -> dict[str, np.ndarray]:
    """Samples `[N]` at 16 kHz by name."""
    rng = np.random.default_rng(SEED)
    seconds = np.arange(6_400) / RATE_HZ
    impulse = np.zeros(4_000)
    impulse[1_234] = 1
    made = {
        "speech": speech[6_000:15_600],
        "chirp": 0.5 * chirp(seconds, 50, 0.4, 7_900),
        "impulse": impulse,
        "silence": np.zeros(1_600),
        "noise": 0.1 * rng.standard_normal(3_999),
        "short": 0.2 * rng.standard_normal(201),
        "frame": 0.2 * rng.standard_normal(400),
        "resampled": resampled,
    }
    return {name: samples.astype(np.float32) for name, samples in made.items()}


def tolerance(kind: str) -> float:
    """How far Sonoform's features may be from the reference's, in their own units."""
    if kind.startswith("whisper"):
        return 1e-5
    return 1e-3 if "mfcc" in kind else 1e-4


def write(folder: Path, speech_path: Path) -> None:
    """Write all signals, their features, the rounding table and the manifest.

    On one thread: librosa's matrix products round differently on two.
    """
    torch.set_num_threads(1)
    with threadpool_limits(1):
        _write(folder, speech_path)


def _write(folder: Path, speech_path: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    speech, rate = soundfile.read(speech_path)
    assert rate == RATE_HZ, f"{speech_path} is at {rate} Hz"
    stereo = 0.5 * speech[6_000:10_000, None] * np.array([1.0, 0.4])
    soundfile.write(folder / "resampled.wav", resample_poly(stereo, 441, 160, axis=0), 44_100)
    mono = soundfile.read(folder / "resampled.wav", dtype="float32")[0].mean(axis=1)
    made = signals(speech, soxr.resample(mono, 44_100, RATE_HZ, quality="HQ"))
    save_file(made, folder / "signals.safetensors")

    rounding: dict[str, dict[str, float]] = {}
    truths: dict[str, np.ndarray] = {}
    for kind, reference in REFERENCES.items():
        features = {}
        for name, samples in made.items():
            values = reference(samples)
            if values is not None and values.size:
                features[name] = np.ascontiguousarray(values, dtype=np.float32)
        save_file(features, folder / f"{kind}.safetensors")
        if kind not in TRUTHS:
            continue
        rounding[kind] = {}
        for name, values in features.items():
            truth = TRUTHS[kind](made[name])
            rounding[kind][name] = float(np.abs(values - truth).max())
            if rounding[kind][name] > tolerance(kind) / 3:
                truths[f"{kind}/{name}"] = truth.astype(np.float32)
    save_file(truths, folder / "truths.safetensors")
    (folder / "rounding.json").write_text(json.dumps(rounding, indent=2) + "\n")

    packages = (
        "openai-whisper", "librosa", "kaldi-native-fbank", "torchaudio", "transformers",
        "torch", "numpy", "scipy", "soundfile", "soxr", "safetensors",
    )  # fmt: skip
    write_manifest(
        folder, "sonoform_training.goldens.features", packages, seed=SEED, speech=speech_path.name
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where to write, usually Tests/Goldens/features")
    parser.add_argument(
        "--speech",
        type=Path,
        default=Path(__file__).parents[3] / "audio-samples" / "tall-red-chair.wav",
        help="16 kHz mono",
    )
    arguments = parser.parse_args()
    write(arguments.folder, arguments.speech)
