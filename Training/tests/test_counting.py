"""The geometric counters are right about what the shapes themselves show."""

import numpy as np
import pytest

from sonoform_training.descriptions import Description, Part
from sonoform_training.generator.counting import bulges, counted, islands, runs, sectors
from sonoform_training.language import load_language
from sonoform_training.shapes import build_shape, part_colours

COUNTED = [
    (name, part.name)
    for name, kind in load_language().objects.items()
    for part in kind.parts.values()
    if part.count
]


@pytest.mark.parametrize(("name", "part"), COUNTED)
def test_counts_of_reference_clouds(name, part):
    kind = load_language().objects[name].parts[part]
    for count in kind.count.numbers():
        for seed, proportion in ((1, None), (2, "tall"), (3, "wide")):
            description = Description(name, proportion=proportion, parts=(Part(part, count),))
            shape = build_shape(description, seed)
            cloud = shape.sample(16384, np.random.default_rng(seed))
            rgb = part_colours(description, shape)[cloud.pieces]
            assert counted(description, cloud.points, rgb) == count


def test_an_object_without_counted_parts_has_no_count():
    assert counted(Description("cube"), np.zeros((10, 3)), np.zeros((10, 3))) is None


def test_windows_of_the_walls_colour_cannot_be_counted():
    description = Description("house", colour="cyan")
    assert counted(description, np.zeros((10, 3)), np.zeros((10, 3))) is None


def test_the_ways_of_counting():
    rng = np.random.default_rng(0)
    heights = np.concatenate([c + rng.uniform(-0.02, 0.02, 50) for c in (0.1, 0.3, 0.5)])
    assert runs(heights, 0.05) == 3
    assert runs(np.append(heights, 0.9), 0.05) == 3
    angles = np.concatenate([a + rng.uniform(-0.1, 0.1, 50) for a in (np.pi, 0.5, 2.0)])
    assert sectors(np.cos(angles), np.sin(angles), 0.3) == 3
    spots = np.concatenate([c + rng.uniform(-0.03, 0.03, (50, 2)) for c in ([0, 0], [0.5, 0.5])])
    assert islands(spots, 0.03) == 2
    z = rng.uniform(0, 1, 20000)
    two = np.column_stack([0.3 * np.abs(np.sin(2 * np.pi * z)), z * 0, z])
    assert bulges(two, 0.03) == 2
