import random
from dataclasses import replace

import pytest

from sonoform_training.descriptions import (
    OBJECTS_FIRST_LIGHT,
    Description,
    Part,
    is_held_out,
    parse_description,
    sample_description,
    sample_utterance,
    vocabulary,
)
from sonoform_training.language import load_language

ALL_OBJECTS = tuple(load_language().objects)


@pytest.mark.parametrize(
    ("said", "canonical"),
    [
        ("a tall red chair with three blue legs", "tall red chair with three blue legs"),
        ("I would like a bed, with a black headboard!", "bed with black headboard"),
        ("draw a fish that is purple and huge", "huge purple fish"),
        ("please make two small green cones", "two small green cones"),
        ("a big grey ball", "big gray sphere"),
        ("wide house with one window and a red door", "wide house with one window and red door"),
        ("a sailboat with a red sail", "boat with red sail"),
        ("a chair that is green with five legs and a blue back",
         "green chair with five legs and blue back"),
    ],
)  # fmt: skip
def test_reads_what_people_say(said, canonical):
    description = parse_description(said)
    assert description.text() == canonical
    assert replace(parse_description(canonical), noun=description.noun) == description


def test_every_utterance_reads_back_and_stays_in_the_vocabulary():
    rng = random.Random(0)
    words = set(vocabulary())
    for _ in range(3000):
        description = sample_description(rng, ALL_OBJECTS)
        if rng.random() < 0.1:
            description = replace(description, copies=rng.randint(2, 5))
        utterance = sample_utterance(rng, description)
        assert parse_description(utterance) == description, utterance
        assert set(utterance.split()) <= words
        assert set(description.text().split()) <= words


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "empty"),
        ("a red dragon", "dragon"),
        ("a chair with nine legs", "3 to 6 legs"),
        ("a red blue chair", "two words for the colour"),
        ("a mug with three wheels", "has body, handle"),
        ("a cube on top of a table", "scenes"),
        ("a chair with blue legs and a table", "scenes"),
        ("a red cube yesterday", "yesterday"),
    ],
)
def test_refuses_with_a_clear_line(said, why):
    with pytest.raises(ValueError, match=why) as error:
        parse_description(said)
    assert "\n" not in str(error.value)


def test_resolved_fills_in_colours_and_counts():
    parts = Description(
        "house", colour="pink", parts=(Part("windows", 4), Part("door", colour="blue"))
    ).resolved()
    assert {name: (part.count, part.colour) for name, part in parts.items()} == {
        "walls": (None, "pink"),
        "roof": (None, "red"),
        "door": (None, "blue"),
        "windows": (4, "cyan"),
        "chimney": (None, "brown"),
    }


def test_a_tenth_of_the_combinations_is_held_out():
    language = load_language()
    pairs = [
        Description(name, colour=colour) for name in ALL_OBJECTS for colour in language.colours
    ]
    share = sum(map(is_held_out, pairs)) / len(pairs)
    assert 0.06 < share < 0.14
    assert not any(is_held_out(Description(name)) for name in OBJECTS_FIRST_LIGHT)
