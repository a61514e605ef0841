"""Every kind of features as its own library computes it: samples `[N]` at 16 kHz -> features.

A reference gives None where its library has no features for so short a signal.
"""

from __future__ import annotations

import sys
import types
import warnings
from collections.abc import Callable

import kaldi_native_fbank as knf
import librosa
import numpy as np
import torch
import whisper.audio
from scipy.fft import dct

RATE_HZ = 16_000
WINDOW_S = 1  # Whisper's padded window, shortened so that the goldens stay small.
AST_ROWS = 64
BEATS_MEAN, BEATS_DEVIATION = 15.41663, 6.55582  # BEATs.preprocess's defaults
INT16 = 2.0**15

Reference = Callable[[np.ndarray], np.ndarray | None]


def _load_torchaudio_kaldi():
    """`torchaudio.compliance.kaldi` without torchaudio's compiled part, which it does not use.

    torchaudio ended at 2.11, whose library does not load beside newer versions of PyTorch.
    """
    import importlib.util
    from pathlib import Path

    root = Path(importlib.util.find_spec("torchaudio").origin).parent
    package = types.ModuleType("torchaudio")
    package.__spec__ = importlib.util.find_spec("torchaudio")
    package.__path__ = [str(root)]
    package.functional = types.SimpleNamespace(
        create_dct=lambda n_mfcc, n_mels, norm: torch.from_numpy(
            dct(np.eye(n_mels), type=2, norm=norm, axis=1)[:, :n_mfcc].astype(np.float32)
        )
    )
    sys.modules["torchaudio"] = package
    import torchaudio.compliance.kaldi as kaldi

    return kaldi


kaldi = _load_torchaudio_kaldi()

# After torchaudio: this import looks whether it is there.
from transformers import (  # noqa: E402
    ASTFeatureExtractor,
    SeamlessM4TFeatureExtractor,
    WhisperFeatureExtractor,
)


def whisper_log_mel(mels: int) -> Reference:
    """`whisper.log_mel_spectrogram` of the array as it is: `[mels, T]`."""

    def compute(samples: np.ndarray) -> np.ndarray | None:
        if len(samples) <= 200:
            return None
        return whisper.audio.log_mel_spectrogram(torch.from_numpy(samples), n_mels=mels).numpy()

    return compute


def whisper_padded(samples: np.ndarray) -> np.ndarray | None:
    """The same of the padded window: `[80, 100]`; of some signals only, to save space."""
    if len(samples) in (1_600, 3_999, 6_400):
        return None
    padded = whisper.audio.pad_or_trim(torch.from_numpy(samples), WINDOW_S * RATE_HZ)
    return whisper.audio.log_mel_spectrogram(padded).numpy()


