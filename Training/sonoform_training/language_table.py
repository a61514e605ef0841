"""language.json of a pipeline: the words of its descriptions, for a reader that knows no language.

The program reads the blocks of a reply by this table (size, proportion, colour, noun, parts), and
asks it whether everything that was heard is in the scene. What the words of a relation, a number of
copies or a proportion do to a scene stands in ``scene`` of pipeline.json (``composition``).
"""

from __future__ import annotations

from .descriptions.meaning import MAX_OBJECTS
from .language import (
    ANOTHER_PART,
    ARTICLE,
    ARTICLE_BEFORE_VOWELS,
    PARTS_FOLLOW,
    VOWELS,
    Language,
    ObjectKind,
    PartKind,
    plural,
)

FILE_NAME = "language.json"


def _part(part: PartKind) -> dict:
    entry = {"singular": part.singular, "plural": part.plural, "colour": part.colour}
    if part.count is not None:
        entry["count"] = {
            "min": part.count.min,
            "max": part.count.max,
            "default": part.count.default,
        }
    return entry


def _object(kind: ObjectKind) -> dict:
    return {
        "nouns": {noun: plural(noun) for noun in kind.nouns},
        "colour": kind.natural_colour,
        "parts": {name: _part(part) for name, part in kind.parts.items()},
    }


def language_table(language: Language) -> dict:
    """The object of language.json."""
    return {
        "max_objects": MAX_OBJECTS,
        "connectives": {"parts_follow": PARTS_FOLLOW, "another_part": ANOTHER_PART},
        "articles": {
            "plain": ARTICLE,
            "before_vowels": ARTICLE_BEFORE_VOWELS,
            "vowels": VOWELS,
        },
        "sizes": language.sizes,
        "colours": {name: list(rgb) for name, rgb in language.colours.items()},
        "counts": language.count_words,
        "copies": {"min": language.copies.min, "max": language.copies.max},
        "objects": {name: _object(kind) for name, kind in language.objects.items()},
    }
