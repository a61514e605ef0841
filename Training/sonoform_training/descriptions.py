"""Descriptions: the structured meaning of "a tall red chair with three blue legs".

``parse_description`` reads a sentence, ``Description.text`` writes its canonical words,
``sample_description`` and ``sample_utterance`` draw training data. Single objects for now: copies
are represented, scenes of several objects are recognised and refused.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from .language import MAIN_COLOUR, ObjectKind, PartKind, load_language, plural

OBJECTS_FIRST_LIGHT: tuple[str, ...] = (
    "sphere", "cube", "box", "cone", "cylinder", "ring", "pyramid", "star",
    "chair", "table", "lamp", "mug", "tree", "house",
)  # fmt: skip

# The empty carrier is the plain noun phrase; it is the most frequent in `sample_utterance`.
CARRIERS: tuple[str, ...] = (
    "", "make", "please make", "draw", "please draw", "i want", "i would like", "i need",
    "show me", "create", "give me", "build", "make me", "can you make", "could you make",
)  # fmt: skip

_ARTICLES = ("a", "an", "the")
_FUNCTION_WORDS = (*_ARTICLES, "with", "and", "that", "which", "is", "are", "has", "have", "please")


class DescriptionError(ValueError):
    """A sentence outside the description language; the message is one line for a person."""


@dataclass(frozen=True)
class Part:
    """A part as said: ``name`` as in the language file; ``None`` is what was not said."""

    name: str
    count: int | None = None
    colour: str | None = None


@dataclass(frozen=True)
class ResolvedPart:
    """A part with nothing left open. ``count`` is None for parts that are not counted."""

    name: str
    count: int | None
    colour: str


@dataclass(frozen=True)
class Description:
    """One object (or ``copies`` equal ones). ``noun`` is the word said, ``object`` the meaning."""

    object: str
    noun: str = ""
    size: str | None = None
    proportion: str | None = None
    colour: str | None = None
    copies: int = 1
    parts: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        """Fills in the noun and checks every word against the language."""
        if not self.noun:
            object.__setattr__(self, "noun", self.object)
        language = load_language()
        if self.object not in language.objects:
            raise DescriptionError(f"unknown object {self.object!r}")
        for word, known in (
            (self.size, language.sizes),
            (self.proportion, language.proportions),
            (self.colour, language.colours),
        ):
            if word is not None and word not in known:
                raise DescriptionError(f"unknown word {word!r}, expected one of {', '.join(known)}")
        if self.copies != 1 and not language.copies.min <= self.copies <= language.copies.max:
            raise DescriptionError(
                f"{self.copies} copies: expected {language.copies.min} to {language.copies.max}"
            )
        named = [part.name for part in self.parts]
        if len(set(named)) < len(named):
            raise DescriptionError(f"the {self.object} names a part twice: {', '.join(named)}")
        for part in self.parts:
            _check_part(self.kind, part)

    @property
    def kind(self) -> ObjectKind:
        """The object's entry in the language."""
        return load_language().objects[self.object]

    @property
    def scale(self) -> float:
        """Size factor: 1.0 for a medium object."""
        return 1.0 if self.size is None else load_language().sizes[self.size]

    @property
    def main_colour(self) -> str:
        """The colour said, or the object's natural one."""
        return self.colour or self.kind.natural_colour

    def resolved(self) -> dict[str, ResolvedPart]:
        """Every part of the object, in the language's order, with its final colour and count."""
        said = {part.name: part for part in self.parts}
        resolved = {}
        for kind in self.kind.parts.values():
            part = said.get(kind.name, Part(kind.name))
            default = self.main_colour if kind.colour == MAIN_COLOUR else kind.colour
            count = None if kind.count is None else (part.count or kind.count.default)
            resolved[kind.name] = ResolvedPart(kind.name, count, part.colour or default)
        return resolved

    def text(self) -> str:
        """Canonical words without article: "tall red chair with three blue legs"."""
        noun = self.object if self.copies == 1 else plural(self.object)
        copies = None if self.copies == 1 else load_language().count_word(self.copies)
        words = [copies, self.size, self.proportion, self.colour, noun]
        phrases = [_part_phrase(self.kind.parts[part.name], part) for part in self.parts]
        if phrases:
            words += ["with", " and ".join(phrases)]
        return " ".join(word for word in words if word)


