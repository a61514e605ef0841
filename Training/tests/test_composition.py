import json
from dataclasses import replace

import numpy as np
import pytest

from sonoform_training.composition import Block, SceneRules, bounds, composed
from sonoform_training.descriptions import parse_scene

RULES = SceneRules.of_the_language()


def box(x: float, y: float, z: float) -> np.ndarray:
    """The corners of a box that stands on the origin."""
    return np.array([[sx * x / 2, sy * y / 2, sz] for sx in (-1, 1) for sy in (-1, 1)
                     for sz in (0, z)])  # fmt: skip


def test_a_block_is_count_description_and_relation():
    scene = parse_scene("3 red balls to the left of a chair with four legs and a cup")
    blocks = [RULES.block(words.split()) for words in scene.blocks()]
    assert blocks == [
        Block("red sphere", 3, "to the left of"),
        Block("chair with four legs", 1, "and"),
        Block("mug"),
    ]
    assert SceneRules.from_json(json.loads(json.dumps(RULES.to_json()))) == RULES


def test_missing_objects_are_not_made():
    few = replace(RULES, missing=("pine tree", "bowl"))
    said = ("tall pine tree with three layers", "bowl", "wine glass with red bowl", "tree")
    assert [few.makes(few.block(words.split())) for words in said] == [False, False, True, True]
    assert RULES.makes(Block("bowl"))
    assert SceneRules.from_json(json.loads(json.dumps(few.to_json()))) == few


@pytest.mark.parametrize(
    ("relation", "first", "second"),
    [
        ("on top of", (0, 0, 0.5), (0, 0, 0)),
        ("above", (0, 0, 1.0), (0, 0, 0)),
        ("under", (0, 0, 0), (0, 0, 1)),
        ("next to", (1.125, 0, 0), (-0.625, 0, 0)),
        ("to the right of", (1.125, 0, 0), (-0.625, 0, 0)),
        ("to the left of", (-1.125, 0, 0), (0.625, 0, 0)),
        ("and", (-1.125, 0, 0), (0.625, 0, 0)),
        ("in front of", (0, -0.625, 0), (0, 0.625, 0)),
        ("behind", (0, 0.625, 0), (0, -0.625, 0)),
    ],
)
def test_relations_stand_as_the_language_says(relation, first, second):
    moves = composed(RULES, [Block("cube", 1, relation), Block("table")],
                     [box(1, 1, 1), box(2, 1, 0.5)])  # fmt: skip
    assert np.allclose([moves[0][0], moves[1][0]], [first, second])


def test_copies_are_a_row_and_relations_hold_for_the_row():
    moves = composed(RULES, [Block("cube", 3, "on top of"), Block("table")],
                     [box(1, 1, 1), box(2, 1, 0.5)])  # fmt: skip
    assert np.allclose(moves[0], [[-1.25, 0, 0.5], [0, 0, 0.5], [1.25, 0, 0.5]])
    assert np.allclose(moves[1], [[0, 0, 0]])


def test_a_chain_of_three_and_one_alone():
    moves = composed(RULES, [Block("a", 1, "on top of"), Block("b", 1, "behind"), Block("c")],
                     [box(1, 1, 1), box(1, 1, 0.5), box(1, 1, 2)])  # fmt: skip
    assert np.allclose(np.concatenate(moves), [[0, 0.625, 0.5], [0, 0.625, 0], [0, -0.625, 0]])
    assert composed(RULES, [Block("a")], [box(1, 1, 1) + 7])[0].tolist() == [[0, 0, 0]]


def test_bounds_leave_out_strays():
    points = np.random.default_rng(0).uniform(-1, 1, (4096, 3))
    points[17] = 9
    lower, upper = bounds(points, RULES.points_per_stray)
    assert (upper < 1).all() and (upper > 0.99).all() and (lower < -0.99).all()


def test_proportions_stretch_by_the_words_before_with():
    rules = SceneRules.of_the_language()

    def stretch(words):
        return rules.stretch(rules.block(words.split(" ")))

    assert stretch("huge tall red chair with blue legs") == (1, 1, 1.6)
    assert stretch("three narrow mugs") == (0.6, 1, 1)
    assert stretch("ladder with nine rungs above") == (1, 1, 1)
    assert SceneRules.from_json(rules.to_json()) == rules
