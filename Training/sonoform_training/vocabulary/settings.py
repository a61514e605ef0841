"""How a pipeline names what is beyond its language: "naming" in pipeline.json."""

from __future__ import annotations

NAMING = {
    "search": {"language_weight": 0.5, "word_bonus": -1.0, "beam": 400, "window": 14.0},
    "least_match": -2.5,
    "doubt": -0.05,
    "margin": 5.0,
}
"""What pipeline.json gets where it has none: tuned on recordings of `asked.py` with another seed
than those that RESULTS.md judges."""
