"""What the language model trains on: words said, the transcript wanted, the scene meant or none.

The mixture keeps one rule: what the generator cannot make ends in <none>. A transcript holds the
words up to the first unknown one when there is nothing to make; when there is, unknown words beside
the description ("computer, make a red chair") are left out.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ..descriptions import (
    CARRIERS,
    ENDINGS,
    FUNCTION_WORDS,
    OPENERS,
    Description,
    DescriptionError,
    Scene,
    is_held_out,
    is_held_out_phrasing,
    parse_scene,
    sample_scene,
    sample_utterance,
    spelled,
    vocabulary,
)
from ..language import load_language, plural
from ..speech.open_vocabulary import ADJECTIVES, PEOPLE, THINGS, sample_other
from .tokenizer import words_of_the_model

ALL_OBJECTS: tuple[str, ...] = tuple(load_language().objects)
_KNOWN = frozenset(words_of_the_model())
_LANGUAGE_WORDS = tuple(vocabulary())
_NOUNS = frozenset(
    word
    for kind in load_language().objects.values()
    for name in kind.nouns
    for word in (*name.split(), *plural(name).split())
)


@dataclass(frozen=True)
class Example:
    """``said`` as spoken or typed; ``scene`` is None when the reply is <none>."""

    said: tuple[str, ...]
    transcript: tuple[str, ...]
    scene: Scene | None = None


def makeable(scene: Scene, objects: Sequence[str] = ALL_OBJECTS) -> bool:
    """Whether the generator in training makes every object of it."""
    return all(one.object in objects for one in scene.objects)


def example_of(text: str, objects: Sequence[str] = ALL_OBJECTS) -> Example:
    """The example of a sentence, also of a recording's text."""
    said = tuple(text.split())
    try:
        scene = parse_scene(text)
    except DescriptionError:
        return refused(said)
    return meant(said, scene) if makeable(scene, objects) else refused(said)


def refused(said: Sequence[str]) -> Example:
    """Nothing to make: the known words before the first unknown one."""
    known = next((i for i, word in enumerate(said) if word not in _KNOWN), len(said))
    return Example(tuple(said), tuple(spelled(list(said[:known]))))


def meant(said: Sequence[str], scene: Scene) -> Example:
    """A scene: the known words."""
    return Example(tuple(said), tuple(spelled([word for word in said if word in _KNOWN])), scene)