def _check_part(kind: ObjectKind, part: Part) -> None:
    language = load_language()
    if part.name not in kind.parts:
        raise DescriptionError(f"a {kind.name} has no {part.name}, but {', '.join(kind.parts)}")
    if part.colour is not None and part.colour not in language.colours:
        raise DescriptionError(f"unknown colour {part.colour!r}")
    count = kind.parts[part.name].count
    if part.count is None:
        return
    if count is None:
        raise DescriptionError(f"the number of a {kind.name}'s {part.name} cannot be chosen")
    if not count.min <= part.count <= count.max:
        raise DescriptionError(
            f"a {kind.name} has {count.min} to {count.max} {part.name}, not {part.count}"
        )


def _part_phrase(kind: PartKind, part: Part) -> str:
    if part.count is None:
        words = [part.colour, kind.name]
    else:
        name = kind.singular if part.count == 1 else kind.plural
        words = [load_language().count_word(part.count), part.colour, name]
    return " ".join(word for word in words if word)


# --- reading -------------------------------------------------------------------------------------


@cache
def _nouns() -> tuple[tuple[tuple[str, ...], str, str, bool], ...]:
    """Every way to name an object: (words, object, noun, is plural), longest first."""
    entries = []
    for kind in load_language().objects.values():
        for noun in kind.nouns:
            entries.append((tuple(noun.split()), kind.name, noun, False))
            if plural(noun) != noun:
                entries.append((tuple(plural(noun).split()), kind.name, noun, True))
    return tuple(sorted(entries, key=lambda entry: -len(entry[0])))


