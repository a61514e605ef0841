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
LAWS = ("ULAW", "ALAW")
READ = {
    "wav": ("WAV", ("PCM_U8", *LINEAR, *LAWS)),
    "wavex": ("WAVEX", ("PCM_16", "FLOAT")),
    "rf64": ("RF64", ("PCM_16", "FLOAT", "ULAW")),
    "w64": ("W64", ("PCM_U8", "PCM_16", "PCM_24", "DOUBLE", "ALAW")),
    "caf": ("CAF", ("PCM_S8", *LINEAR, *LAWS)),
    "aiff": ("AIFF", ("PCM_S8", *LINEAR, *LAWS)),
    "flac": ("FLAC", ("PCM_S8", "PCM_16", "PCM_24")),
    "ogg": ("OGG", ("VORBIS", "OPUS")),
}
REFUSED = {
    "wav": ("WAV", ("IMA_ADPCM", "MS_ADPCM", "GSM610")),
    "aiff": ("AIFF", ("IMA_ADPCM",)),
    "mp3": ("MP3", ("MPEG_LAYER_III",)),
    "w64": ("W64", ("IMA_ADPCM",)),
    "au": ("AU", ("PCM_16",)),
    "caf": ("CAF", ("ALAC_16",)),
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
    read = folder / "read"
    # Samples in the other order: AIFF and CAF of Intel's, as Apple's programs write them, and RIFX.
    for name, container, coding, endian in (
        ("sowt.aiff", "AIFF", "PCM_16", "LITTLE"),
        ("float-little.caf", "CAF", "FLOAT", "LITTLE"),
        ("pcm_16.rifx", "WAV", "PCM_16", "BIG"),
        ("pcm_24.rifx", "WAV", "PCM_24", "BIG"),
        ("float.rifx", "WAV", "FLOAT", "BIG"),
    ):
        soundfile.write(read / name, sound, 16_000, format=container, subtype=coding, endian=endian)
    # BW64 is RF64 under another name (EBU Tech 3306, ITU-R BS.2088).
    (read / "pcm_16.bw64").write_bytes(b"BW64" + (read / "pcm_16.rf64").read_bytes()[4:])
    # Two streams that follow each other, as of a radio station; and FLAC as an encoder leaves it in
    # a pipe, where neither length (36 bits) nor checksum can be put in afterwards.
    for coding in ("vorbis", "opus"):
        stream = (read / f"{coding}.ogg").read_bytes()
        (read / f"{coding}-chained.ogg").write_bytes(2 * stream)
    stream = bytearray((read / "pcm_16.flac").read_bytes())
    stream[21] &= 0xF0
    stream[22:42] = bytes(20)
    (read / "no-length.flac").write_bytes(stream)
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
