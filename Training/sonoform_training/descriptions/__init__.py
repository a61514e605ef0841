"""Descriptions: the structured meaning of "a tall red chair with three blue legs".

``parse_scene`` and ``parse_description`` read a sentence, ``Scene.text`` and ``Description.text``
write its canonical words, ``sample_scene``, ``sample_description`` and ``sample_utterance`` draw
training data.
"""

from .drawing import sample_description, sample_scene, sample_utterance
from .meaning import (
    MAX_OBJECTS,
    OBJECTS,
    Description,
    DescriptionError,
    Part,
    ResolvedPart,
    Scene,
    is_held_out,
)
from .phrases import (
    CARRIERS,
    ENDINGS,
    FUNCTION_WORDS,
    HELD_OUT_CARRIERS,
    HESITATIONS,
    OPENERS,
    is_held_out_phrasing,
    spelled,
)
from .reading import parse_description, parse_scene
from .words import vocabulary

__all__ = [
    "CARRIERS",
    "ENDINGS",
    "FUNCTION_WORDS",
    "HELD_OUT_CARRIERS",
    "HESITATIONS",
    "MAX_OBJECTS",
    "OBJECTS",
    "OPENERS",
    "Description",
    "DescriptionError",
    "Part",
    "ResolvedPart",
    "Scene",
    "is_held_out",
    "is_held_out_phrasing",
    "parse_description",
    "parse_scene",
    "sample_description",
    "sample_scene",
    "sample_utterance",
    "spelled",
    "vocabulary",
]
