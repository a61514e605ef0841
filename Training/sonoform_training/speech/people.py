"""What people say to a machine: bare nouns, short phrases, restarts, corrections, talk around it.

The description language composes whole sentences (descriptions/drawing.py); people often say less,
and begin again. Texts here keep their commas, as a synthesiser needs to know where to pause;
``spoken`` leaves the words of a transcript.
"""

from __future__ import annotations

import random
import re

from ..descriptions import HESITATIONS, Scene, is_held_out, is_held_out_phrasing, parse_scene
from ..descriptions.meaning import DescriptionError
from ..language import load_language, plural
from .open_vocabulary import ADJECTIVES, ADVERBS, PEOPLE, THINGS, VERBS
from .phones import words
from .sentences import draw_scene, draw_text

_NO = ("no", "no wait", "sorry", "i mean", "no sorry", "or rather", "wait")
_BEFORE = ("okay", "so", "well", "hi there", "let's see", "hmm", "um", "uh", "right", "alright")
_AFTER = ("please", "thanks", "that's it", "i think", "you know", "something like that", "yeah",
          "that would be great", "okay", "if you can")  # fmt: skip


def spoken(text: str) -> str:
    """The words of a text without its commas, as transcripts have them."""
    return " ".join(words(text))


def draw_words(rng: random.Random) -> str:
    """A noun, an attribute, a number: one thing said alone or next to its like, as in a list."""
    language = load_language()
    nouns = [noun for kind in language.objects.values() for noun in (kind.name, *kind.synonyms)]
    parts = [name for kind in language.objects.values() for part in kind.parts.values()
             for name in (part.singular, part.plural)]  # fmt: skip
    draw = rng.random()
    if draw < 0.4:
        return rng.choice(nouns)
    if draw < 0.5:
        return plural(rng.choice(nouns))
    if draw < 0.65:  # words that are not objects, so that they are not heard as one
        return rng.choice((*THINGS, *PEOPLE, *VERBS, *ADJECTIVES, *ADVERBS))
    if draw < 0.85:
        loose = [*language.colours, *language.sizes, *language.proportions,
                 *language.count_words, *parts]  # fmt: skip
        return rng.choice(loose)
    return ", ".join(rng.sample(nouns, rng.randint(2, 4)))


def draw_phrase(rng: random.Random) -> str:
    """A short phrase about one object: "red chair", "uh, a chair, a red one", "a blue, no, a …"."""
    language = load_language()
    while True:
        one = draw_scene(rng, held_out=False).objects[0]
        noun, colour = one.noun, one.colour or rng.choice(list(language.colours))
        size = one.size or one.proportion or rng.choice(list(language.sizes))
        article = "an" if noun[0] in "aeio" or noun == "umbrella" else "a"
        other = rng.choice(list(language.colours))
        stranger = rng.choice([kind.name for kind in language.objects.values()])
        text = rng.choice((
            f"{colour} {noun}",
            f"{size} {noun}",
            f"{size} {colour} {noun}",
            f"{article} {noun}",
            f"the {noun}",
            f"{article} {noun}, a {colour} one",
            f"{article} {noun}, {colour}",
            f"a {other}, {rng.choice(_NO)}, a {colour} {noun}",
            f"a {stranger}, {rng.choice(_NO)}, a {colour} {noun}",
            f"a, a {colour} {noun}",
            f"a {colour}, a {colour} {noun}",
            f"a {colour}, {rng.choice(HESITATIONS)}, {noun}",
            f"{rng.choice(HESITATIONS)}, {article} {noun}",
            f"some {plural(noun)}",
            f"two {colour} {plural(noun)}",
        ))  # fmt: skip
        if rng.random() < 0.15:
            text = f"{rng.choice(_BEFORE)}, {text}"
        if rng.random() < 0.15:
            text = f"{text}, {rng.choice(_AFTER)}"
        text = re.sub(r"\ba (?=[aeiou])", "an ", text)
        if not _is_kept_back(spoken(text)):
            return text


def _is_kept_back(text: str) -> bool:
    """Whether a combination or phrasing is one that training never hears."""
    if is_held_out_phrasing(text):
        return True
    try:
        return is_held_out(parse_scene(text))
    except DescriptionError:
        return False


def draw_short(rng: random.Random) -> tuple[str, str, Scene | None]:
    """Draw a single word or a short phrase with its kind and meaning; half are words."""
    text = draw_words(rng) if rng.random() < 0.5 else draw_phrase(rng)
    try:
        return text, "description", parse_scene(spoken(text))
    except DescriptionError:
        return text, "other", None


def draw_said(rng: random.Random, held_out: bool = False) -> tuple[str, str, Scene | None]:
    """Draw what a person says: its text with commas, kind and meaning, as sentences.draw_text.

    Two fifths are short; held_out leaves them out, since single words have no held-out combination.
    """
    return draw_text(rng, held_out) if held_out or rng.random() < 0.6 else draw_short(rng)