def whisper_transformers(samples: np.ndarray) -> np.ndarray:
    """transformers' features of the padded window, cut to the recording's frames: `[80, T]`."""
    extractor = WhisperFeatureExtractor(chunk_length=WINDOW_S)
    values = extractor(samples, sampling_rate=RATE_HZ, return_tensors="np").input_features[0]
    return values[:, : min(len(samples), WINDOW_S * RATE_HZ) // 160]


def librosa_mfcc(rate: int = RATE_HZ, **options) -> Reference:
    """`librosa.feature.mfcc`: `[n_mfcc, T]`."""

    def compute(samples: np.ndarray) -> np.ndarray:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # short signals, empty filters
            return librosa.feature.mfcc(y=samples, sr=rate, **options)

    return compute


def librosa_mfcc_unclamped(samples: np.ndarray) -> np.ndarray:
    """MFCCs without `top_db`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mel = librosa.feature.melspectrogram(y=samples, sr=RATE_HZ, n_fft=512, hop_length=160)
        return librosa.feature.mfcc(S=librosa.power_to_db(mel, top_db=None), n_mfcc=13)


def librosa_stft(power: int, n_fft: int, hop: int) -> Reference:
    """`|librosa.stft|` or its square: `[1 + n_fft / 2, T]`."""

    def compute(samples: np.ndarray) -> np.ndarray:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return np.abs(librosa.stft(samples, n_fft=n_fft, hop_length=hop)) ** power

    return compute


def _online(extractor, samples: np.ndarray) -> np.ndarray | None:
    extractor.accept_waveform(RATE_HZ, samples.tolist())
    extractor.input_finished()
    frames = [extractor.get_frame(i) for i in range(extractor.num_frames_ready)]
    return np.stack(frames) if frames else None


def knf_fbank(
    bands: int = 80, scale: float = INT16, snip: bool = True, energy_floor: float | None = None
) -> Reference:
    """kaldi-native-fbank's filter bank: `[T, bands]`, the energy before them if asked for."""

    def compute(samples: np.ndarray) -> np.ndarray | None:
        options = knf.FbankOptions()
        options.frame_opts.dither = 0
        options.frame_opts.snip_edges = snip
        options.mel_opts.num_bins = bands
        if energy_floor is not None:
            options.use_energy, options.energy_floor = True, energy_floor
        return _online(knf.OnlineFbank(options), samples * np.float32(scale))

    return compute


def knf_mfcc(snip: bool = True, use_energy: bool = True) -> Reference:
    """kaldi-native-fbank's MFCCs: `[T, 13]`."""

    def compute(samples: np.ndarray) -> np.ndarray | None:
        options = knf.MfccOptions()
        options.frame_opts.dither = 0
        options.frame_opts.snip_edges = snip
        options.use_energy = use_energy
        return _online(knf.OnlineMfcc(options), samples * np.float32(INT16))

    return compute


def torchaudio_kaldi(function: Callable, **options) -> Reference:
    """`torchaudio.compliance.kaldi.fbank` or `mfcc`: `[T, F]`."""

    def compute(samples: np.ndarray) -> np.ndarray | None:
        if len(samples) < 400:
            return None
        return function(torch.from_numpy(samples * np.float32(INT16))[None], **options).numpy()

    return compute


def ast(samples: np.ndarray) -> np.ndarray | None:
    """transformers' `ASTFeatureExtractor`: `[rows, 128]`."""
    if len(samples) < 400:
        return None
    extractor = ASTFeatureExtractor(max_length=AST_ROWS)
    return extractor(samples, sampling_rate=RATE_HZ, return_tensors="np").input_values[0]


def beats(samples: np.ndarray) -> np.ndarray | None:
    """`BEATs.preprocess` of microsoft/unilm: `[T, 128]`."""
    fbank = torchaudio_kaldi(
        kaldi.fbank, num_mel_bins=128, sample_frequency=RATE_HZ, frame_length=25, frame_shift=10
    )
    values = fbank(samples)
    return None if values is None else (values - BEATS_MEAN) / (2 * BEATS_DEVIATION)


def seamless(samples: np.ndarray) -> np.ndarray | None:
    """transformers' `SeamlessM4TFeatureExtractor`: `[T / 2, 160]`."""
    # The variance needs two frames.
    if len(samples) < 560:
        return None
    extractor = SeamlessM4TFeatureExtractor()
    return extractor(samples, sampling_rate=RATE_HZ, return_tensors="np").input_features[0]


REFERENCES: dict[str, Reference] = {
    "whisper-80": whisper_log_mel(80),
    "whisper-128": whisper_log_mel(128),
    "whisper-padded": whisper_padded,
    "whisper-transformers": whisper_transformers,
    "mfcc": librosa_mfcc(),
    "mfcc-22050": librosa_mfcc(rate=22_050),
    "mfcc-400-160": librosa_mfcc(n_fft=400, hop_length=160),
    "mfcc-lifter": librosa_mfcc(n_fft=512, hop_length=160, n_mfcc=13, n_mels=40, lifter=22),
    "mfcc-unclamped": librosa_mfcc_unclamped,
    "power-400-160": librosa_stft(2, 400, 160),
    "amplitude-512-256": librosa_stft(1, 512, 256),
    "kaldi-fbank": knf_fbank(),
    "kaldi-fbank-covering": knf_fbank(snip=False),
    "kaldi-fbank-unscaled": knf_fbank(bands=40, scale=1),
    "kaldi-fbank-energy": knf_fbank(bands=23, energy_floor=1.0),
    "kaldi-fbank-torchaudio": torchaudio_kaldi(kaldi.fbank, num_mel_bins=80),
    "kaldi-mfcc": knf_mfcc(),
    "kaldi-mfcc-covering": knf_mfcc(snip=False),
    "kaldi-mfcc-c0": knf_mfcc(use_energy=False),
    "kaldi-mfcc-torchaudio": torchaudio_kaldi(kaldi.mfcc, use_energy=True),
    "ast": ast,
    "beats": beats,
    "seamless": seamless,
}
