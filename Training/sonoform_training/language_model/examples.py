"""What the language model trains on: words said, the transcript wanted, the object meant or none.

The mixture keeps one rule: what the generator cannot make ends in <none>. A transcript holds the
words up to the first unknown one when there is nothing to make; when there is, unknown words beside
the description ("computer, make a red chair") are left out.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..descriptions import (
    CARRIERS,
    OBJECTS_FIRST_LIGHT,
    Description,
    DescriptionError,
    is_held_out,
    parse_description,
    sample_description,
    sample_utterance,
    vocabulary,
)
from ..language import load_language, plural
from ..speech.open_vocabulary import ADJECTIVES, PEOPLE, THINGS, sample_other
from .tokenizer import words_of_the_model

_KNOWN = frozenset(words_of_the_model())
_LANGUAGE_WORDS = tuple(vocabulary())


@dataclass(frozen=True)
class Example:
    """``said`` as spoken or typed; ``description`` is None when the reply is <none>."""

    said: tuple[str, ...]
    transcript: tuple[str, ...]
    description: Description | None = None


def makeable(description: Description, objects: Sequence[str] = OBJECTS_FIRST_LIGHT) -> bool:
    """Whether the generator in training makes it: one object of the scope."""
    return description.object in objects and description.copies == 1


def example_of(text: str, objects: Sequence[str] = OBJECTS_FIRST_LIGHT) -> Example:
    """The example of a sentence, also of a recording's text."""
    said = tuple(text.split())
    try:
        description = parse_description(text)
    except DescriptionError:
        return refused(said)
    return meant(said, description) if makeable(description, objects) else refused(said)


def refused(said: Sequence[str]) -> Example:
    """Nothing to make: the known words before the first unknown one."""
    known = next((i for i, word in enumerate(said) if word not in _KNOWN), len(said))
    return Example(tuple(said), tuple(said[:known]))


def meant(said: Sequence[str], description: Description) -> Example:
    """An object: the known words."""
    return Example(tuple(said), tuple(word for word in said if word in _KNOWN), description)


class Mixture:
    """Draws examples; the shares are of all examples, the rest describes an object to make."""

    REFUSED = 0.34

    def __init__(
        self,
        seed: int,
        objects: Sequence[str] = OBJECTS_FIRST_LIGHT,
        held_out: bool = False,
    ) -> None:
        """``held_out`` draws the combinations that training never sees (for validation)."""
        self.rng = random.Random(seed)
        self.objects = tuple(objects)
        self.held_out = held_out
        self.everything = tuple(load_language().objects)

    def draw(self) -> Example:
        """One example."""
        if self.rng.random() < self.REFUSED:
            return self._nothing()
        return self.described()

    def description(self, objects: Sequence[str]) -> Description:
        """A description that is held out, or is not."""
        while True:
            description = sample_description(self.rng, objects)
            if is_held_out(description) == self.held_out:
                return description

    def utterance(self, description: Description) -> list[str]:
        """Words for it, phrased in ways held out from training as well when the meaning is."""
        return sample_utterance(self.rng, description, self.held_out).split()

    def described(self) -> Example:
        """An object to make, now and then with strangers around the sentence."""
        rng = self.rng
        description = self.description(self.objects)
        words = self.utterance(description)
        if rng.random() < 0.04:
            name = [rng.choice((*PEOPLE, *THINGS))]
            words = rng.choice((["hey", *name, *words], [*name, *words], [*words, "for", *name]))
        return meant(words, description)

    def _nothing(self) -> Example:
        draw = self.rng.choices(
            (self._other_object, self._unknown_object, self._other_speech, self._unfinished,
             self._impossible, self._copies, self._scene),
            (8, 5, 7, 6, 3, 3, 2),
        )[0]  # fmt: skip
        return draw()

    def _other_object(self) -> Example:
        """An object of the language outside the scope (its words are known)."""
        others = [name for name in self.everything if name not in self.objects]
        if not others:
            return self._other_speech()
        return refused(self.utterance(sample_description(self.rng, others)))

    def _unknown_object(self) -> Example:
        """A description whose noun, or another word that matters, is no word of the language."""
        rng = self.rng
        description = self.description(self.objects)
        words = self.utterance(description)
        bare = _without_carrier(words)
        spots = [i for i in range(len(words) - len(bare), len(words))
                 if words[i] in _LANGUAGE_WORDS and words[i] not in _FUNCTION]  # fmt: skip
        nouns = [i for i in spots if words[i] in description.noun.split()]
        at = rng.choice(nouns if nouns and rng.random() < 0.7 else spots or [len(words) - 1])
        words[at] = rng.choice((*THINGS, *PEOPLE, *ADJECTIVES))
        return example_of(" ".join(words), self.objects)

    def _other_speech(self) -> Example:
        while True:
            text = sample_other(self.rng, pseudo_words=self.rng.random() < 0.5)
            if len(text.split()) <= 20:
                return refused(text.split())

    def _unfinished(self) -> Example:
        """Words of the language without an object: a cut sentence, a carrier, loose attributes."""
        rng = self.rng
        words = self.utterance(self.description(self.objects))
        nouns = {noun for kind in load_language().objects.values() for name in kind.nouns
                 for noun in (*name.split(), *plural(name).split())}  # fmt: skip
        first = next((i for i, word in enumerate(words) if word in nouns), len(words))
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
        return refused([word for word in words if word not in nouns] or ["um"])

    def _impossible(self) -> Example:
        """A part that the object has not, or more of it than there can be."""
        rng = self.rng
        language = load_language()
        description = replace(self.description(self.objects), parts=())
        words = self.utterance(description)
        other = language.objects[rng.choice(self.everything)]
        part = rng.choice(list(other.parts.values()))
        phrase = ["with", rng.choice(list(language.count_words)[1:]), part.plural]
        if rng.random() < 0.3:
            phrase.insert(2, rng.choice(list(language.colours)))
        text = " ".join(words + phrase)
        try:
            parse_description(text)
        except DescriptionError:
            return refused(text.split())
        return self._unfinished()

    def _copies(self) -> Example:
        """Several objects: understood, but not made yet."""
        description = replace(self.description(self.objects), copies=self.rng.randint(2, 5))
        return refused(self.utterance(description))

    def _scene(self) -> Example:
        """Two objects and a relation: the same."""
        first, second = (self.description(self.objects) for _ in range(2))
        relation = self.rng.choice(load_language().relations).split()
        second_words = _without_carrier(sample_utterance(self.rng, second).split())
        return refused([*self.utterance(first), *relation, *second_words])


_FUNCTION = {"a", "an", "the", "with", "and", "that", "which", "is", "are", "has", "have", "please"}
_CARRIER_WORDS = tuple(sorted((c.split() for c in CARRIERS if c), key=len, reverse=True))


def _without_carrier(words: Sequence[str]) -> list[str]:
    """The noun phrase of an utterance of ``sample_utterance``."""
    words = list(words)
    for carrier in _CARRIER_WORDS:
        if words[: len(carrier)] == carrier:
            words = words[len(carrier) :]
            break
    return words[:-1] if words[-1:] == ["please"] and len(words) > 1 else words
