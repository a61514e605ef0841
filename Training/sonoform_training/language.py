"""The description language: what can be said, read from ``description_language.json``.

Everything here is data. What a sentence means is in ``descriptions.py``, what an object looks like
in ``shapes/``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

MAIN_COLOUR = "main"
PARTS_FOLLOW, ANOTHER_PART = "with", "and"
"""What joins an object and its parts in a description: "chair with three legs and red back"."""
ARTICLE, ARTICLE_BEFORE_VOWELS, VOWELS = "a", "an", "aeiou"

# English makes most plurals by rule; these words of the language do not follow it.
_IRREGULAR_PLURALS = {
    "bookshelf": "bookshelves",
    "fish": "fish",
    "leaf": "leaves",
    "snowman": "snowmen",
}
_IRREGULAR_SINGULARS = {"shelves": "shelf", "leaves": "leaf", "mattress": "mattress"}


def plural(noun: str) -> str:
    """Plural of an object's or a part's singular name ("wine glass" -> "wine glasses")."""
    if noun in _IRREGULAR_PLURALS:
        return _IRREGULAR_PLURALS[noun]
    if noun == "shelf":
        return "shelves"
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in VOWELS:
        return noun[:-1] + "ies"
    return noun + "s"


def singular(name: str) -> str:
    """Singular of a part's name, which the language file gives as it is usually said ("legs")."""
    if name in _IRREGULAR_SINGULARS:
        return _IRREGULAR_SINGULARS[name]
    return name[:-1] if name.endswith("s") else name


@dataclass(frozen=True)
class CountRange:
    """How many of a part there may be, and how many there are when nobody says."""

    min: int
    max: int
    default: int

    def numbers(self) -> range:
        """All of them."""
        return range(self.min, self.max + 1)


@dataclass(frozen=True)
class PartKind:
    """A part of an object. ``colour`` is a colour's name or ``"main"``."""

    name: str
    colour: str
    count: CountRange | None

    @property
    def singular(self) -> str:
        """One of it: "leg" for "legs"."""
        return singular(self.name)

    @property
    def plural(self) -> str:
        """Several of it: "sails" for "sail"."""
        return plural(self.singular)

    @property
    def said_in_singular(self) -> bool:
        """Whether the language names it in the singular ("handle", not "legs")."""
        return self.name == self.singular


@dataclass(frozen=True)
class ObjectKind:
    """An object of the language with its parts, in the file's order."""

    name: str
    synonyms: tuple[str, ...]
    natural_colour: str
    parts: dict[str, PartKind]
    geometry: str

    @property
    def nouns(self) -> tuple[str, ...]:
        """The name and its synonyms."""
        return (self.name, *self.synonyms)


@dataclass(frozen=True)
class Proportion:
    """A stretch of the canonical object along one axis ("x", "y" or "z")."""

    axis: str
    factor: float


@dataclass(frozen=True)
class Language:
    """The whole language file."""

    colours: dict[str, tuple[int, int, int]]
    sizes: dict[str, float]
    proportions: dict[str, Proportion]
    count_words: dict[str, int]
    copies: CountRange
    relations: tuple[str, ...]
    objects: dict[str, ObjectKind]

    def count_word(self, count: int) -> str:
        """The word for a count: 3 -> "three"."""
        return next(word for word, value in self.count_words.items() if value == count)

    def rgb(self, colour: str) -> tuple[float, float, float]:
        """A colour's red, green and blue in 0..1."""
        red, green, blue = self.colours[colour]
        return red / 255, green / 255, blue / 255


def _object_kind(name: str, entry: dict) -> ObjectKind:
    parts = {
        part: PartKind(
            name=part,
            colour=value["colour"],
            count=CountRange(**value["count"]) if "count" in value else None,
        )
        for part, value in entry["parts"].items()
    }
    return ObjectKind(
        name=name,
        synonyms=tuple(entry["synonyms"]),
        natural_colour=entry["natural_colour"],
        parts=parts,
        geometry=entry["geometry"],
    )


@cache
def load_language() -> Language:
    """Reads the language file that ships with the package (once)."""
    path = resources.files("sonoform_training") / "description_language.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    return Language(
        colours={name: tuple(rgb) for name, rgb in data["colours"].items()},
        sizes=dict(data["sizes"]),
        proportions={name: Proportion(**value) for name, value in data["proportions"].items()},
        count_words=dict(data["count_words"]),
        copies=CountRange(data["copies"]["min"], data["copies"]["max"], 1),
        relations=tuple(data["relations"]),
        objects={name: _object_kind(name, entry) for name, entry in data["objects"].items()},
    )
