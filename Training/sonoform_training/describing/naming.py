"""The one description of an appearance: what `sonoform describe` is to write of a cloud."""

from __future__ import annotations

from dataclasses import replace

from ..descriptions import Description, Part
from ..language import MAIN_COLOUR, load_language


def size_word(scale: float) -> str | None:
    """The size nearest to a scale, in ratio; None is medium. Of equal words the first ("big")."""
    words: dict[str | None, float] = {None: 1.0, **load_language().sizes}
    return min(words, key=lambda word: max(words[word] / scale, scale / words[word]))


def full_description(description: Description) -> Description:
    """The description that says what can be seen and nothing that goes without saying.

    The colour is that of the first part which has the object's own; a part is named when its colour
    or its number is another than this colour would lead to expect.
    """
    resolved = description.resolved()
    kinds = description.kind.parts
    main = next(resolved[name].colour for name, kind in kinds.items() if kind.colour == MAIN_COLOUR)
    parts = []
    for name, kind in kinds.items():
        part = resolved[name]
        expected = main if kind.colour == MAIN_COLOUR else kind.colour
        colour = None if part.colour == expected else part.colour
        count = None if kind.count is None or part.count == kind.count.default else part.count
        if colour or count:
            parts.append(Part(name, count, colour))
    size = None if description.size is None else size_word(description.scale)
    return replace(description, noun=description.object, size=size, colour=main, parts=tuple(parts))
