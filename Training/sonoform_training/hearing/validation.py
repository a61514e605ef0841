"""Phone error rates on a validation corpus: clean, and with noise at fixed levels.

`python -m sonoform_training.hearing.validation --encoder DIR --validation DIR…` prints them by kind
of voice and of speech, a JSON line for each corpus and noise level.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from torch.nn.utils.rnn import pad_sequence

from ..speech.augmentation import Augmenter
from ..speech.corpus import Corpus
from ..speech.features import log_mel
from ..speech.noise import unit
from ..speech.phones import BLANK, WORD_BOUNDARY
from .encoder import PhoneEncoder, load_exported, output_frames
from .precision import autocast


def edit_distance(a: list[int], b: list[int]) -> int:
    """Levenshtein distance."""
    row = np.arange(len(b) + 1)
    other = np.asarray(b)
    for index, item in enumerate(a, 1):
        change = np.minimum(row[1:] + 1, row[:-1] + (other != item))
        row = np.minimum.accumulate(np.concatenate(([index], change)) - np.arange(len(b) + 1))
        row += np.arange(len(b) + 1)
    return int(row[-1])


def greedy(logits: torch.Tensor) -> list[int]:
    """Read phones off CTC logits [T, P]: best class a frame, repeats merged, blanks dropped."""
    best = torch.unique_consecutive(logits.argmax(-1))
    return [int(phone) for phone in best if phone != BLANK]


def at_snr(augmenter: Augmenter, samples: np.ndarray, snr_db: float | None) -> np.ndarray:
    """Scale int16 samples to a usual level with noise of the pool at `snr_db`, float32 [n]."""
    speech = unit(samples.astype(np.float32))
    if snr_db is not None:
        noise = unit(augmenter.noise(len(speech)))
        speech = speech + noise * 10 ** (-snr_db / 20)
    return (0.08 * speech).clip(-1, 1)


class ValidationSet:
    """A validation corpus with features at every noise level, made once."""

    def __init__(
        self, folder: str | Path, snrs_db: tuple[float | None, ...] = (None, 20.0, 10.0)
    ) -> None:
        """Prepare the corpus; its own voices make the babble."""
        corpus = Corpus(folder)
        self.name = Path(folder).name
        indices = [i for i, r in enumerate(corpus.records) if r["kind"] != "noise"]
        # Every fifth is outside the language; interleave so that any prefix is a fair sample.
        indices = [i for _, i in sorted((hash((7, i)) % 1000003, i) for i in indices)]
        self.records = [corpus.records[i] for i in indices]
        self.features: dict[str, list[torch.Tensor]] = {}
        for snr_db in snrs_db:
            augmenter = Augmenter(5, [corpus.samples(i) for i in indices[:80]])
            label = "clean" if snr_db is None else f"{snr_db:.0f}dB"
            self.features[label] = [
                log_mel(at_snr(augmenter, corpus.samples(i), snr_db)) for i in indices
            ]


def logits_of(model: PhoneEncoder, features: list[torch.Tensor], batch: int = 16) -> list:
    """Return CTC logits [T, P] of each of the features, batched by length."""
    results: list[torch.Tensor | None] = [None] * len(features)
    order = sorted(range(len(features)), key=lambda i: len(features[i]))
    with torch.no_grad():
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            lengths = torch.tensor([len(features[i]) for i in rows])
            padded = pad_sequence([features[i] for i in rows], batch_first=True)
            with autocast():
                _, logits = model(padded, lengths)
            for row, index in enumerate(rows):
                results[index] = logits[row, : output_frames(int(lengths[row]))].float()
    return results


def phone_error_rates(
    model: PhoneEncoder, validation: ValidationSet, limit: int | None = None
) -> dict[str, float]:
    """Return the phone error rate (boundaries counted as phones) at each noise level."""
    records = validation.records[:limit]
    rates = {}
    for label, features in validation.features.items():
        logits = logits_of(model, features[: len(records)])
        errors = sum(
            edit_distance(record["phones"], greedy(one))
            for record, one in zip(records, logits, strict=True)
        )
        phones = sum(len(record["phones"]) for record in records)
        rates[f"{validation.name} {label}"] = round(errors / phones, 4)
    return rates


def breakdown(model: PhoneEncoder, validation: ValidationSet, label: str) -> dict[str, float]:
    """Return phone error rates at one noise level by voice and by kind of speech.

    Also the shares of utterances with the right number of words, and without any error.
    """
    errors, phones, right = Counter(), Counter(), Counter()
    outputs = logits_of(model, validation.features[label])
    for record, logits in zip(validation.records, outputs, strict=True):
        said, heard = record["phones"], greedy(logits)
        distance = edit_distance(said, heard)
        voice = record["voice"]
        name = voice["name"] if voice["engine"] == "flite" else voice["engine"]
        for group in ("all", name, record["kind"]):
            errors[group] += distance
            phones[group] += len(said)
        right["number of words"] += said.count(WORD_BOUNDARY) == heard.count(WORD_BOUNDARY)
        right["no error"] += distance == 0
    rates = {group: errors[group] / phones[group] for group in phones}
    rates |= {group: count / len(outputs) for group, count in right.items()}
    return {group: round(rate, 3) for group, rate in rates.items()}


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", required=True, help="a modality_encoder folder")
    parser.add_argument("--validation", nargs="+", required=True, help="corpus folders")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    model = load_exported(arguments.encoder)
    for folder in arguments.validation:
        validation = ValidationSet(folder)
        for label in validation.features:
            found = breakdown(model, validation, label)
            print(json.dumps({"corpus": validation.name, "noise": label} | found), flush=True)


if __name__ == "__main__":
    main()
