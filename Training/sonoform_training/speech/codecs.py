"""What telephones and small files leave of a recording: there and back through libsndfile."""

from __future__ import annotations

import io

import numpy as np
import soundfile

RATE_HZ = 16000
# format, subtype, rate, settings; by rising cost. GSM and mu-law are telephones.
CODECS = (
    ("WAV", "ULAW", 8000, {}),
    ("WAV", "GSM610", 8000, {}),
    ("WAV", "IMA_ADPCM", 16000, {}),
    ("WAV", "G721_32", 8000, {}),
    ("OGG", "VORBIS", 16000, {"compression_level": 1.0}),
    ("OGG", "VORBIS", 8000, {"compression_level": 1.0}),
    ("OGG", "OPUS", 16000, {"compression_level": 1.0}),
    ("MP3", "MPEG_LAYER_III", 16000, {"compression_level": 0.95}),
)
_SHARES = np.array((2, 2, 1, 1, 2, 1, 1.5, 0.5)) / 11


def resampled(samples: np.ndarray, rate_hz: int, new_rate_hz: int) -> np.ndarray:
    """Resample float samples [n] to [n * new / old] by one Fourier transform."""
    length = len(samples) + len(samples) % 2
    target = round(length * new_rate_hz / rate_hz)
    spectrum = np.fft.rfft(samples, length)
    bins = target // 2 + 1
    if bins > len(spectrum):
        spectrum = np.pad(spectrum, (0, bins - len(spectrum)))
    result = np.fft.irfft(spectrum[:bins], target) * (target / length)
    return result.astype(np.float32)


def through(
    samples: np.ndarray, kind: str, subtype: str, rate_hz: int, settings: dict[str, float]
) -> np.ndarray:
    """Code and decode float32 samples [n] in -1..1 at 16 kHz; as long as before."""
    sound = resampled(samples, RATE_HZ, rate_hz) if rate_hz != RATE_HZ else samples
    sound = np.clip(np.pad(sound, (0, -len(sound) % 160)), -1, 1)
    file = io.BytesIO()
    soundfile.write(file, sound, rate_hz, format=kind, subtype=subtype, **settings)
    file.seek(0)
    decoded, _ = soundfile.read(file, dtype="float32")
    if rate_hz != RATE_HZ:
        decoded = resampled(decoded, rate_hz, RATE_HZ)
    decoded = decoded[: len(samples)]
    return np.pad(decoded, (0, len(samples) - len(decoded)))


def code(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Send float32 samples [n] in -1..1 at 16 kHz through a codec drawn at random."""
    return through(samples, *CODECS[rng.choice(len(CODECS), p=_SHARES)])
