"""The phone set, pronunciations and the lexicon.

One accent is canonical: General American as espeak-ng says it ("gmw/en-US"), reduced to the 39
phones of CMUdict. The CTC target of an utterance is canonical whatever voice says it, so that the
encoder maps accents to one spelling and the lexicon stays small.

Target of an utterance: the phones of its words in order with exactly one "|" BETWEEN two words;
none at the beginning, none at the end. "a red ball" -> ah | r eh d | b ao l.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence

from .espeak import engine

CANONICAL_VOICE = "gmw/en-US"
BLANK = 0
WORD_BOUNDARY = 1
_VOWELS = "aa ae ah ao aw ay eh er ey ih iy ow oy uh uw"
_CONSONANTS = "b ch d dh f g hh jh k l m n ng p r s sh t th v w y z zh"
PHONES: tuple[str, ...] = ("<blank>", "|", *f"{_VOWELS} {_CONSONANTS}".split())
INDEX: dict[str, int] = {phone: index for index, phone in enumerate(PHONES)}

# espeak-ng's mnemonics (all of its English accents) to phones. Names missing here, such as pauses
# and the hiatus mark ";", have no phone of their own.
ESPEAK_TO_PHONES: dict[str, tuple[str, ...]] = {
    name: tuple(phones.split())
    for name, phones in {
        "a": "ae", "aa": "ae", "a2": "ae", "&": "ae", "a#": "ah", "@": "ah", "@2": "ah",
        "@5": "ah", "@-": "ah", "V": "ah", "A": "aa", "A:": "aa", "0": "aa", "0#": "aa",
        "O": "ao", "O:": "ao", "O2": "ao", "o:": "ow", "E": "eh", "E#": "eh", "E2": "eh",
        "I": "ih", "I#": "ih", "I2": "ih", "i": "iy", "i:": "iy", "3": "er", "3:": "er",
        "VR": "er", "IR": "er", "U": "uh", "u": "uw", "u:": "uw", "aI": "ay", "aI2": "ay",
        "eI": "ey", "e": "ey", "e:": "ey", "OI": "oy", "oU": "ow", "oU#": "ow", "aU": "aw",
        "@L": "ah l", "A@": "aa r", "O@": "ao r", "o@": "ao r", "e@": "eh r", "i@3": "ih r",
        "i@": "iy ah", "U@": "uh r", "aI@": "ay er", "aI3": "ay er", "aU@": "aw er",
        "p": "p", "b": "b", "t": "t", "t2": "t", "t#": "t", "?": "t", "d": "d", "d#": "d",
        "k": "k", "g": "g", "tS": "ch", "dZ": "jh", "f": "f", "v": "v", "T": "th", "D": "dh",
        "t[": "th", "d[": "dh", "s": "s", "z": "z", "S": "sh", "Z": "zh", "h": "hh", "x": "k",
        "m": "m", "n": "n", "n-": "n", "m-": "m", "N": "ng", "l": "l", "l#": "l", "l-": "l",
        "r": "r", "r-": "r", "R": "r", "w": "w", "w#": "w", "j": "y",
    }.items()
}  # fmt: skip

# Words with several forms; the first one is the CTC target. espeak-ng gives a function word on its
# own the strong form, and an utterance says the weak one. The others are what people say instead:
# reduced vowels, t and d dropped before a consonant, other accents' vowels.
SEVERAL_FORMS: dict[str, tuple[str, ...]] = {
    "a": ("ah", "ey"),
    "an": ("ah n", "ae n"),
    "and": ("ae n d", "ah n d", "ah n", "ae n"),
    "around": ("er r aw n d", "ah r aw n d", "er r aw n"),
    "at": ("ae t", "ah t"),
    "can": ("k ae n", "k ah n", "k ih n"),
    "could": ("k uh d", "k ah d"),
    "dog": ("d aa g", "d ao g"),
    "for": ("f ao r", "f er"),
    "from": ("f r ah m", "f r aa m", "f er m"),
    "front": ("f r ah n t", "f r ah n"),
    "get": ("g eh t", "g ih t"),
    "here": ("hh ih r", "hh iy r"),
    "hmm": ("hh ah m", "hh m", "m"),
    "into": ("ih n t uh", "ih n t uw", "ih n t ah"),
    "just": ("jh ah s t", "jh ah s", "jh ih s t"),
    "left": ("l eh f t", "l eh f"),
    "legged": ("l eh g ih d", "l eh g d", "l eh g ah d"),
    "next": ("n eh k s t", "n eh k s"),
    "of": ("ah v", "aa v", "ah"),
    "on": ("ao n", "aa n"),
    "onto": ("aa n t uh", "aa n t uw", "ao n t uw", "aa n t ah"),
    "or": ("ao r", "er"),
    "orange": ("ao r ih n jh", "ao r ah n jh", "aa r ih n jh"),
    "really": ("r iy ah l iy", "r ih l iy", "r iy l iy"),
    "rocket": ("r aa k ih t", "r aa k ah t"),
    "rockets": ("r aa k ih t s", "r aa k ah t s"),
    "snowman": ("s n ow m ah n", "s n ow m ae n"),
    "some": ("s ah m",),
    "that": ("dh ae t", "dh ah t", "dh ae"),
    "that's": ("dh ae t s", "dh ah t s", "dh ae s"),
    "the": ("dh ah", "dh iy"),
    "to": ("t ah", "t uw"),
    "want": ("w ao n t", "w aa n t", "w aa n", "w ah n t"),
    "what": ("w ah t", "w aa t"),
    "with": ("w ih dh", "w ih th"),
    "would": ("w uh d", "w ah d"),
    "vase": ("v ey s", "v aa z"),
    "vases": ("v ey s ih z", "v ey s ah z", "v aa z ih z"),
    "yeah": ("y eh hh", "y ae", "y eh"),
    "you": ("y uw", "y ah"),
    "your": ("y ao r", "y er"),
}


def from_espeak(names: Sequence[str]) -> list[str]:
    """Map espeak-ng mnemonics of one word to phones."""
    phones: list[str] = []
    for index, name in enumerate(names):
        mapped = ESPEAK_TO_PHONES.get(name, ())
        if name == "i@" and index + 1 < len(names) and names[index + 1] in ("r", "r-"):
            mapped = ("ih",)  # "zero", "query": the r follows as a phoneme of its own
        if mapped[:1] == ("r",) and phones[-1:] == ["r"]:
            mapped = mapped[1:]  # "hearing": i@3 already ended in r
        phones += mapped
    return phones


def words(text: str) -> list[str]:
    """Lower-case words of a text; everything but letters and apostrophes separates."""
    return re.findall(r"[a-z]+(?:'[a-z]+)?", text.lower())


@functools.cache
def _isolated(word: str) -> tuple[str, ...]:
    phones = from_espeak(engine().phonemes(word, CANONICAL_VOICE))
    if not phones:
        raise ValueError(f"espeak-ng gave no phones for {word!r}")
    return tuple(phones)


def pronunciations(word: str) -> list[list[str]]:
    """All pronunciations of a word, the canonical one first."""
    if word in SEVERAL_FORMS:
        return [phones.split() for phones in SEVERAL_FORMS[word]]
    return [list(_isolated(word))]


def pronounce(text: str) -> list[list[str]]:
    """Return the canonical phones of every word of `text`."""
    return [pronunciations(word)[0] for word in words(text)]


def lexicon(vocabulary: Iterable[str]) -> dict[str, list[list[str]]]:
    """Return {word: pronunciations}; tokens that are not words, as "<unk>", are left out."""
    return {word: pronunciations(word) for word in vocabulary if words(word) == [word]}


def target(text: str) -> list[int]:
    """Return the CTC target: phone indices, "|" between words only."""
    indices: list[int] = []
    for phones in pronounce(text):
        if indices:
            indices.append(WORD_BOUNDARY)
        indices += [INDEX[phone] for phone in phones]
    return indices
