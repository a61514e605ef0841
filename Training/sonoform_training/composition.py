"""Where the objects of a scene stand: by the words of their blocks and their clouds' bounds.

A block's words are "[count] description [relation]" (``Scene.blocks``): the language model says
what is where, and these rules are arithmetic, so a scene is exact however large its objects are.
``scene`` in pipeline.json holds the words and the numbers, so that the program knows no language.

0. A proportion ("tall") before a description's "with" stretches the object along an axis.
1. Copies of an object are a group: a row along x, in a gap of ``copies.gap`` times the object's
   x extent.
2. From the last group to the first: a relation (``unsaid_relation`` where a block has none) puts
   a group beside the group of the next block.
   On its axis the near sides are ``gap`` apart, in the relation's direction. On the other two axes
   the middles are level, but for z beside x or y: there the lowest points are.
3. The scene is moved: its lowest point to z = 0, the middle of its bounding box to x = y = 0.

One object alone stays where its place says. Bounds leave out strays: one point in so many
(``points_per_stray``) may be one, and so many outermost points of each side count for nothing.
Scenes side by side, which the program makes of several, are ``groups_gap`` apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from .language import PARTS_FOLLOW, load_language


@dataclass(frozen=True)
class Rule:
    """A relation: the axis 0, 1 or 2, the direction 1 or -1, the gap in units."""

    axis: int
    direction: int
    gap: float


@dataclass(frozen=True)
class Stretch:
    """A proportion: the axis 0, 1 or 2 and the factor along it."""

    axis: int
    factor: float


@dataclass(frozen=True)
class Block:
    """A block's words, told apart."""

    description: str
    copies: int = 1
    relation: str | None = None


@dataclass(frozen=True)
class SceneRules:
    """``scene`` in pipeline.json."""

    counts: dict[str, int]
    copies_gap: float
    relations: dict[str, Rule]
    unsaid_relation: str
    groups_gap: float = 0.25
    points_per_stray: int = 2048
    proportions: dict[str, Stretch] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    """Objects that the language model knows and the generator does not make."""

    @classmethod
    def of_the_language(cls) -> SceneRules:
        """The description language's; its file says them in prose."""
        language = load_language()
        copies = range(language.copies.min, language.copies.max + 1)
        beside = 0.25
        rules = {
            "on top of": Rule(2, 1, 0.0),
            "above": Rule(2, 1, 0.5),
            "under": Rule(2, -1, 0.0),
            "next to": Rule(0, 1, beside),
            "to the left of": Rule(0, -1, beside),
            "to the right of": Rule(0, 1, beside),
            "in front of": Rule(1, -1, beside),
            "behind": Rule(1, 1, beside),
            "and": Rule(0, -1, beside),
        }
        assert set(rules) == set(language.relations)
        proportions = {
            name: Stretch("xyz".index(one.axis), one.factor)
            for name, one in language.proportions.items()
        }
        counts = {language.count_word(count): count for count in copies}
        return cls(counts, 0.25, rules, "and", proportions=proportions)

    def to_json(self) -> dict:
        """The object written to pipeline.json."""
        return {key: value for key, value in asdict(self).items() if value not in ((), {})}

    @classmethod
    def from_json(cls, data: dict) -> SceneRules:
        """Reads it."""
        rules = {name: Rule(**rule) for name, rule in data["relations"].items()}
        proportions = {k: Stretch(**v) for k, v in data.get("proportions", {}).items()}
        missing = tuple(data.get("missing", ()))
        read = {"relations": rules, "proportions": proportions, "missing": missing}
        return cls(**data | read)

    @classmethod
    def none(cls) -> SceneRules:
        """Those of a pipeline without rules: no word of a block is told from the others."""
        return cls({}, 0.0, {}, "")

    def block(self, words: Sequence[str]) -> Block:
        """Tells a block's words apart; the longest relation at the end counts."""
        words = list(words)
        relation = max(
            (name for name in self.relations if words[-len(name.split()) :] == name.split()),
            key=lambda name: len(name.split()),
            default=None,
        )
        if relation is not None:
            words = words[: -len(relation.split())]
        copies = self.counts.get(words[0], 1) if len(words) > 1 else 1
        return Block(" ".join(words[1:] if copies > 1 else words), copies, relation)

    def stretch(self, block: Block) -> tuple[float, float, float]:
        """The factors along x, y and z by which a block's words stretch the object."""
        factors = [1.0, 1.0, 1.0]
        for word in block.description.split(f" {PARTS_FOLLOW} ")[0].split():
            if word in self.proportions:
                factors[self.proportions[word].axis] *= self.proportions[word].factor
        return factors[0], factors[1], factors[2]

    def makes(self, block: Block) -> bool:
        """Whether the generator makes it: the noun, before any "with", is not missing."""
        noun = f" {block.description.split(' with ')[0]}"
        return not any(noun.endswith(f" {name}") for name in self.missing)

    def compose(
        self, blocks: Sequence[Block], lower: np.ndarray, upper: np.ndarray
    ) -> list[np.ndarray]:
        """How far every copy is moved: bounds [n, 3] of one copy of each block -> n x [copies, 3].

        A block without a relation before the last has the unsaid one.
        """
        moves, box_lower, box_upper = [], np.zeros((len(blocks), 3)), np.zeros((len(blocks), 3))
        for index, block in enumerate(blocks):
            step = (upper[index, 0] - lower[index, 0]) * (1 + self.copies_gap)
            row = np.zeros((block.copies, 3))
            row[:, 0] = step * np.arange(block.copies)
            moves.append(row)
            box_lower[index] = lower[index]
            box_upper[index] = upper[index] + row[-1]
        for index in range(len(blocks) - 2, -1, -1):
            rule = self.relations[blocks[index].relation or self.unsaid_relation]
            low, high = box_lower[index], box_upper[index]
            beside_low, beside_high = box_lower[index + 1], box_upper[index + 1]
            move = (beside_low + beside_high - low - high) / 2
            if rule.axis != 2:
                move[2] = beside_low[2] - low[2]
            if rule.direction > 0:
                move[rule.axis] = beside_high[rule.axis] + rule.gap - low[rule.axis]
            else:
                move[rule.axis] = beside_low[rule.axis] - rule.gap - high[rule.axis]
            moves[index] = moves[index] + move
            box_lower[index], box_upper[index] = low + move, high + move
        low, high = box_lower.min(axis=0), box_upper.max(axis=0)
        shift = -(low + high) / 2
        shift[2] = -low[2]
        return [move + shift for move in moves]


def bounds(points: np.ndarray, points_per_stray: int) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper corner [3] of points [N, 3] without their strays."""
    ordered = np.sort(points, axis=0)
    strays = len(points) // points_per_stray
    return ordered[strays], ordered[-1 - strays]


def composed(
    rules: SceneRules, blocks: Sequence[Block], clouds: Sequence[np.ndarray]
) -> list[np.ndarray]:
    """``compose`` for the points [N, 3] of one copy of each block; one object alone stays."""
    if len(blocks) == 1 and blocks[0].copies == 1:
        return [np.zeros((1, 3))]
    corners = [bounds(points, rules.points_per_stray) for points in clouds]
    return rules.compose(
        blocks, np.array([lower for lower, _ in corners]), np.array([upper for _, upper in corners])
    )
