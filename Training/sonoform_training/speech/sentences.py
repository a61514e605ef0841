"""What is said in a corpus: the whole description language, and ordinary speech."""

from __future__ import annotations

import random

from ..descriptions import HESITATIONS, Scene, is_held_out, sample_scene, sample_utterance
from ..language import load_language
from .open_vocabulary import sample_other

OTHER_SHARE = 0.18  # of a corpus: speech outside the language
COPIES_SHARE = 0.15  # of the objects


def draw_scene(rng: random.Random, held_out: bool) -> Scene:
    """Draw a scene of one to three objects that has, or has not, a held-out combination."""
    everything = tuple(load_language().objects)
    while True:
        scene = sample_scene(rng, everything, copies=COPIES_SHARE)
        if is_held_out(scene) == held_out:
            return scene


def hesitant(rng: random.Random, text: str) -> str:
    """Put a hesitation, or a word said twice, somewhere."""
    words = text.split()
    place = rng.randrange(len(words))
    again = words[place] if rng.random() < 0.2 else rng.choice(HESITATIONS)
    return " ".join([*words[:place], again, *words[place:]])


def draw_text(rng: random.Random, held_out: bool = False) -> tuple[str, str, Scene | None]:
    """Draw an utterance: its text, kind ("description" or "other") and meaning.

    held_out: combinations and phrasings that training never hears; otherwise none of them.
    """
    if rng.random() < OTHER_SHARE:
        # Words of no language are left out of validation: voices disagree about them.
        text = sample_other(rng, pseudo_words=not held_out)
        return (hesitant(rng, text) if rng.random() < 0.08 else text), "other", None
    scene = draw_scene(rng, held_out)
    # A third of validation is phrased in ways that training never hears.
    text = sample_utterance(rng, scene, held_out=held_out and rng.random() < 0.33)
    return text, "description", scene
