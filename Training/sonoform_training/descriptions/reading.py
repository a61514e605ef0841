"""Reading a sentence: the inverse of ``drawing`` and of the canonical texts.

One pass over the words with a cursor; a rule that does not apply puts the cursor back. Hesitations
are dropped first, then the carrier at the front and the politeness at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from functools import cache

from ..language import ObjectKind, load_language, plural
from . import phrases
from .meaning import MAX_OBJECTS, Description, DescriptionError, Part, Scene

_NUMBERS = re.compile(r"\b(\d+)\b")


@cache
def _nouns() -> tuple[tuple[str, str, str, bool], ...]:
    """Every way to name an object: (words, object, noun, is plural), longest first."""
    entries = []
    for kind in load_language().objects.values():
        for noun in kind.nouns:
            entries.append((noun, kind.name, noun, False))
            if plural(noun) != noun:
                entries.append((plural(noun), kind.name, noun, True))
    return tuple(sorted(entries, key=lambda entry: -len(entry[0].split())))


@cache
def _relations() -> dict[str, str]:
    """Every way to say a relation but "and", longest first: words -> the language's relation."""
    said = {relation: relation for relation in load_language().relations if relation != "and"}
    said |= phrases.RELATION_WORDS
    return dict(sorted(said.items(), key=lambda item: -len(item[0].split())))


@cache
def _by_length(*groups: tuple[str, ...]) -> tuple[str, ...]:
    found = {phrase for group in groups for phrase in group if phrase}
    return tuple(sorted(found, key=lambda phrase: -len(phrase.split())))


