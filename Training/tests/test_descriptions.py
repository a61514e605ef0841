import random
from dataclasses import replace

import pytest

from sonoform_training.descriptions import (
    CARRIERS,
    OBJECTS,
    Description,
    Part,
    Scene,
    is_held_out,
    is_held_out_phrasing,
    parse_description,
    parse_scene,
    sample_description,
    sample_scene,
    sample_utterance,
    vocabulary,
)
from sonoform_training.descriptions.phrases import HELD_OUT_CARRIERS, HELD_OUT_ENDINGS
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
    ("said", "canonical"),
    [
        ("a blue cube on top of a table with six legs",
         "blue cube on top of table with six legs"),
        ("a mug with a yellow handle to the left of a white bottle",
         "mug with yellow handle to the left of white bottle"),
        ("three red cubes", "three red cubes"),
        ("a pair of wine glasses, please", "two wine glasses"),
        ("two pine trees behind a house with a red roof, two blue windows and a brown door",
         "two pine trees behind house with red roof and two blue windows and brown door"),
        ("a house with a red roof and a tree", "house with red roof and tree"),
        ("um, a table with a lamp on top of it", "lamp on top of table"),
        ("next to a bed there is a lamp", "lamp next to bed"),
        ("a chair whose legs are blue and three in number", "chair with three blue legs"),
        ("a three legged chair", "chair with three legs"),
        ("a chair with legs, three of them", "chair with three legs"),
        ("two four legged stools that are tall and red", "two tall red stools with four legs"),
        ("a five rung ladder that's really huge, if you can", "huge ladder with five rungs"),
        ("a bed in red and make it small", "small red bed"),
        ("a cat's 3 balls", None),
        ("a bench which stands in front of two red cones beside a tent",
         "bench in front of two red cones next to tent"),
        ("a wine glass with a blue stem and a bowl",
         "wine glass with blue stem and bowl"),
    ],
)  # fmt: skip
def test_reads_scenes_and_other_orders(said, canonical):
    if canonical is None:
        with pytest.raises(ValueError, match="object of the language"):
            parse_scene(said)
        return
    scene = parse_scene(said)
    assert scene.text() == canonical
    assert parse_scene(canonical) == scene.plain()


def test_a_reply_has_a_block_an_object():
    scene = parse_scene("three blue balls on top of a table with six legs")
    assert scene.blocks() == ["three blue sphere on top of", "table with six legs"]


@pytest.mark.parametrize("held_out", [False, True])
def test_every_scene_reads_back_and_stays_in_the_vocabulary(held_out):
    rng = random.Random(1)
    words = set(vocabulary())
    seen: set[str] = set()
    for _ in range(3000):
        scene = sample_scene(rng, ALL_OBJECTS)
        utterance = sample_utterance(rng, scene, held_out)
        assert parse_scene(utterance) == scene, utterance
        assert parse_scene(scene.text()) == scene.plain()
        seen |= set(utterance.split())
        assert set(scene.text().split()) <= words
    assert seen <= words
    # Whatever is held out is said in words that training knows.
    for phrase in (*HELD_OUT_CARRIERS, *HELD_OUT_ENDINGS):
        assert held_out or set(phrase.split()) <= seen, phrase


def test_held_out_phrasings_are_never_trained():
    assert len(set(CARRIERS)) >= 40 and not set(CARRIERS) & set(HELD_OUT_CARRIERS)
    rng = random.Random(2)
    said = [sample_utterance(rng, sample_scene(rng, ALL_OBJECTS)) for _ in range(3000)]
    for carrier in HELD_OUT_CARRIERS:
        assert not any(f" {carrier} " in f" {text} " for text in said), carrier
    assert not any(map(is_held_out_phrasing, said))
    aside = [sample_utterance(rng, sample_scene(rng, ALL_OBJECTS), True) for _ in range(300)]
    assert sum(map(is_held_out_phrasing, aside)) > 200


def test_a_scene_is_checked():
    cube, ball = Description("cube"), Description("sphere")
    with pytest.raises(ValueError, match="1 relations"):
        Scene((cube, ball))
    with pytest.raises(ValueError, match="beyond"):
        Scene((cube, ball), ("beyond",))
    with pytest.raises(ValueError, match="4 objects"):
        Scene((cube,) * 4, ("and",) * 3)


def test_relations_and_copies_are_held_out_too():
    language = load_language()
    relations = [Scene((Description(a), Description("cube")), (relation,))
                 for a in ALL_OBJECTS for relation in language.relations]  # fmt: skip
    copies = [Description(name, copies=n) for name in ALL_OBJECTS for n in (2, 3, 4, 5)]
    for meanings in (relations, copies):
        assert 0.05 < sum(map(is_held_out, meanings)) / len(meanings) < 0.17


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "empty"),
        ("a red dragon", "dragon"),
        ("a chair with nine legs", "3 to 6 legs"),
        ("a red blue chair", "two words for the colour"),
        ("a mug with three wheels", "has body, handle"),
        ("a cube on top of a table", "a scene of 2"),
        ("six red cubes", "6 copies"),
        ("a three legged mug", "no legs"),
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
    assert not any(is_held_out(Description(name)) for name in OBJECTS)