class Mixture:
    """Draws examples; the shares are of all examples, the rest describes a scene to make."""

    REFUSED = 0.22
    COUNTS = (0.45, 0.32, 0.23)
    """Of the descriptions, those of one, two and three objects: the longer are the harder."""

    MIXED_CARRIERS = 0.25
    """Of the descriptions to make, those behind a carrier of two halves."""

    FILLED = 0.2
    """Of the descriptions to make, those with words that mean nothing here or there in them: what
    was said is to be heard, not to be guessed from what is usually said."""

    def __init__(
        self,
        seed: int,
        objects: Sequence[str] = ALL_OBJECTS,
        held_out: bool = False,
    ) -> None:
        """``held_out`` draws combinations and phrasings that training never has."""
        self.rng = random.Random(seed)
        self.objects = tuple(objects)
        self.held_out = held_out
        self.others = tuple(name for name in ALL_OBJECTS if name not in self.objects)

    def draw(self) -> Example:
        """One example."""
        if self.rng.random() < self.REFUSED:
            return self._nothing()
        return self.described()

    def scene(self, count: int | None = None, objects: Sequence[str] | None = None) -> Scene:
        """A scene that is held out, or is not."""
        while True:
            drawn = count or self.rng.choices((1, 2, 3), self.COUNTS)[0]
            scene = sample_scene(self.rng, objects or self.objects, drawn)
            if is_held_out(scene) == self.held_out:
                return scene

    def utterance(self, meaning: Description | Scene) -> list[str]:
        """Words for it, phrased in ways held out from training as well when the meaning is."""
        return sample_utterance(self.rng, meaning, self.held_out).split()

    def described(self) -> Example:
        """A scene to make, now and then with strangers around the sentence."""
        rng = self.rng
        scene = self.scene()
        words = self.utterance(scene)
        if not self.held_out and rng.random() < self.MIXED_CARRIERS:
            words = [*self._mixed_carrier(), *_without_carrier(words)]
        if not self.held_out and rng.random() < self.FILLED:
            words = self._filled(words)
        if rng.random() < 0.04:
            name = [rng.choice((*PEOPLE, *THINGS))]
            words = rng.choice((["hey", *name, *words], [*name, *words], [*words, "for", *name]))
        return meant(words, scene)

    def _mixed_carrier(self) -> list[str]:
        """The beginning of one carrier and the end of another: what precedes a description need
        not be one of a list. Carriers that are kept for validation never come of it."""
        while True:
            first, second = (self.rng.choice(CARRIERS).split() for _ in range(2))
            words = first[: self.rng.randint(0, len(first))]
            words += second[self.rng.randint(0, len(second)) :]
            if not is_held_out_phrasing(" ".join((*words, "a", "cube"))):
                return words

    def _filled(self, words: list[str]) -> list[str]:
        """One to three inert words before, in or behind it, never as validation says them."""
        while True:
            fill = self.rng.choices(_INERT, k=self.rng.choice((1, 1, 2, 3)))
            at = self.rng.randint(0, len(words))
            filled = [*words[:at], *fill, *words[at:]]
            if not is_held_out_phrasing(" ".join(filled)):
                return filled

    def _nothing(self) -> Example:
        draw = self.rng.choices(
            (self._other_object, self._unknown_object, self._other_speech, self._unfinished,
             self._impossible),
            (4 if self.others else 0, 7, 9, 6, 4),
        )[0]  # fmt: skip
        return draw()

    def _other_object(self) -> Example:
        """An object of the language outside the scope (its words are known)."""
        return refused(self.utterance(self.scene(1, self.others)))

    def _unknown_object(self) -> Example:
        """A description whose noun, or another word that matters, is no word of the language."""
        rng = self.rng
        scene = self.scene()
        words = self.utterance(scene)
        first = len(words) - len(_without_carrier(words))
        spots = [i for i in range(first, len(words))
                 if words[i] in _LANGUAGE_WORDS and words[i] not in _FUNCTION]  # fmt: skip
        nouns = [i for i in spots if words[i] in _NOUNS]
        at = rng.choice(nouns if nouns and rng.random() < 0.7 else spots or [len(words) - 1])
        words[at] = rng.choice((*THINGS, *PEOPLE, *ADJECTIVES))
        return example_of(" ".join(words), self.objects)

    def _other_speech(self) -> Example:
        while True:
            text = sample_other(self.rng, pseudo_words=self.rng.random() < 0.5)
            if len(text.split()) <= 20:
                return refused(text.split())

    def _unfinished(self) -> Example:
        """Words of the language without an object: a cut sentence, a carrier, loose attributes;
        now and then a scene that ends in its relation."""
        rng = self.rng
        if rng.random() < 0.2:
            scene = self.scene(1)
            relation = rng.choice([r for r in load_language().relations if r != "and"])
            words = [*self.utterance(scene), *relation.split()]
            return example_of(" ".join(words), self.objects)
        words = self.utterance(self.scene(1))
        first = next((i for i, word in enumerate(words) if word in _NOUNS), len(words))
        kind = rng.random()
        if kind < 0.5:
            words = words[: rng.randint(1, max(1, first))]
        elif kind < 0.7:
            words = words[first + 1 :] or words[:first]
        elif kind < 0.85:
            words = [word for i, word in enumerate(words) if i != first]
        else:
            language = load_language()
            loose = (*language.colours, *language.sizes, *language.proportions, "and", "a", "um")
            words = [rng.choice(loose) for _ in range(rng.randint(1, 5))]
        return refused([word for word in words if word not in _NOUNS] or ["um"])

    def _impossible(self) -> Example:
        """A part that the object has not, more of it than there can be, too many copies."""
        rng = self.rng
        language = load_language()
        counts = list(language.count_words)
        scene = self.scene(1)
        if rng.random() < 0.25:
            one = scene.objects[0]
            many = rng.choice(counts[language.copies.max :])
            text = f"{rng.choice(CARRIERS)} {many} {one.colour or ''} {plural(one.noun)}"
            return refused(text.split())
        words = self.utterance(scene)
        other = language.objects[rng.choice(ALL_OBJECTS)]
        part = rng.choice(list(other.parts.values()))
        phrase = ["with", rng.choice(counts[1:]), part.plural]
        if rng.random() < 0.3:
            phrase.insert(2, rng.choice(list(language.colours)))
        text = " ".join(words + phrase)
        try:
            parse_scene(text)
        except DescriptionError:
            return refused(text.split())
        return self._unfinished()


_FUNCTION = {"a", "an", "the", "with", "and", "that", "which", "is", "are", "has", "have", "please"}


def _content_words() -> set[str]:
    """Nouns, parts, their colours, sizes, proportions and counts."""
    language = load_language()
    parts = [part for kind in language.objects.values() for part in kind.parts.values()]
    said = [name for part in parts for name in (part.name, part.singular, part.plural)]
    said += [*language.colours, *language.sizes, *language.proportions, *language.count_words]
    return {word for name in said for word in name.split()} | _NOUNS


# Words of carriers, openers and endings that mean nothing for the shape.
_INERT = tuple(
    sorted(
        {word for phrase in (*CARRIERS, *OPENERS, *ENDINGS) for word in phrase.split()}
        - {word for text in load_language().relations for word in text.split()}
        - {*FUNCTION_WORDS, *_content_words()}
    )
)
_CARRIER_WORDS = tuple(sorted((c.split() for c in CARRIERS if c), key=len, reverse=True))


def _without_carrier(words: Sequence[str]) -> list[str]:
    """The noun phrase of an utterance of ``sample_utterance``."""
    words = list(words)
    for carrier in _CARRIER_WORDS:
        if words[: len(carrier)] == carrier:
            words = words[len(carrier) :]
            break
    return words[:-1] if words[-1:] == ["please"] and len(words) > 1 else words