class _Reader:
    """A cursor over the words of one sentence."""

    def __init__(self, text: str) -> None:
        counts = {str(value): word for word, value in load_language().count_words.items()}
        text = text.lower().replace("-", " ").replace("’", "'")
        text = _NUMBERS.sub(lambda match: f" {counts.get(match[1], match[1])} ", text)
        words = re.sub(r"[^a-z0-9' ]+", " ", text).split()
        self.words = phrases.spelled([w for w in words if w not in phrases.HESITATIONS])
        self.at = 0

    @property
    def word(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    @property
    def rest(self) -> str:
        return " ".join(self.words[self.at :])

    def take(self, *wanted: str) -> str | None:
        """Consumes the first of the phrases that comes next."""
        for phrase in wanted:
            parts = phrase.split()
            if parts and self.words[self.at : self.at + len(parts)] == parts:
                self.at += len(parts)
                return phrase
        return None

    def take_in(self, known: Container[str]) -> str | None:
        return self.take(self.word) if self.word and self.word in known else None

    def noun(self) -> tuple[str, str, bool] | None:
        for words, name, noun, is_plural in _nouns():
            if self.take(words):
                return name, noun, is_plural
        return None

    def strip(self) -> None:
        """Drops openers and the carrier at the front, politeness at the end."""
        front = _by_length(phrases.CARRIERS, phrases.HELD_OUT_CARRIERS, phrases.OPENERS)
        ends = [e.split() for e in _by_length(phrases.ENDINGS, phrases.HELD_OUT_ENDINGS)]
        while self.take(*front):
            pass
        while True:
            ending = next((e for e in ends if self.words[self.at :][-len(e) :] == e), None)
            if ending is None:
                return
            del self.words[-len(ending) :]


class _Object:
    """An object being read."""

    def __init__(self) -> None:
        self.copies = 1
        self.size = self.proportion = self.colour = None
        self.early: list[tuple[str, int | None, str | None]] = []
        self.noun = ""
        self.kind: ObjectKind | None = None
        self.parts: dict[str, Part] = {}

    def description(self) -> Description:
        return Description(
            object=self.kind.name, noun=self.noun, size=self.size, proportion=self.proportion,
            colour=self.colour, copies=self.copies, parts=tuple(self.parts.values()),
        )  # fmt: skip

    def add(self, part: Part) -> None:
        """A part; naming it again may fill in what was not said of it."""
        known = self.parts.get(part.name)
        if known is None:
            self.parts[part.name] = part
            return
        for new, old in ((part.count, known.count), (part.colour, known.colour)):
            if (new is None) == (old is None):
                raise DescriptionError(f"the {self.kind.name} names a part twice: {part.name}")
        self.parts[part.name] = Part(
            part.name, known.count or part.count, known.colour or part.colour
        )


def parse_description(text: str) -> Description:
    """Reads a sentence of the language that names one object, with or without a carrier.

    Raises DescriptionError (a ValueError) with one clear line for anything else.
    """
    scene = parse_scene(text)
    if len(scene.objects) > 1:
        raise DescriptionError(f"expected one object, got a scene of {len(scene.objects)}")
    return scene.objects[0]


def parse_scene(text: str) -> Scene:
    """Reads a sentence of the language: one object, or up to three with relations.

    Raises DescriptionError (a ValueError) with one clear line for anything else.
    """
    reader = _Reader(text)
    if not reader.words:
        raise DescriptionError("the description is empty")
    reader.strip()
    behind = _take_relation(reader) if reader.word in ("on", "next", "under", "above") else None
    objects, relations = [], []
    first, held = _take_object(reader)
    if behind is not None:
        # "on top of a table there is a cup"
        reader.take(*_by_length(phrases.CARRIERS))
        other, _ = _take_object(reader)
        objects, relations = [other.description(), first.description()], [behind]
    elif held is not None:
        # "a table with a cup on top of it"
        objects, relations = [held[0].description(), first.description()], [held[1]]
    else:
        objects.append(first.description())
    while reader.at < len(reader.words):
        relation = _take_relation(reader)
        if relation is None:
            raise DescriptionError(
                f"expected nothing after the {objects[-1].object}, got {reader.rest!r}"
            )
        one, held = _take_object(reader)
        if held is not None:
            raise DescriptionError(f"a {one.noun} has {', '.join(one.kind.parts)}")
        objects.append(one.description())
        relations.append(relation)
        if len(objects) > MAX_OBJECTS:
            break
    return Scene(tuple(objects), tuple(relations))


def _take_relation(reader: _Reader) -> str | None:
    start = reader.at
    reader.take(*_by_length(phrases.ATTRIBUTE_LINKS), "and it is", "put it", "and put it")
    reader.take(*_by_length(phrases.STANDING))
    said = reader.take(*_relations())
    if said:
        return _relations()[said]
    reader.at = start
    return "and" if reader.take("and") else None


def _take_object(reader: _Reader) -> tuple[_Object, tuple[_Object, str] | None]:
    """A noun phrase with what follows it, and an object said to be "on top of it"."""
    one = _noun_phrase(reader)
    while reader.at < len(reader.words):
        start = reader.at
        if _take_attributes_after(reader, one) or _take_parts_after(reader, one):
            continue
        reader.at = start
        held = _take_held(reader)
        if held is not None:
            return one, held
        if reader.take("with", "that has", "which has"):
            raise DescriptionError(
                f"a {one.kind.name} has {', '.join(one.kind.parts)}; got {reader.rest!r}"
            )
        break
    return one, None


def _noun_phrase(reader: _Reader) -> _Object:
    language = load_language()
    one = _Object()
    pair = reader.take(*phrases.PAIRS)
    if pair:
        one.copies = phrases.PAIRS[pair]
    else:
        reader.take(*phrases.ARTICLES)
        start = reader.at
        count = reader.take_in(language.count_words)
        if count:
            if _compound_follows(reader):
                reader.at = start
            else:
                one.copies = language.count_words[count]
    while _take_compound(reader, one) or _take_attribute(reader, one):
        before = reader.at
        if reader.take("and") and not (
            reader.word in _attribute_words() or reader.word in phrases.ADVERBS
        ):
            reader.at = before
            break
    noun = reader.noun()
    if noun is None:
        raise DescriptionError(
            f"expected an object of the language, got {reader.word or 'nothing'!r}"
        )
    one.kind, one.noun = language.objects[noun[0]], noun[1]
    for word, count, colour in one.early:
        name = phrases.PART_ADJECTIVES.get(word, word)
        part = next((p for p in one.kind.parts.values() if name in (p.name, p.singular)), None)
        if part is None:
            raise DescriptionError(f"a {one.kind.name} has no {name}")
        one.add(Part(part.name, count, colour))
    return one


@cache
def _attribute_words() -> frozenset[str]:
    language = load_language()
    return frozenset((*language.sizes, *language.proportions, *language.colours))


@cache
def _counted_singulars() -> frozenset[str]:
    return frozenset(
        part.singular
        for kind in load_language().objects.values()
        for part in kind.parts.values()
        if part.count
    )


def _compound_follows(reader: _Reader) -> bool:
    """After a count: "legged", or "leg" with a noun or an attribute behind it."""
    if reader.word in phrases.PART_ADJECTIVES:
        return True
    if reader.word not in _counted_singulars():
        return False
    start = reader.at
    reader.at += 1
    while reader.take_in(_attribute_words()):
        pass
    follows = reader.noun() is not None
    reader.at = start
    return follows


def _take_compound(reader: _Reader, one: _Object) -> bool:
    """ "three legged", "blue legged", "three blue legged", "five rung"."""
    language = load_language()
    start = reader.at
    word = reader.take_in(language.count_words)
    if word and _compound_follows(reader):
        one.early.append((reader.word, language.count_words[word], None))
        reader.at += 1
        return True
    colour = reader.take_in(language.colours)
    if colour and reader.word in phrases.PART_ADJECTIVES:
        one.early.append((reader.word, language.count_words[word] if word else None, colour))
        reader.at += 1
        return True
    reader.at = start
    return False


def _take_attribute(reader: _Reader, one: _Object) -> bool:
    language = load_language()
    start = reader.at
    reader.take(*phrases.ADVERBS)
    for name, known in (
        ("size", language.sizes),
        ("proportion", language.proportions),
        ("colour", language.colours),
    ):
        word = reader.take_in(known)
        if word is None:
            continue
        before = getattr(one, name)
        if before not in (None, word):
            raise DescriptionError(f"two words for the {name}: {before!r} and {word!r}")
        setattr(one, name, word)
        if name == "colour":
            reader.take("coloured", "in colour")
        elif name == "size":
            reader.take("in size", "sized")
        return True
    reader.at = start
    return False


def _take_attributes_after(reader: _Reader, one: _Object) -> bool:
    """ "that is red and tall", "in red", "and i want it red"."""
    start = reader.at
    if reader.take("in", "painted", "coloured", "all in"):
        if reader.word in load_language().colours:
            return _take_attribute(reader, one)
        reader.at = start
        return False
    linked = reader.take("and")
    links = _by_length(phrases.ATTRIBUTE_LINKS, phrases.MAKE_LINKS, phrases.WISH_LINKS)
    if reader.take(*links) and _take_attribute(reader, one):
        return _take_more(reader, one, _take_attribute)
    reader.at = start
    # "a chair red and tall" is only read where nothing else could be meant.
    return not linked and reader.word in _attribute_words() and _take_attribute(reader, one)


def _take_more(reader: _Reader, one: _Object, take: Callable[[_Reader, _Object], bool]) -> bool:
    """More of what was just taken, with or without "and" between, as long as there is any."""
    while True:
        before = reader.at
        reader.take("and")
        if not take(reader, one):
            reader.at = before
            return True


def _take_parts_after(reader: _Reader, one: _Object) -> bool:
    """ "with three blue legs and a red seat", "whose legs are blue and three in number"."""
    start = reader.at
    linked = reader.take("and")
    if reader.take("whose", "where the", "its", "their", "where") and _take_whose(reader, one):
        return True
    reader.at = start + (linked is not None)
    with_part = reader.take(*_by_length(phrases.PART_LINKS))
    if not with_part and not linked and not one.parts:
        reader.at = start
        return False
    if not _take_part(reader, one):
        reader.at = start
        return False
    return _take_more(reader, one, _take_part)


def _part_named(reader: _Reader, kind: ObjectKind) -> str | None:
    for part in kind.parts.values():
        if reader.take(part.name, part.plural, part.singular):
            return part.name
    return None


def _take_whose(reader: _Reader, one: _Object) -> bool:
    language = load_language()
    word = reader.take_in(language.count_words)
    name = _part_named(reader, one.kind)
    if name is None or not reader.take("is", "are"):
        return False
    count, colour, found = language.count_words[word] if word else None, None, False
    while True:
        before = reader.at
        reader.take("and", "all")
        if (said := reader.take_in(language.colours)) is not None:
            colour = said
            reader.take("coloured", "in colour")
        elif (said := reader.take_in(language.count_words)) and reader.take("in number"):
            count = language.count_words[said]
        else:
            reader.at = before
            break
        found = True
    if found:
        one.add(Part(name, count, colour))
    return found


def _take_part(reader: _Reader, one: _Object) -> bool:
    """A part phrase; False with the cursor where it was."""
    language = load_language()
    start = reader.at
    article = reader.take(*phrases.ARTICLES, "its", "their")
    word = reader.take_in(language.count_words)
    colour = reader.take_in(language.colours)
    if colour:
        reader.take("coloured")
    name = _part_named(reader, one.kind)
    if name is None:
        reader.at = start
        return False
    count = language.count_words[word] if word else None
    while True:
        before = reader.at
        late = reader.take("that are", "which are", "that is", "which is", "in", "all", "painted",
                           "coloured")  # fmt: skip
        if late and colour is None and (said := reader.take_in(language.colours)):
            colour = said
            reader.take("coloured", "in colour")
            continue
        reader.at = before
        if count is None and (said := reader.take_in(language.count_words)):
            if reader.take("of them", "in number", "in all"):
                count = language.count_words[said]
                continue
            reader.at = before
        break
    part = one.kind.parts[name]
    # "a leg" asks for one leg, but "a handle" and "a sail" only name what is there anyway.
    if count is None and article in ("a", "an") and part.count and part.count.default != 1:
        count = 1
    if count == 1 and part.count is None and part.said_in_singular:
        count = None
    one.add(Part(name, count, colour))
    reader.take("each")
    return True


def _take_held(reader: _Reader) -> tuple[_Object, str] | None:
    """ "with a lamp on top of it": the lamp and its relation."""
    start = reader.at
    try:
        if reader.take("with"):
            held = _noun_phrase(reader)
            relation = reader.take(*_relations())
            if relation and reader.take("it", "them"):
                return held, _relations()[relation]
    except DescriptionError:
        pass
    reader.at = start
    return None


__all__ = ["parse_description", "parse_scene"]
