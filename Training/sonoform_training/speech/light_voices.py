"""Natural enough and quick: `python -m sonoform_training.speech.light_voices --out DIR`.

Two synthesisers from packages (`pip install -e 'Training[natural]'`) that speak a hundred times
faster than they listen, for what kokoro.py has no time for: hibari (Apache-2.0), one neural voice
distilled from a speaker of Kokoro's, and SVOX Pico (Apache-2.0), an American and a British one at
many pitches. They say what kokoro.py says; the result is a corpus folder (corpus.py) without
timings.
"""

from __future__ import annotations

import argparse
import functools
import random

import numpy as np

from .corpus import CorpusWriter
from .people import draw_said, spoken
from .phones import target
from .synthesis import resample

HIBARI_RATE_HZ = 24000
PICO = {"pico-us": "en-US", "pico-gb": "en-GB"}
VOICES = ("hibari", *PICO)


@functools.cache
def _hibari():
    from hibari import Hibari

    return Hibari(threads=1)


@functools.cache
def _pico():
    from py_nanotts import NanoTTS

    return NanoTTS()


def say(text: str, voice: str, speed: float, pitch: float) -> np.ndarray:
    """Say `text` in one of VOICES -> int16 [n] at 16 kHz; ValueError if nothing comes.

    pitch: of Pico's voices, 1 is their own. hibari's stays: augmentation moves it.
    """
    if voice in PICO:
        pcm = _pico().speak(text, voice=PICO[voice], speed=speed, pitch=pitch)
        samples = np.frombuffer(pcm, "<i2").copy()
    else:
        heard = np.asarray(_hibari()(text, speed=speed, seed=0))
        loudest = float(np.abs(heard).max()) if len(heard) else 0.0
        samples = (heard * (26000 / max(loudest, 1e-3))).astype(np.int16)
        samples = resample(samples, HIBARI_RATE_HZ)
    if len(samples) < 1600 or np.abs(samples).max() < 1000:
        raise ValueError(f"silence for {text!r}")
    return samples


def write_corpus(folder: str, utterances: int, seed: int) -> None:
    """Write a corpus; every voice says a third of it."""
    rng = random.Random(seed)
    with CorpusWriter(folder) as writer:
        for index in range(utterances):
            text, kind, scene = draw_said(rng)
            voice = VOICES[index % len(VOICES)]
            speed = min(max(rng.lognormvariate(0.05, 0.18), 0.7), 1.6)
            pitch = min(max(rng.lognormvariate(-0.05, 0.2), 0.65), 1.5)
            try:
                samples = say(text, voice, speed, pitch)
                phones = target(spoken(text))
            except ValueError as error:
                print(f"left out: {error}", flush=True)
                continue
            parameters = {"speed": round(speed, 2), "pitch": round(pitch, 2)}
            writer.add(
                samples,
                text=spoken(text),
                kind=kind,
                description=scene.text() if scene else None,
                voice={"engine": "light", "name": voice, "parameters": parameters},
                phones=phones,
            )


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True, help="the corpus folder to write")
    parser.add_argument("--utterances", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    write_corpus(arguments.out, arguments.utterances, arguments.seed)


if __name__ == "__main__":
    main()
