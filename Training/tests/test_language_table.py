"""language.json: the shipped pipeline's is the language's, and every noun has a plural."""

import json
from pathlib import Path

from sonoform_training.language import load_language
from sonoform_training.language_table import FILE_NAME, language_table

BUILT_IN = Path(__file__).parents[2] / "Sources" / "Sonoform" / "Resources" / "built-in"


def test_the_shipped_table_is_the_language_s():
    assert json.loads((BUILT_IN / FILE_NAME).read_text()) == language_table(load_language())


def test_every_noun_is_there_with_its_plural_and_its_parts():
    table = language_table(load_language())
    assert table["objects"]["sphere"]["nouns"] == {"sphere": "spheres", "ball": "balls"}
    assert table["objects"]["chair"]["parts"]["legs"]["singular"] == "leg"
    assert all(name in kind["nouns"] for name, kind in table["objects"].items())
