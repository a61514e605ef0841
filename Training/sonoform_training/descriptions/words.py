"""Every word that a description, or the talk around it, may hold."""

from __future__ import annotations

from functools import cache

from ..language import load_language, plural
from . import phrases


@cache
def vocabulary() -> tuple[str, ...]:
    """Every word of the whole language file and of ``phrases``, sorted."""
    language = load_language()
    said: list[str] = [
        *phrases.FUNCTION_WORDS, *phrases.CARRIERS, *phrases.HELD_OUT_CARRIERS,
        *phrases.OPENERS, *phrases.ENDINGS, *phrases.HELD_OUT_ENDINGS, *phrases.HESITATIONS,
        *phrases.ADVERBS, *phrases.RELATION_WORDS, *phrases.PART_ADJECTIVES, *phrases.PAIRS,
        *phrases.SPELLINGS, *phrases.SPELLINGS.values(), *phrases.ATTRIBUTE_LINKS,
        *phrases.MAKE_LINKS, *phrases.WISH_LINKS, *phrases.PART_LINKS,
        *phrases.STANDING, *language.relations,
    ]  # fmt: skip
    for words in (language.colours, language.sizes, language.proportions, language.count_words):
        said += words
    for kind in language.objects.values():
        for noun in kind.nouns:
            said += [noun, plural(noun)]
        for part in kind.parts.values():
            said += [part.name]
            if part.count is not None or not part.said_in_singular:
                said += [part.singular, part.plural]
    return tuple(sorted({word for phrase in said for word in phrase.split()}))
