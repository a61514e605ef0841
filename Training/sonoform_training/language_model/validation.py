"""Figures of what was heard against what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..descriptions import parse_description


def word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Levenshtein distance of two lists of words."""
    row = np.arange(len(heard) + 1)
    for index, word in enumerate(said, 1):
        changed = row[:-1] + np.array([word != other for other in heard], dtype=int)
        straight = np.minimum(row[1:] + 1, changed)
        line = np.concatenate(([index], straight)) - np.arange(len(heard) + 1)
        row = np.minimum.accumulate(line) + np.arange(len(heard) + 1)
    return int(row[-1])


@dataclass
class Figures:
    """Sums over recordings. An accepted one is answered with an object, right or wrong."""

    descriptions: int = 0
    accepted: int = 0
    exact: int = 0
    right: int = 0
    object_right: int = 0
    colour_right: int = 0
    wrong_accepted: int = 0
    words: int = 0
    errors: int = 0
    others: int = 0
    others_accepted: int = 0
    noises: int = 0
    noises_accepted: int = 0

    def add(self, record: dict, heard: str, objects: list[str], refused: str | None) -> None:
        """One recording; ``record`` is a manifest's line, ``objects`` the reply's descriptions."""
        accepted = refused is None and bool(objects)
        if record["kind"] == "noise":
            self.noises += 1
            self.noises_accepted += accepted
        elif record["kind"] == "other" or record["description"] is None:
            self.others += 1
            self.others_accepted += accepted
        else:
            self._add_description(record, heard, objects, accepted)

    def _add_description(
        self, record: dict, heard: str, objects: list[str], accepted: bool
    ) -> None:
        said, got = record["text"].split(), heard.split()
        self.descriptions += 1
        self.accepted += accepted
        self.words += len(said)
        self.errors += word_errors(said, got)
        self.exact += said == got
        wanted = record["description"]
        right = accepted and objects == [wanted]
        self.right += right
        self.wrong_accepted += accepted and not right
        if accepted:
            try:
                found, meant = parse_description(objects[0]), parse_description(wanted)
            except ValueError:
                return
            self.object_right += found.object == meant.object
            self.colour_right += found.colour == meant.colour

    def summary(self) -> dict:
        """Shares in per cent."""

        def share(part: int, whole: int) -> float | None:
            return round(100 * part / whole, 2) if whole else None

        return {
            "descriptions": self.descriptions,
            "word error": share(self.errors, self.words),
            "exact": share(self.exact, self.descriptions),
            "description right": share(self.right, self.descriptions),
            "object right": share(self.object_right, self.descriptions),
            "colour right": share(self.colour_right, self.descriptions),
            "falsely refused": share(self.descriptions - self.accepted, self.descriptions),
            "wrong but accepted": share(self.wrong_accepted, self.descriptions),
            "other speech": self.others,
            "other speech accepted": share(self.others_accepted, self.others),
            "noise": self.noises,
            "noise accepted": share(self.noises_accepted, self.noises),
        }
