"""A bank of the encoder's real CTC posteriors, for the language model to learn from.

`python -m sonoform_training.hearing.posteriors --encoder DIR --corpus DIR… --out DIR` writes
`NNNN.npz` files. Each holds `posteriors`, float16 [sum of T, P] (softmax of the CTC head, one
utterance after another), `offsets`, int64 [N + 1], and `records`, N lines of JSON: text,
description (canonical, or null), kind ("description", "other" or "noise"), voice, quality (0 clean
to 3 poor: the strength of augmentation) and phones (the CTC target). Utterance i is
posteriors[offsets[i] : offsets[i + 1]].

--speech adds the training split of a folder of people's recordings (speech/recorded.py).
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from ..speech.augmentation import Augmenter
from ..speech.corpus import Corpus
from ..speech.noise import NOISES, make_noise
from ..speech.phones import words
from ..speech.recorded import RecordedSpeech
from .encoder import fits, load_exported
from .validation import logits_of

STRENGTHS = (0.0, 0.35, 0.7, 1.0)
A_FILE = 512


def load_bank(path: str | Path) -> list[tuple[np.ndarray, dict]]:
    """Read one file of the bank: (posteriors float16 [T, P], record) pairs."""
    with np.load(path) as file:
        posteriors, offsets = file["posteriors"], file["offsets"]
        records = [json.loads(line) for line in str(file["records"]).splitlines()]
    pairs = zip(offsets[:-1], offsets[1:], records, strict=True)
    return [(posteriors[start:end], record) for start, end, record in pairs]


def _noise_record(rng: np.random.Generator, augmenter: Augmenter) -> np.ndarray:
    length = int(rng.integers(8000, 56000))
    if rng.random() < 0.5:
        return (3000 * augmenter.noise(length)).astype(np.int16)
    return (3000 * make_noise(rng, rng.choice(NOISES[:-1]), length)).astype(np.int16)


def write_bank(
    encoder: str | Path, corpora: list[Corpus | RecordedSpeech], out: str | Path, utterances: int,
    seed: int, noise_share: float,
) -> None:  # fmt: skip
    """Run the encoder over a random sample of the corpora, at four strengths of augmentation."""
    model = load_exported(encoder)
    rng = np.random.default_rng(seed)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    entries = [(corpus, index) for corpus in corpora for index in range(len(corpus))]
    entries = [entries[i] for i in rng.permutation(len(entries))[:utterances]]
    voiced = [e for e in entries if e[0].records[e[1]]["kind"] != "noise"][:80]
    augmenter = Augmenter(seed, [corpus.samples(index) for corpus, index in voiced])
    for number, start in enumerate(range(0, len(entries), A_FILE)):
        features, records = [], []
        for corpus, index in entries[start : start + A_FILE]:
            quality = int(rng.integers(len(STRENGTHS)))
            record, samples = corpus.records[index], corpus.samples(index)
            if rng.random() < noise_share:
                samples = _noise_record(rng, augmenter)
                record = {"text": "", "description": None, "kind": "noise", "phones": [],
                          "voice": {"engine": "noise", "name": "noise"}}  # fmt: skip
            augmented = augmenter(samples, STRENGTHS[quality]).features()
            if not fits(augmented):
                continue
            features.append(augmented)
            kept = {key: record[key] for key in ("description", "kind", "phones")}
            kept["text"] = " ".join(words(record["text"]))
            voice = f"{record['voice']['engine']}:{record['voice']['name']}"
            records.append(json.dumps(kept | {"voice": voice, "quality": quality}))
        posteriors = [
            one.softmax(-1).numpy().astype(np.float16) for one in logits_of(model, features)
        ]
        offsets = np.cumsum([0] + [len(one) for one in posteriors])
        np.savez(
            out / f"{number:04}.npz",
            posteriors=np.concatenate(posteriors),
            offsets=offsets,
            records=np.array("\n".join(records)),
        )


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", required=True, help="a modality_encoder folder")
    parser.add_argument("--corpus", nargs="+", required=True)
    parser.add_argument("--speech", help="a folder of people's recordings as well")
    parser.add_argument("--out", required=True)
    parser.add_argument("--utterances", type=int, default=6000)
    parser.add_argument("--noise-share", type=float, default=0.04)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    corpora: list[Corpus | RecordedSpeech] = [Corpus(folder) for folder in arguments.corpus]
    if arguments.speech:
        corpora.append(RecordedSpeech(arguments.speech, "train"))
    write_bank(
        arguments.encoder,
        corpora,
        arguments.out,
        arguments.utterances,
        arguments.seed,
        arguments.noise_share,
    )


if __name__ == "__main__":
    main()
