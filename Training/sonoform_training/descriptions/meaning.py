"""What a sentence means: an object with its attributes and parts, or a scene of up to three."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from ..language import (
    ANOTHER_PART,
    MAIN_COLOUR,
    PARTS_FOLLOW,
    ObjectKind,
    PartKind,
    load_language,
    plural,
)

MAX_OBJECTS = 3
"""Objects named in a scene; copies of one count once."""

OBJECTS: tuple[str, ...] = tuple(load_language().objects)
"""Every object's name, in the language's order."""


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
    def stretch(self) -> tuple[float, float, float]:
        """Factors along x, y and z that the proportion stretches the medium object by."""
        factors = [1.0, 1.0, 1.0]
        if self.proportion is not None:
            proportion = load_language().proportions[self.proportion]
            factors["xyz".index(proportion.axis)] = proportion.factor
        return factors[0], factors[1], factors[2]

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
        return self._text(self.object if self.copies == 1 else plural(self.object))

    def block(self) -> str:
        """The words of the object's block in a reply: as ``text``, its noun always singular."""
        return self._text(self.object)

    def _text(self, noun: str) -> str:
        copies = None if self.copies == 1 else load_language().count_word(self.copies)
        words = [copies, self.size, self.proportion, self.colour, noun]
        phrases = [part_phrase(self.kind.parts[part.name], part) for part in self.parts]
        if phrases:
            words += [PARTS_FOLLOW, f" {ANOTHER_PART} ".join(phrases)]
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


def part_phrase(kind: PartKind, part: Part) -> str:
    """The canonical words of a part: "three blue legs", "yellow handle"."""
    if part.count is None:
        words = [part.colour, kind.name]
    else:
        name = kind.singular if part.count == 1 else kind.plural
        words = [load_language().count_word(part.count), part.colour, name]
    return " ".join(word for word in words if word)


@dataclass(frozen=True)
class Scene:
    """One to three objects; ``relations[i]`` says where ``objects[i]`` is from ``objects[i + 1]``.

    A chain: in "a cup on top of a table next to a chair" the cup is on the table and the table next
    to the chair. Copies of an object are one group, a row, and relations hold between the groups.
    """

    objects: tuple[Description, ...]
    relations: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Checks the relations and the number of objects."""
        known = load_language().relations
        if not 1 <= len(self.objects) <= MAX_OBJECTS:
            raise DescriptionError(f"{len(self.objects)} objects: expected 1 to {MAX_OBJECTS}")
        if len(self.relations) != len(self.objects) - 1:
            raise DescriptionError(
                f"{len(self.objects)} objects need {len(self.objects) - 1} relations, "
                f"got {len(self.relations)}"
            )
        for relation in self.relations:
            if relation not in known:
                raise DescriptionError(f"unknown relation {relation!r}")

    def text(self) -> str:
        """Canonical words without articles: "blue cube on top of table with six legs"."""
        words = [self.objects[0].text()]
        for relation, description in zip(self.relations, self.objects[1:], strict=True):
            words += [relation, description.text()]
        return " ".join(words)

    def blocks(self) -> list[str]:
        """The words of every object's block in a reply: ``Description.block``, then the relation
        to the object of the next block."""
        return [
            f"{description.block()} {relation}".strip()
            for description, relation in zip(self.objects, (*self.relations, ""), strict=True)
        ]

    def plain(self) -> Scene:
        """The same with the objects' own names for nouns ("sphere" for "ball")."""
        objects = tuple(replace(one, noun=one.object) for one in self.objects)
        return replace(self, objects=objects)


def _bucket(*key: str) -> int:
    """A stable number 0..99 for a combination, the same on every machine."""
    digest = hashlib.blake2b("|".join(key).encode(), digest_size=4).digest()
    return int.from_bytes(digest, "little") % 100


def is_held_out(meaning: Description | Scene) -> bool:
    """Whether training must never see this combination (it is kept for validation).

    About 10 % each of the (object, colour), (object, proportion), (object, part, colour), (object,
    number of copies) and (object, relation, object) combinations, of what is said: an unsaid
    natural colour holds nothing out.
    """
    if isinstance(meaning, Scene):
        pairs = zip(meaning.objects, meaning.relations, meaning.objects[1:], strict=False)
        return any(map(is_held_out, meaning.objects)) or any(
            _bucket("relation", one.object, relation, other.object) < 10
            for one, relation, other in pairs
        )
    combinations = []
    if meaning.colour:
        combinations.append(("colour", meaning.object, meaning.colour))
    if meaning.proportion:
        combinations.append(("proportion", meaning.object, meaning.proportion))
    if meaning.copies > 1:
        combinations.append(("copies", meaning.object, str(meaning.copies)))
    for part in meaning.parts:
        if part.colour:
            combinations.append(("part", meaning.object, part.name, part.colour))
    return any(_bucket(*combination) < 10 for combination in combinations)
