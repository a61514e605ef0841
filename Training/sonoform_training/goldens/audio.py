"""Audio files of every format that is read, and of some that are refused, made with libsndfile.

    python -m sonoform_training.goldens.audio Tests/Goldens/audio

All hold the same sound, so that the Swift tests can compute what they should read: 1,600 frames at
16 kHz, a sine of 440 Hz and amplitude 0.5 on the left, the same at 0.25 on the right.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import soundfile

from .manifest import write_manifest

LINEAR = ("PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")
READ = {
    "wav": ("WAV", ("PCM_U8", *LINEAR)),
    "wavex": ("WAVEX", ("PCM_16", "FLOAT")),
    "aiff": ("AIFF", ("PCM_S8", *LINEAR)),
    "flac": ("FLAC", ("PCM_S8", "PCM_16", "PCM_24")),
    "ogg": ("OGG", ("VORBIS", "OPUS")),
}
REFUSED = {
    "wav": ("WAV", ("IMA_ADPCM", "MS_ADPCM", "ULAW", "ALAW", "GSM610")),
    "aiff": ("AIFF", ("ULAW", "IMA_ADPCM")),
    "mp3": ("MP3", ("MPEG_LAYER_III",)),
    "w64": ("W64", ("PCM_16",)),
    "au": ("AU", ("PCM_16",)),
    "caf": ("CAF", ("PCM_16",)),
    "rf64": ("RF64", ("PCM_16",)),
}


def write(folder: Path) -> None:
    """Write the files and the manifest."""
    sine = np.sin(2 * np.pi * 440 * np.arange(1_600) / 16_000)
    sound = np.stack([0.5 * sine, 0.25 * sine], axis=1)
    for kind, table in (("read", READ), ("refused", REFUSED)):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for extension, (container, codings) in table.items():
            for coding in codings:
                path = folder / kind / f"{coding.lower()}.{extension}"
                # GSM is defined for one channel.
                data = sound[:, :1] if coding == "GSM610" else sound
                soundfile.write(path, data, 16_000, format=container, subtype=coding)
    # AIFF with its samples in Intel's order, as Apple's programs write it.
    path = folder / "read" / "sowt.aiff"
    soundfile.write(path, sound, 16_000, format="AIFF", subtype="PCM_16", endian="LITTLE")
    for kind in ("read", "refused"):
        write_manifest(
            folder / kind,
            "sonoform_training.goldens.audio",
            ("soundfile", "numpy"),
            libsndfile=soundfile.__libsndfile_version__,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where to write, usually Tests/Goldens/audio")
    write(parser.parse_args().folder)
