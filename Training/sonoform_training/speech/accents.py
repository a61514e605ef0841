"""Accents made at random, for espeak-ng: another speaker's vowels, r's and th's.

A synthesiser has one way to say a phoneme in each of its few accents, and people have many. Here a
text becomes espeak-ng's phonemes in an English accent, a seeded set of rules rewrites them (vowel
shifts, non-rhotic and rolled r, th-fronting, glottal and flapped t, dropped h, final devoicing …),
and the result is said in the phoneme table of English or of any other language ("foreign" voices).
The target of training stays canonical whatever was done here (phones.py).
"""

from __future__ import annotations

import functools
import random

from .espeak import engine

SOURCE_VOICES = ("gmw/en-US", "gmw/en-US", "gmw/en", "gmw/en-GB-x-rp", "gmw/en-GB-x-gbclan")

# What a phoneme may become in an accent; phonemes apart by spaces, "" where it is dropped.
CHANGES: dict[str, tuple[str, ...]] = {
    "eI": ("e:", "e", "E I", "E", "a I"),
    "oU": ("o:", "o", "O", "@ U", "O U"),
    "aU": ("a U", "u:", "E U", "A U", "a: U", "V U", "@ u", "E y", "V y", "O U", "a:"),
    "aI": ("a: I", "V I", "A I", "O I", "a:", "E I"),
    "OI": ("o I", "O I", "aI", "U I"),
    "u:": ("y:", "y", "u", "U u", "8"),
    "u": ("y", "U"),
    "U": ("u", "y", "8", "V"),
    "i:": ("i", "I i", "e:", "@ i"),
    "i": ("I", "i:", "e"),
    "I": ("i", "e", "@", "E", "y"),
    "E": ("e", "&", "I", "a", "e:"),
    "a": ("&", "E", "a:", "A", "aa"),
    "aa": ("a", "a:", "A:"),
    "A:": ("a:", "A", "O", "0"),
    "A@": ("A: r", "a r", "a:", "A:", "O r"),
    "0": ("O", "A:", "o", "a", "O:"),
    "O:": ("o:", "O", "0", "A:", "o"),
    "O": ("o", "0", "A:"),
    "O@": ("o r", "O r", "O:", "o:", "U r"),
    "o@": ("o r", "O:", "o:"),
    "V": ("U", "a", "@", "A", "O", "E"),
    "3:": ("E r", "I r", "V r", "@ r", "8", "W", "e:"),
    "3": ("@", "a", "E r", "@ r", "V r", "I r"),
    "@": ("I", "V", "E", "a", "e"),
    "a#": ("@", "a", "V", "E"),
    "@L": ("@ l", "U l", "u", "o", "V l", "O l"),
    "e@": ("e r", "E r", "E:", "e:", "3:", "a r"),
    "i@": ("i r", "I r", "i: @", "e: r", "I:"),
    "i@3": ("i r", "I r", "i @", "i:", "e r"),
    "U@": ("u r", "U r", "O:", "o r"),
    "aI@": ("aI @", "aI r", "a r", "A:"),
    "aI3": ("aI r", "aI @", "a r"),
    "r": ("*", "**", "R", "R2", "r/", "w", "Q"),
    "T": ("f", "s", "t", "t["),
    "D": ("v", "z", "d", "d["),
    "h": ("", "x", "H"),
    "w": ("v", "v#", "u", "B"),
    "v": ("w", "v#", "f", "b"),
    "l": ("l^", "L", "l/2", "l/", "w", "l#"),
    "t": ("t[", "t.", "t;", "t#", "t h", "?"),
    "d": ("d[", "d.", "d;"),
    "z": ("s",),
    "Z": ("dZ", "z", "S"),
    "dZ": ("Z", "J", "d Z", "tS"),
    "tS": ("S", "t S", "ts"),
    "j": ("dZ", "i", ""),
    "N": ("N g", "n", "n g"),
    "S": ("s", "s;", "s."),
    "t#": ("d", "t", "?", "*"),
    "k": ("k h", "x", "g", "k;", "?"),
    "p": ("p h", "b", "f"),
    "b": ("p", "B", "b v"),
    "g": ("k", "Q"),
    "f": ("p", "v", "p h"),
    "m": ("m n",),
    "n": ("n^", "n."),
    "s": ("z", "s;", "T"),
}  # fmt: skip
# Where a phoneme table lacks one, what stands in for it: the first that the table has.
STAND_INS: dict[str, tuple[str, ...]] = {
    "I": ("i",), "i": ("I",), "i:": ("i",), "u:": ("u",), "U": ("u",), "u": ("U",), "E": ("e",),
    "e": ("E",), "e:": ("e", "E"), "eI": ("e I", "e i", "E i"), "aI": ("a I", "a i"),
    "oU": ("o U", "o u", "o"), "aU": ("a U", "a u"), "OI": ("o I", "o i", "O i"),
    "V": ("a",), "0": ("O", "o", "a"), "O": ("o",), "O:": ("O", "o:", "o"), "A:": ("A", "a:", "a"),
    "A": ("a",), "a:": ("a",), "aa": ("a",), "&": ("a",), "a": ("A", "&"), "@": ("e", "E", "a"),
    "a#": ("a", "@"), "@2": ("@", "e"), "@5": ("@", "o"), "3:": ("@ r", "e r", "E r"),
    "3": ("@ r", "e r", "@"), "@L": ("@ l", "e l"), "A@": ("A: r", "a r"), "O@": ("O r", "o r"),
    "o@": ("o r",), "e@": ("e r", "E r"), "i@": ("i r",), "i@3": ("i r",), "U@": ("u r",),
    "aI@": ("a I @", "a i a"), "aI3": ("a i r", "a I r"), "IR": ("i r",), "VR": ("a r",),
    "O2": ("O", "o"), "I#": ("I", "i"), "I2": ("I", "i"), "E#": ("E", "e"), "E2": ("E", "e"),
    "w": ("u", "v"), "h": ("x",), "T": ("t", "s"), "D": ("d", "z"), "z": ("s",), "Z": ("S", "z"),
    "S": ("s",), "dZ": ("d Z", "tS", "d z"), "tS": ("t S", "t s"), "N": ("n g", "n"), "v": ("f",),
    "j": ("i",), "t#": ("t", "d"), "t2": ("t",), "d#": ("d",), "g": ("k",), "b": ("p",),
    "d": ("t",), "f": ("p",), "p": ("b",), "y": ("u",), "y:": ("u",), "?": ("t",), "r": ("*", "R"),
    "R": ("r",), "*": ("r",), "**": ("r",), "n-": ("n",), "m-": ("m",), "l#": ("l",), "w#": ("w",),
    "r-": ("r",), "8": ("u",), "W": ("e",), "Y": ("e",), "o:": ("o",), "x": ("h", "k"),
}  # fmt: skip
_STRESS = "',%="