class _Reader:
    """A cursor over the words of one sentence."""

    def __init__(self, text: str) -> None:
        words = re.sub(r"[^a-z' ]+", " ", text.lower().replace("-", " ")).split()
        self.words = ["gray" if word == "grey" else word for word in words]
        self.at = 0

    @property
    def word(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def take(self, *phrases: str) -> str | None:
        """Consumes the first of the phrases that comes next."""
        for phrase in phrases:
            parts = phrase.split()
            if parts and self.words[self.at : self.at + len(parts)] == parts:
                self.at += len(parts)
                return phrase
        return None

    def take_in(self, known) -> str | None:
        return self.take(self.word) if self.word in known else None

    def noun(self) -> tuple[str, str, bool] | None:
        for words, name, noun, is_plural in _nouns():
            if self.take(" ".join(words)):
                return name, noun, is_plural
        return None


def parse_description(text: str) -> Description:
    """Reads a sentence of the language, with or without a carrier ("please make …").

    Raises DescriptionError (a ValueError) with one clear line for anything else.
    """
    language = load_language()
    reader = _Reader(text)
    if not reader.words:
        raise DescriptionError("the description is empty")
    while reader.take(*sorted(CARRIERS, key=len, reverse=True), "please"):
        pass
    copies = 1
    if not reader.take(*_ARTICLES):
        count = reader.take_in(language.count_words)
        copies = language.count_words[count] if count else 1

    attributes: dict[str, str | None] = {"size": None, "proportion": None, "colour": None}
    while _take_attribute(reader, attributes):
        pass
    noun = reader.noun()
    if noun is None:
        raise DescriptionError(
            f"expected an object of the language, got {reader.word or 'nothing'!r}"
        )
    kind = language.objects[noun[0]]
    parts: list[Part] = []
    while reader.at < len(reader.words):
        _take_modifier(reader, kind, attributes, parts)
    return Description(
        object=kind.name, noun=noun[1], copies=copies, parts=tuple(parts), **attributes
    )


def _take_attribute(reader: _Reader, attributes: dict[str, str | None]) -> bool:
    language = load_language()
    for name, known in (
        ("size", language.sizes),
        ("proportion", language.proportions),
        ("colour", language.colours),
    ):
        word = reader.take_in(known)
        if word is None:
            continue
        if attributes[name] not in (None, word):
            raise DescriptionError(f"two words for the {name}: {attributes[name]!r} and {word!r}")
        attributes[name] = word
        return True
    return False


def _take_modifier(
    reader: _Reader, kind: ObjectKind, attributes: dict[str, str | None], parts: list[Part]
) -> None:
    """One modifier after the noun: "that is red and tall", "with three blue legs and …"."""
    start = reader.at
    if reader.take("please"):
        return
    linked = reader.take("and")
    if reader.take("that is", "which is", "that are", "which are", "is", "are"):
        if not _take_attribute(reader, attributes):
            raise DescriptionError(f"expected a colour, size or proportion, got {reader.word!r}")
        while True:
            before = reader.at
            reader.take("and")
            if not _take_attribute(reader, attributes):
                reader.at = before
                return
    with_part = reader.take("with", "that has", "which has", "that have", "which have", "has")
    if (with_part or (parts and linked)) and (part := _take_part(reader, kind)):
        parts.append(part)
        while True:
            before = reader.at
            reader.take("and")
            part = _take_part(reader, kind)
            if part is None:
                reader.at = before
                return
            parts.append(part)
    if with_part:
        rest = " ".join(reader.words[reader.at :])
        raise DescriptionError(f"a {kind.name} has {', '.join(kind.parts)}; got {rest!r}")
    reader.at = start
    if reader.take(*load_language().relations):
        raise DescriptionError("scenes of several objects are not understood yet: name one object")
    raise DescriptionError(f"expected nothing after the {kind.name}, got {reader.word!r}")


def _take_part(reader: _Reader, kind: ObjectKind) -> Part | None:
    """A part phrase, or None with the cursor where it was."""
    language = load_language()
    start = reader.at
    article = reader.take(*_ARTICLES)
    word = None if article else reader.take_in(language.count_words)
    colour = reader.take_in(language.colours)
    for part in kind.parts.values():
        if reader.take(part.name, part.plural, part.singular):
            count = language.count_words[word] if word else None
            # "a leg" asks for one leg, but "a handle" and "a sail" only name what is there anyway.
            if article in ("a", "an") and part.count is not None and part.count.default != 1:
                count = 1
            if count == 1 and part.count is None and part.said_in_singular:
                count = None
            return Part(part.name, count, colour)
    reader.at = start
    return None


# --- drawing training data -----------------------------------------------------------------------


def _bucket(*key: str) -> int:
    """A stable number 0..99 for a combination, the same on every machine."""
    digest = hashlib.blake2b("|".join(key).encode(), digest_size=4).digest()
    return int.from_bytes(digest, "little") % 100


def is_held_out(description: Description) -> bool:
    """Whether training must never see this combination (it is kept for validation).

    About 10 % each of the (object, colour), (object, proportion) and (object, part, colour) pairs,
    of what is said: an unsaid natural colour holds nothing out.
    """
    combinations = []
    if description.colour:
        combinations.append(("colour", description.object, description.colour))
    if description.proportion:
        combinations.append(("proportion", description.object, description.proportion))
    for part in description.parts:
        if part.colour:
            combinations.append(("part", description.object, part.name, part.colour))
    return any(_bucket(*combination) < 10 for combination in combinations)


def sample_description(
    rng: random.Random, objects: Sequence[str] = OBJECTS_FIRST_LIGHT
) -> Description:
    """Draws one single-object description; repeat a name in ``objects`` to draw it more often."""
    language = load_language()
    kind = language.objects[rng.choice(objects)]

    def maybe(probability: float, choices) -> str | None:
        return rng.choice(list(choices)) if rng.random() < probability else None

    noun = kind.name
    if kind.synonyms and rng.random() < 0.4:
        noun = rng.choice(kind.synonyms)
    return Description(
        object=kind.name,
        noun=noun,
        size=maybe(0.3, language.sizes),
        proportion=maybe(0.4, language.proportions),
        colour=maybe(0.65, language.colours),
        parts=_sample_parts(rng, kind),
    )


def _sample_parts(rng: random.Random, kind: ObjectKind) -> tuple[Part, ...]:
    # An object that is a single body has nothing worth naming.
    candidates = [part for part in kind.parts.values() if part.count or len(kind.parts) > 1]
    if kind.name == "star":
        candidates = [kind.parts["points"]]
    if not candidates or rng.random() < 0.4:
        return ()
    # Counted parts are what a listener most wants to choose, and the hardest to generate.
    weights = [2.0 if part.count else 1.0 for part in candidates]
    wanted = 1 if rng.random() < 0.7 else 2
    chosen: list[PartKind] = []
    while len(chosen) < min(wanted, len(candidates)):
        part = rng.choices(candidates, weights)[0]
        if part not in chosen:
            chosen.append(part)
    colours = list(load_language().colours)
    parts = []
    for part in chosen:
        count = colour = None
        if part.count and rng.random() < 0.75:
            count = rng.randint(part.count.min, part.count.max)
        if rng.random() < (0.5 if count else 0.95):
            colour = rng.choice(colours)
        parts.append(Part(part.name, count, colour))
    return tuple(parts)


def sample_utterance(rng: random.Random, description: Description) -> str:
    """One way to say the description: lower-case words with single spaces.

    Carrier, article, word order and synonyms vary; ``parse_description`` reads all of them back.
    """
    before = [w for w in (description.size, description.proportion, description.colour) if w]
    after: list[str] = []
    if before and rng.random() < 0.15:
        # "a chair that is red and tall": some or all attributes move behind the noun.
        after = rng.sample(before, rng.randint(1, len(before)))
        before = [word for word in before if word not in after]
    elif len(before) > 1 and rng.random() < 0.1:
        rng.shuffle(before)
    several = description.copies > 1
    noun = plural(description.noun) if several else description.noun
    phrase = " ".join([*before, noun])
    if several:
        phrase = f"{load_language().count_word(description.copies)} {phrase}"
    elif rng.random() < 0.9:
        phrase = f"{_article(phrase)} {phrase}"
    elif rng.random() < 0.3:
        phrase = f"the {phrase}"
    if after:
        phrase += f" that {'are' if several else 'is'} {' and '.join(after)}"
    if description.parts:
        parts = [_utter_part(rng, description.kind.parts[p.name], p) for p in description.parts]
        link = "with"
        if not after and rng.random() < 0.1:
            link = "that have" if several else "that has"
        phrase += f" {link} {' and '.join(parts)}"
    carrier = "" if rng.random() < 0.3 else rng.choice(CARRIERS)
    words = f"{carrier} {phrase}".strip()
    if "please" not in words and rng.random() < 0.05:
        words += " please"
    return re.sub(r"\bgray\b", lambda _: rng.choice(("gray", "grey")), words)


def _utter_part(rng: random.Random, kind: PartKind, part: Part) -> str:
    phrase = _part_phrase(kind, part)
    if part.count == 1 and kind.count is not None and kind.count.default != 1:
        _, rest = phrase.split(" ", 1)
        return phrase if rng.random() < 0.5 else f"{_article(rest)} {rest}"
    if part.count is None and kind.said_in_singular and rng.random() < 0.95:
        return f"{_article(phrase)} {phrase}"
    return phrase


def _article(phrase: str) -> str:
    return "an" if phrase[0] in "aeio" or phrase.startswith("umbrella") else "a"


@cache
def vocabulary() -> tuple[str, ...]:
    """Every word of the whole language file with the function words and carriers, sorted."""
    language = load_language()
    phrases: list[str] = [*_FUNCTION_WORDS, *CARRIERS, *language.relations, "grey"]
    for words in (language.colours, language.sizes, language.proportions, language.count_words):
        phrases += words
    for kind in language.objects.values():
        for noun in kind.nouns:
            phrases += [noun, plural(noun)]
        for part in kind.parts.values():
            phrases += [part.name]
            if part.count is not None or not part.said_in_singular:
                phrases += [part.singular, part.plural]
    return tuple(sorted({word for phrase in phrases for word in phrase.split()}))
