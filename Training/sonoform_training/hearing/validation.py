"""Phone error rates on a validation corpus: clean, and with noise at fixed levels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from ..speech.augmentation import Augmenter
from ..speech.corpus import Corpus
from ..speech.features import log_mel
from ..speech.noise import unit
from ..speech.phones import BLANK
from .encoder import PhoneEncoder, output_frames

QUIET = np.iinfo(np.int32).max


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
            padded = nn_pad([features[i] for i in rows])
            with torch.autocast("cpu", torch.bfloat16):
                _, logits = model(padded, lengths)
            for row, index in enumerate(rows):
                results[index] = logits[row, : output_frames(int(lengths[row]))].float()
    return results


def nn_pad(features: list[torch.Tensor]) -> torch.Tensor:
    """Pad [F, M] features to [B, F, M] with zeros."""
    return torch.nn.utils.rnn.pad_sequence(features, batch_first=True)


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
