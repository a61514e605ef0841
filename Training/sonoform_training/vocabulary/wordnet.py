"""WordNet 3.0's nouns as Debian's package `wordnet-base` has them (wndb(5WN))."""

from __future__ import annotations

import functools
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path("/usr/share/wordnet")

# lexnames(5WN): what can stand in a scene.
THINGS = {5: "animal", 6: "artifact", 8: "body", 13: "food", 17: "object", 18: "person",
          20: "plant", 25: "shape"}  # fmt: skip


@dataclass(frozen=True)
class Synset:
    """A sense of nouns: its file number and the senses that it is a kind of."""

    lexical_file: int
    hypernyms: tuple[str, ...]


class WordNet:
    """Senses by lemma, the commonest first, and what is a kind of what."""

    def __init__(self, folder: str | Path = FOLDER) -> None:
        """Read the database; FileNotFoundError where `wordnet-base` is not installed."""
        folder = Path(folder)
        self.senses: dict[str, list[str]] = {}
        for line in _entries(folder / "index.noun"):
            fields = line.split()
            self.senses[fields[0]] = fields[-int(fields[2]) :]
        self.synsets = dict(_synset(line) for line in _entries(folder / "data.noun"))
        self.adjectives = {line.split()[0] for line in _entries(folder / "index.adj")}
        self.verbs = {line.split()[0] for line in _entries(folder / "index.verb")}
        self.adverbs = {line.split()[0] for line in _entries(folder / "index.adv")}
        self.irregular: dict[str, str] = {}
        for line in (folder / "noun.exc").read_text().splitlines():
            plural, singular, *_ = line.split()
            self.irregular[plural] = singular
        self._said: dict[tuple[str, str], int] = defaultdict(int)
        self._sense_said: dict[tuple[str, int], int] = {}
        kinds = {"1": "noun", "2": "verb", "3": "adjective", "5": "adjective", "4": "adverb"}
        for line in (folder / "cntlist.rev").read_text().splitlines():
            key, number, count = line.split()
            lemma, _, rest = key.partition("%")
            self._said[lemma, kinds[rest[0]]] += int(count)
            if rest[0] == "1":
                self._sense_said[lemma, int(number)] = int(count)

    def said_as(self, lemma: str, kind: str) -> int:
        """How often the tagged texts have the lemma as a "noun", "verb" or "adjective"."""
        return self._said[lemma, kind]

    def usual_senses(self, lemma: str) -> list[str]:
        """The first sense, and others that are at least half as common."""
        senses = self.senses.get(lemma, [])
        counts = [self._sense_said.get((lemma, i + 1), 0) for i in range(len(senses))]
        return [
            s for s, n in zip(senses, counts, strict=True) if n and 2 * n >= counts[0]
        ] or senses[:1]

    def is_thing(self, lemma: str) -> bool:
        """Whether its usual senses are among what can stand in a scene."""
        return any(self.synsets[s].lexical_file in THINGS for s in self.usual_senses(lemma))

    @functools.cache  # noqa: B019 - one database a process
    def ancestors(self, synset: str) -> dict[str, int]:
        """What a sense is a kind of, with the number of steps to it; itself at 0."""
        steps = {synset: 0}
        front = [synset]
        while front:
            following = []
            for one in front:
                for above in self.synsets[one].hypernyms:
                    if above not in steps:
                        steps[above] = steps[one] + 1
                        following.append(above)
            front = following
        return steps

    @functools.cache  # noqa: B019
    def depth(self, synset: str) -> int:
        """The number of steps to the root."""
        return max(self.ancestors(synset).values())

    def likeness(self, first: str, second: str) -> float:
        """Wu and Palmer's (1994) similarity of two senses, 0 to 1."""
        one, other = self.ancestors(first), self.ancestors(second)
        shared = one.keys() & other.keys()
        if not shared:
            return 0.0
        return max(2 * self.depth(s) / (2 * self.depth(s) + one[s] + other[s]) for s in shared)

    def is_a(self, first: str, second: str) -> bool:
        """Whether the first sense is a kind of the second."""
        return second in self.ancestors(first)


def _entries(path: Path):
    # The licence stands in front, its lines indented.
    with path.open() as lines:
        yield from (line for line in lines if not line.startswith(" "))


def _synset(line: str) -> tuple[str, Synset]:
    fields = line.split(" | ")[0].split()
    words = int(fields[3], 16)
    pointers = fields[5 + 2 * words :]
    hypernyms = [pointers[i + 1] for i in range(0, 4 * int(fields[4 + 2 * words]), 4)
                 if pointers[i] in ("@", "@i")]  # fmt: skip
    return fields[0], Synset(int(fields[1]), tuple(hypernyms))
