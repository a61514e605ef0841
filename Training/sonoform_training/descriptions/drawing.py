"""Drawing training data: meanings, and the many ways to say them.

``sample_utterance`` composes hesitations, openers, carriers, articles, word orders and endings; it
draws again whenever ``parse_scene`` does not read back what was meant, so that an ambiguous
sentence is never trained on.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..language import ObjectKind, PartKind, load_language, plural
from . import phrases
from .meaning import (
    OBJECTS,
    Description,
    DescriptionError,
    Part,
    Scene,
    part_phrase,
)
from .reading import parse_scene


def sample_description(rng: random.Random, objects: Sequence[str] = OBJECTS) -> Description:
    """Draws one single-object description; repeat a name in ``objects`` to draw it more often."""
    return _described(rng, objects, said=1.0)


def _described(rng: random.Random, objects: Sequence[str], said: float) -> Description:
    """``said`` scales how much is said of the object."""
    language = load_language()
    kind = language.objects[rng.choice(objects)]

    def maybe(probability: float, choices) -> str | None:
        return rng.choice(list(choices)) if rng.random() < probability * said else None

    noun = kind.name
    if kind.synonyms and rng.random() < 0.4:
        noun = rng.choice(kind.synonyms)
    return Description(
        object=kind.name,
        noun=noun,
        size=maybe(0.3, language.sizes),
        proportion=maybe(0.4, language.proportions),
        colour=maybe(0.65, language.colours),
        parts=_sample_parts(rng, kind) if rng.random() < said else (),
    )


def _sample_parts(rng: random.Random, kind: ObjectKind) -> tuple[Part, ...]:
    # An object that is a single body has nothing worth naming.
    candidates = [part for part in kind.parts.values() if part.count or len(kind.parts) > 1]
    if kind.name == "star":
        candidates = [kind.parts["points"]]
    if not candidates or rng.random() < 0.35:
        return ()
    # Counted parts are what a listener most wants to choose, and the hardest to generate.
    weights = [2.0 if part.count else 1.0 for part in candidates]
    wanted = rng.choices((1, 2, 3), (0.68, 0.25, 0.07))[0]
    chosen: list[PartKind] = []
    while len(chosen) < min(wanted, len(candidates)):
        part = rng.choices(candidates, weights)[0]
        if part not in chosen:
            chosen.append(part)
    colours = list(load_language().colours)
    parts = []
    for part in chosen:
        count = colour = None
        if part.count and rng.random() < 0.85:
            count = rng.randint(part.count.min, part.count.max)
        if rng.random() < (0.5 if count else 0.95):
            colour = rng.choice(colours)
        parts.append(Part(part.name, count, colour))
    return tuple(parts)


# Directions of the relations, to leave out chains that fold back onto themselves: in "a cup next to
# a plate to the left of a bowl" cup and bowl would stand in one place.
_DIRECTIONS = {
    "on top of": "+z", "above": "+z", "under": "-z", "next to": "+x", "to the left of": "-x",
    "to the right of": "+x", "in front of": "-y", "behind": "+y", "and": "-x",
}  # fmt: skip


def _folds(first: str, second: str) -> bool:
    one, other = _DIRECTIONS[first], _DIRECTIONS[second]
    return one[1] == other[1] and one[0] != other[0]


def sample_scene(
    rng: random.Random,
    objects: Sequence[str] = OBJECTS,
    count: int | None = None,
    copies: float = 0.15,
) -> Scene:
    """Draws a scene of ``count`` objects (1 to 3, else drawn); ``copies`` is the share of several.

    The more objects, the less is said of each.
    """
    count = count or rng.choices((1, 2, 3), (0.6, 0.27, 0.13))[0]
    relations = list(load_language().relations)
    while True:
        described = []
        for _ in range(count):
            one = _described(rng, objects, said=(1.0, 0.65, 0.45)[count - 1])
            if rng.random() < copies:
                one = _with_copies(one, rng.choices((2, 3, 4, 5), (4, 3, 2, 2))[0])
            described.append(one)
        between = [rng.choice(relations) for _ in range(count - 1)]
        if count == 3 and _folds(*between):
            continue
        scene = Scene(tuple(described), tuple(between))
        try:
            if parse_scene(scene.text()) == scene.plain():
                return scene
        except DescriptionError:
            pass


def _with_copies(one: Description, copies: int) -> Description:
    return Description(
        one.object, one.noun, one.size, one.proportion, one.colour, copies, one.parts
    )


# --- saying it -----------------------------------------------------------------------------------


def sample_utterance(
    rng: random.Random, meaning: Description | Scene, held_out: bool = False
) -> str:
    """One way to say it: lower-case words with single spaces. ``parse_scene`` reads it back.

    ``held_out`` says it with carriers, endings or orders that training never hears.
    """
    scene = meaning if isinstance(meaning, Scene) else Scene((meaning,))
    for _ in range(50):
        words = _utter(rng, scene, held_out)
        if not held_out and phrases.is_held_out_phrasing(words):
            continue
        try:
            if parse_scene(words) == scene:
                return words
        except DescriptionError:
            pass
    return " ".join(_plainly(scene))


def _plainly(scene: Scene) -> list[str]:
    """The plainest way to say a scene, with the nouns meant and no articles."""
    words: list[str] = []
    for index, one in enumerate(scene.objects):
        noun = one.noun if one.copies == 1 else plural(one.noun)
        words += one.text().replace(one.object, noun, 1).split()
        words += scene.relations[index].split() if index < len(scene.relations) else []
    return words


def _utter(rng: random.Random, scene: Scene, held_out: bool) -> str:
    orders = held_out and rng.random() < 0.5
    said = [_noun_phrase(rng, one, orders) for one in scene.objects]
    carriers, endings = phrases.CARRIERS, phrases.ENDINGS
    if held_out and not orders:
        carriers = phrases.HELD_OUT_CARRIERS
        endings = phrases.HELD_OUT_ENDINGS if rng.random() < 0.3 else endings
    bare = rng.random() < (0.05 if held_out and not orders else 0.28)
    carrier = "" if bare else rng.choice(carriers)
    single = len(scene.objects) == 2 and all(one.copies == 1 for one in scene.objects)
    if single and rng.random() < 0.05 and scene.relations[0] != "and" and not said[0].late:
        # "a table with a cup on top of it"
        relation = _relation(rng, scene.relations[0])
        words = f"{said[1].text} with {said[0].text} {relation} it"
    elif single and rng.random() < 0.05 and scene.relations[0] in ("on top of", "next to"):
        words, carrier = f"{scene.relations[0]} {said[1].text} there is {said[0].text}", ""
    else:
        words = said[0].text
        for relation, one in zip(scene.relations, said[1:], strict=True):
            if relation != "and" and rng.random() < 0.1:
                words += rng.choice((" that is", " which is", " standing", " sitting", " placed"))
            words += f" {_relation(rng, relation)} {one.text}"
    words = f"{carrier} {words}".strip()
    if rng.random() < 0.08:
        words = f"{rng.choice(phrases.OPENERS)} {words}"
    if rng.random() < (0.3 if endings is phrases.HELD_OUT_ENDINGS else 0.1):
        words = f"{words} {rng.choice(endings)}"
    split = words.split()
    for _ in range(2):
        if rng.random() < 0.05:
            split.insert(rng.randint(0, len(split)), rng.choice(phrases.HESITATIONS))
    if rng.random() < 0.2:
        split = ["grey" if word == "gray" else word for word in split]
    return " ".join(split)


def _relation(rng: random.Random, relation: str) -> str:
    others = phrases.SAID_RELATION_WORDS.get(relation, ())
    return rng.choice(others) if others and rng.random() < 0.12 else relation


@dataclass
class _Phrase:
    """A noun phrase being composed: words before the noun, the noun, what comes after it."""

    one: Description
    noun: str
    before: list[str]
    parts: list[Part] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    late: bool = False
    text: str = ""

    @property
    def several(self) -> bool:
        return self.one.copies > 1

    def finish(self, rng: random.Random) -> _Phrase:
        """Adds the article or number and the parts not said yet."""
        words = " ".join([*self.before, self.noun])
        if self.several:
            count = load_language().count_word(self.one.copies)
            if self.one.copies == 2 and rng.random() < 0.1:
                count = rng.choice(list(phrases.PAIRS))
            elif rng.random() < 0.08:
                count = f"the {count}"
            words = f"{count} {words}"
        else:
            draw = rng.random()
            first_counts = words.split()[0] in load_language().count_words
            article = _article(words)
            if draw < 0.06:
                article = "the"
            elif draw < 0.08 and not first_counts:
                article = "one"
            elif draw < 0.10:
                article = "some"
            elif draw < 0.11:
                article = "a"
            elif draw < 0.17 and not first_counts:
                article = ""
            words = f"{article} {words}".strip()
        tail = list(self.after)
        if self.parts:
            tail.append(_parts_phrase(rng, self))
        self.late = bool(tail)
        self.text = " ".join([words, *tail])
        return self


def _noun_phrase(rng: random.Random, one: Description, held_out: bool = False) -> _Phrase:
    noun = plural(one.noun) if one.copies > 1 else one.noun
    before = [w for w in (one.size, one.proportion, one.colour) if w]
    phrase = _Phrase(one, noun, before, list(one.parts))
    possible = [name for name, (fits, _, _) in _ORDERS.items()
                if (name in phrases.HELD_OUT_ORDERS) == held_out and fits(phrase)]  # fmt: skip
    if possible and (held_out or rng.random() < 0.5):
        weights = [_ORDERS[name][1] for name in possible]
        _ORDERS[rng.choices(possible, weights)[0]][2](rng, phrase)
    if phrase.before and rng.random() < 0.03:
        at = rng.randrange(len(phrase.before))
        if phrase.before[at] not in load_language().colours:
            phrase.before.insert(at, rng.choice(phrases.ADVERBS[:3]))
    return phrase.finish(rng)


def _link(rng: random.Random, phrase: _Phrase) -> str:
    if phrase.several:
        return rng.choice(("that are", "that are", "which are", "and they are"))
    return rng.choice(("that is", "that is", "which is", "that's", "and it is"))


def _moved(rng: random.Random, phrase: _Phrase) -> str:
    """Takes some or all attributes from before the noun: "red and tall"."""
    moved = rng.sample(phrase.before, rng.randint(1, len(phrase.before)))
    phrase.before = [word for word in phrase.before if word not in moved]
    return " and ".join(moved)


def _that_is(rng: random.Random, phrase: _Phrase) -> None:
    """ "a chair that is red and tall": some or all attributes behind the noun."""
    moved = _moved(rng, phrase)
    phrase.after.append(f"{_link(rng, phrase)} {moved}")


def _shuffled(rng: random.Random, phrase: _Phrase) -> None:
    rng.shuffle(phrase.before)


def _joined(rng: random.Random, phrase: _Phrase) -> None:
    """ "a big and red chair"."""
    phrase.before.insert(len(phrase.before) - 1, "and")


def _in_colour(rng: random.Random, phrase: _Phrase) -> None:
    """ "a chair in red", "a red coloured chair", "a chair painted red"."""
    colour = phrase.one.colour
    if rng.random() < 0.3:
        phrase.before.insert(phrase.before.index(colour) + 1, "coloured")
        return
    phrase.before.remove(colour)
    phrase.after.append(f"{rng.choice(('in', 'painted', 'coloured'))} {colour}")


def _make_it(rng: random.Random, phrase: _Phrase) -> None:
    """ "a chair and make it red"."""
    phrase.after.append(f"and make it {_moved(rng, phrase)}")


def _wish(rng: random.Random, phrase: _Phrase) -> None:
    """ "a chair and i want it red", "a chair i'd like it tall and red"."""
    moved = _moved(rng, phrase)
    link = f"{rng.choice(('and ', 'and ', ''))}{rng.choice(phrases.WISH_LINKS)}"
    phrase.after.append(f"{link} {moved}")


def _compound(rng: random.Random, phrase: _Phrase) -> None:
    """ "a three legged chair", "a five rung ladder", "a yellow handled mug"."""
    part = rng.choice(_compoundable(phrase))
    kind = phrase.one.kind.parts[part.name]
    ends = {name: word for word, name in phrases.PART_ADJECTIVES.items()}
    word = kind.singular if rng.random() < 0.4 or part.name not in ends else ends[part.name]
    if part.colour:
        word = ends[part.name]
    said = [load_language().count_word(part.count)] if part.count else []
    said += [part.colour] if part.colour else []
    at = rng.choice((0, len(phrase.before)))
    phrase.before[at:at] = [*said, word]
    phrase.parts = [other for other in phrase.parts if other is not part]


def _compoundable(phrase: _Phrase) -> list[Part]:
    ends = phrases.PART_ADJECTIVES.values()
    return [part for part in phrase.parts
            if (part.count and not part.colour) or (part.colour and part.name in ends)]  # fmt: skip


def _whose(rng: random.Random, phrase: _Phrase) -> None:
    """ "a chair whose legs are blue and three in number"."""
    part = phrase.parts.pop(0)
    kind = phrase.one.kind.parts[part.name]
    name = kind.name if part.count != 1 else kind.singular
    be = "is" if name == kind.singular and part.count in (None, 1) else "are"
    said = [part.colour] if part.colour else []
    said += [f"{load_language().count_word(part.count)} in number"] if part.count else []
    rng.shuffle(said)
    phrase.after.append(f"whose {name} {be} {' and '.join(said)}")


def _part_is(rng: random.Random, phrase: _Phrase) -> None:
    """ "a house where the roof is blue", "a table and its three legs are red"."""
    part = phrase.parts.pop(rng.randrange(len(phrase.parts)))
    if not part.colour:
        phrase.parts.insert(0, part)
        return
    kind = phrase.one.kind.parts[part.name]
    bare = part_phrase(kind, Part(part.name, part.count))
    be = "is" if part.count == 1 or (part.count is None and kind.said_in_singular) else "are"
    start = rng.choice(("where the", "and its")) if part.count is None else "whose"
    phrase.after.append(f"{start} {bare} {be} {part.colour}")


def _number_of_them(rng: random.Random, phrase: _Phrase) -> None:
    """ "with blue legs three of them", "with legs three in number"."""
    index = next(i for i, part in enumerate(phrase.parts) if (part.count or 0) > 1)
    part = phrase.parts.pop(index)
    name = f"{part.colour or ''} {phrase.one.kind.parts[part.name].plural}".strip()
    count = load_language().count_word(part.count)
    phrase.after.append(f"with {name} {count} {rng.choice(('of them', 'in number'))}")


def _coloured_later(rng: random.Random, phrase: _Phrase) -> None:
    """ "with three legs that are blue", "with a roof in red"."""
    index = next(i for i, part in enumerate(phrase.parts) if part.colour)
    part = phrase.parts.pop(index)
    kind = phrase.one.kind.parts[part.name]
    bare = _utter_part(rng, kind, Part(part.name, part.count))
    one = part.count == 1 or (part.count is None and kind.said_in_singular)
    late = rng.choice(("that is" if one else "that are", "in", "in", "painted"))
    phrase.after.append(f"with {bare} {late} {part.colour}")


_Order = tuple[Callable[[_Phrase], bool], float, Callable[[random.Random, _Phrase], None]]
# name: whether it fits, how often, and what it does to the phrase.
_ORDERS: dict[str, _Order] = {
    "that is": (lambda p: bool(p.before), 3.0, _that_is),
    "shuffled": (lambda p: len(p.before) > 1, 2.0, _shuffled),
    "joined": (lambda p: len(p.before) > 1, 0.7, _joined),
    "in colour": (lambda p: bool(p.one.colour), 0.8, _in_colour),
    "make it": (lambda p: bool(p.before) and p.one.copies == 1, 1.0, _make_it),
    "wish": (lambda p: bool(p.before) and p.one.copies == 1, 1.2, _wish),
    "compound": (lambda p: bool(_compoundable(p)), 3.0, _compound),
    "whose": (lambda p: bool(p.parts), 1.0, _whose),
    "part is": (lambda p: any(part.colour for part in p.parts), 1.2, _part_is),
    "number of them": (lambda p: any((q.count or 0) > 1 for q in p.parts), 1.0, _number_of_them),
    "coloured later": (lambda p: any(part.colour for part in p.parts), 1.2, _coloured_later),
}


def _parts_phrase(rng: random.Random, phrase: _Phrase) -> str:
    """ "with a red roof two blue windows and a brown door"."""
    kinds = phrase.one.kind.parts
    parts = [_utter_part(rng, kinds[part.name], part) for part in phrase.parts]
    link = "with"
    if not phrase.after and rng.random() < 0.15:
        link = rng.choice(("that have", "having", "each with") if phrase.several
                          else ("that has", "which has", "having", "it has"))  # fmt: skip
    elif phrase.after:
        link = rng.choice(("with", "and with", "and it has" if not phrase.several else "with"))
        if not phrase.several and rng.random() < 0.25:
            link = f"and {rng.choice(phrases.WISHED_PARTS)}"
    if len(parts) > 2 and rng.random() < 0.6:
        return f"{link} {' '.join(parts[:-1])} and {parts[-1]}"
    said = f"{link} {' and '.join(parts)}"
    return f"{said} each" if phrase.several and rng.random() < 0.1 else said


def _utter_part(rng: random.Random, kind: PartKind, part: Part) -> str:
    phrase = part_phrase(kind, part)
    if part.count == 1 and kind.count is not None and kind.count.default != 1:
        _, rest = phrase.split(" ", 1)
        return phrase if rng.random() < 0.5 else f"{_article(rest)} {rest}"
    if part.count is None and kind.said_in_singular and rng.random() < 0.95:
        return f"{_article(phrase)} {phrase}"
    return phrase


def _article(phrase: str) -> str:
    if phrase.split()[0] in ("one",):
        return "a"
    return "an" if phrase[0] in "aeio" or phrase.startswith("umbrella") else "a"