def _spoken_count(voice: str, phonemes: str) -> int:
    spoken = engine().speak(f"[[{phonemes}]]", voice, phonemes=True, rate=450)
    return sum(not name.startswith(("_", "(")) for name, _ in spoken.phonemes)


@functools.cache
def has_phoneme(voice: str, name: str) -> bool:
    """Whether the voice's table has a phoneme: espeak-ng drops unknown ones in silence."""
    return _spoken_count(voice, f"p'a||{name}||p'a") > 4


@functools.cache
def _realisation(voice: str, name: str) -> tuple[str, ...]:
    """Phonemes of the voice's table for one of English: itself, or its stand-in."""
    for candidate in (name, *STAND_INS.get(name, ())):
        if all(has_phoneme(voice, part) for part in candidate.split()):
            return tuple(candidate.split())
    return ()


@functools.cache
def rules(accent: int) -> dict[str, str]:
    """Draw an accent's rules; a third of the accents change little, others much."""
    rng = random.Random(f"accent {accent}")
    share = rng.choice((0.08, 0.2, 0.35))
    return {name: rng.choice(choices) for name, choices in CHANGES.items() if rng.random() < share}


def pronounce(text: str, voice: str, accent: int) -> str:
    """Write `text` in the phonemes of `voice`'s table, with an accent, to be said in [[ ]]."""
    rng = random.Random(f"{accent} {text}")
    source = SOURCE_VOICES[accent % len(SOURCE_VOICES)]
    changes, words = rules(accent), []
    for word in engine().stressed_phonemes(text, source):
        said: list[str] = []
        for index, item in enumerate(word):
            stress = item[: len(item) - len(item.lstrip(_STRESS))]
            name = item.lstrip(_STRESS)
            changed = name
            # Not every speaker is consistent.
            if name in changes and rng.random() < 0.85:
                changed = changes[name]
            if changed == "t#" and index == 0:
                changed = "t"
            for place, part in enumerate(changed.split()):
                realised = _realisation(voice, part) or (
                    _realisation(voice, name) if place == 0 else ()
                )
                said += [(stress if not index_ and not place else "") + phoneme
                         for index_, phoneme in enumerate(realised)]  # fmt: skip
        if said:
            words.append("||".join(said))
    return " ".join(words)
