"""Makes the recordings in `audio-samples/`: short spoken descriptions to try the command on.

    python -m sonoform_training.speech.samples audio-samples

Several synthetic voices (espeak-ng and flite, run as programs), WAV, FLAC and Ogg Vorbis, one in
stereo at 44.1 kHz, one of noise and one of silence. `manifest.jsonl` names each file's words, its
voice, the description that it should be understood as ("" where nothing is described) and the
objects that should be made of it, every copy by itself.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import resample_poly

from ..descriptions import parse_scene


@dataclass(frozen=True)
class Sample:
    """One recording: what is said, by whom ("flite:awb", "espeak-ng:en-us+f3"), how fast."""

    file: str
    text: str
    voice: str
    words_a_minute: int = 150


SAMPLES = (
    Sample("small-green-cone.wav", "please make a small green cone", "espeak-ng:en-us"),
    Sample("tall-red-chair.wav", "a tall red chair with three blue legs", "flite:kal16"),
    Sample("yellow-lamp.flac", "i would like a yellow lamp with a black shade", "espeak-ng:en-gb"),
    Sample("big-blue-cube.wav", "draw a big blue cube", "flite:rms"),
    Sample("red-ball.flac", "show me a red ball", "flite:rms"),
    Sample("brown-table.flac", "make a brown table with four white legs", "flite:rms"),
    Sample("purple-star.flac", "give me a purple star with six points", "espeak-ng:en-us+f3"),
    Sample("tall-orange-cylinder.wav", "a tall orange cylinder", "espeak-ng:en-gb-scotland+m3"),
    Sample("green-tree.flac", "i want a green tree with a brown trunk", "espeak-ng:en-gb-x-rp+f2"),
    Sample("pink-house-44100-stereo.flac", "create a pink house with a blue roof", "flite:kal16"),
    Sample("white-mug.ogg", "can you make a white mug with a black handle", "espeak-ng:en-us+m7"),
    Sample("cyan-donut.flac", "make a cyan donut", "espeak-ng:en-gb-x-gbclan+f4", 130),
    Sample("large-gray-pyramid.flac", "a large gray pyramid", "flite:awb"),
    Sample("wide-black-chair.wav", "please draw a wide black chair", "espeak-ng:en-029+m5"),
    Sample("three-rockets.flac", "show me three red rockets", "espeak-ng:en-gb"),
    Sample("mug-and-bottle.flac", "a green bottle next to a yellow mug", "flite:kal16"),
    Sample("cube-on-table.wav", "put a small blue cube on top of a brown table", "flite:rms"),
    Sample("purple-fish.flac", "i need a purple fish with yellow fins", "espeak-ng:en-us+m3"),
    Sample(
        "snowman-tree-house.flac",
        "draw a snowman to the left of a green tree in front of a yellow house",
        "espeak-ng:en-us",
    ),
)


def spoken(sample: Sample) -> tuple[np.ndarray, int]:
    """Run the synthesiser: float samples `[N]` in -1...1 and their rate in Hz."""
    engine, voice = sample.voice.split(":")
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "speech.wav")
        if engine == "flite":
            command = ["flite", "-voice", voice, "-t", sample.text, "-o", path]
        else:
            speed = str(sample.words_a_minute)
            command = ["espeak-ng", "-v", voice, "-s", speed, "-w", path, sample.text]
        subprocess.run(command, check=True)
        samples, rate = soundfile.read(path)
    return 0.7 * samples / np.abs(samples).max(), rate


def in_stereo(samples: np.ndarray, rate: int) -> tuple[np.ndarray, int]:
    """Resample mono `[N]` to 44.1 kHz and place it left of the middle: `[M, 2]`."""
    common = np.gcd(44_100, rate)
    mono = resample_poly(samples, 44_100 // common, rate // common)
    return np.stack([mono, 0.6 * mono], axis=1), 44_100


def pink_noise(seconds: float, rate: int, rng: np.random.Generator) -> np.ndarray:
    """Noise that falls by 3 dB an octave, `[N]`, with a peak of 0.3."""
    count = int(seconds * rate)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    noise = np.fft.irfft(spectrum, count)
    return 0.3 * noise / np.abs(noise).max()


def write(folder: Path) -> None:
    """Write every recording and the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for sample in SAMPLES:
        samples, rate = spoken(sample)
        if "stereo" in sample.file:
            samples, rate = in_stereo(samples, rate)
        soundfile.write(folder / sample.file, samples, rate)
        scene = parse_scene(sample.text)
        copies = [replace(one, copies=1).text() for one in scene.objects for _ in range(one.copies)]
        rows.append([sample.file, sample.text, sample.voice, scene.text(), copies])

    rng = np.random.default_rng(20)
    soundfile.write(folder / "noise.flac", pink_noise(2, 16_000, rng), 16_000)
    soundfile.write(folder / "silence.wav", np.zeros(16_000 * 3 // 2), 16_000)
    rows += [["noise.flac", "", "pink noise", "", []], ["silence.wav", "", "silence", "", []]]

    keys = ("file", "text", "voice", "description", "objects")
    lines = [json.dumps(dict(zip(keys, row, strict=True))) + "\n" for row in rows]
    (folder / "manifest.jsonl").write_text("".join(lines))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where to write, usually audio-samples")
    write(parser.parse_args().folder)
