"""What follows what in descriptions of objects that may be anything: a class bigram.

Words of the description language are classes of their own; of all others the class counts (Brown
et al. 1992, "Class-Based n-gram Models of Natural Language"). The sentences are the language
model's own training mixture, held-out ones never among them, with other nouns in the objects'
places.
"""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter, defaultdict

from ..language import load_language, plural
from ..language_model.examples import Mixture
from ..language_model.tokenizer import words_of_the_model
from .words import ADJECTIVE, CLASSES, NOUN, NOUNS, WORD, Word

START, END = "<start>", "<end>"
UNKNOWN_NOUNS = 0.5
"""The share of descriptions whose nouns are replaced by the class of nouns."""
BARE = 0.2
"""The share of sentences that are a noun phrase and nothing around it."""
DISCOUNT = 0.5
ABSTRACT = 0.05
"""How much more seldom a noun is asked for that is no thing ("fun")."""


def _sentences(count: int, seed: int, kinds: dict[str, int]):
    rng = random.Random(seed)
    mixture = Mixture(seed)
    language = load_language()
    singular = {
        n for kind in language.objects.values() for noun in kind.nouns for n in noun.split()
    }
    several = {p for kind in language.objects.values() for noun in kind.nouns
               for p in plural(noun).split()}  # fmt: skip
    known = set(words_of_the_model())
    attributes = [*language.colours, *language.sizes, *language.proportions]
    numbers = [w for w, n in language.count_words.items() if 2 <= n <= 5]

    def stands_for(word: str, replaces: bool) -> str:
        if replaces and word in singular | several:
            return f"<{CLASSES[NOUN if word in singular else NOUNS]}>"
        return word if word in known else f"<{CLASSES[kinds.get(word, WORD)]}>"

    for _ in range(count):
        if rng.random() < BARE:
            said = rng.sample(attributes, rng.choice((0, 0, 1, 1, 2)))
            if rng.random() < 0.1:
                said.insert(0, f"<{CLASSES[ADJECTIVE]}>")
            if rng.random() < 0.15:
                yield [rng.choice(numbers), *said, f"<{CLASSES[NOUNS]}>"]
            else:
                start = rng.choice(([], [], ["a"], ["the"], ["uh", "a"]))
                yield [*start, *said, f"<{CLASSES[NOUN]}>"]
            continue
        replaces = rng.random() < UNKNOWN_NOUNS
        words = mixture.draw().said
        # "an" is said before some nouns, and which it is is not known of a class.
        yield [stands_for(word, replaces) for word in words]


def class_bigrams(words: list[Word], count: int = 60_000, seed: int = 11) -> dict:
    """Costs (negative logarithms) for vocabulary.json.

    ``follows`` has, by what stands before, what was seen after it more than once and its cost, as
    "word cost word cost"; all else costs what stands before's ``otherwise`` and its own ``alone``.
    Costs are tenths.
    """
    pairs: dict[str, Counter[str]] = defaultdict(Counter)
    singles: Counter[str] = Counter()
    kinds = {word.text: word.kind for word in words}
    for sentence in _sentences(count, seed, kinds):
        row = [START, *sentence, END]
        for before, after in itertools.pairwise(row):
            pairs[before][after] += 1
            singles[after] += 1
    entries = [*words_of_the_model(), *(f"<{name}>" for name in CLASSES), END]
    total = sum(singles.values()) + len(entries)
    alone = {entry: -math.log((singles[entry] + 1) / total) for entry in entries}
    follows, otherwise = {}, {}
    for before, after in pairs.items():
        seen = sum(after.values())
        left = DISCOUNT * len(after) / seen
        otherwise[before] = tenths(-math.log(left))
        follows[before] = " ".join(
            f"{word} {tenths(-math.log((n - DISCOUNT) / seen + left * math.exp(-alone[word])))}"
            for word, n in sorted(after.items())
            if n > 1
        )
    return {
        "alone": {word: tenths(cost) for word, cost in alone.items()},
        "otherwise": otherwise,
        "follows": follows,
    }


def tenths(cost: float) -> int:
    """A cost as the file has it."""
    return max(0, round(10 * cost))


def costs_in_class(words: list[Word]) -> list[int]:
    """Of every word -log P(word | its class), in tenths.

    News name other things than people draw: the root of its counts keeps elephants in reach, and
    nouns that are no things are seldom asked for.
    """
    weights = [math.sqrt(word.count + 5) * _asked_for(word) for word in words]
    sums: Counter[int] = Counter()
    for word, weight in zip(words, weights, strict=True):
        sums[word.kind] += weight
    return [tenths(-math.log(w / sums[x.kind])) for x, w in zip(words, weights, strict=True)]


def _asked_for(word: Word) -> float:
    return ABSTRACT if word.kind in (NOUN, NOUNS) and not word.is_thing else 1.0
