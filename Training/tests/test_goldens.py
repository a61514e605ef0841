"""The goldens in the tree are the ones that their manifests describe."""

import hashlib
import json
from pathlib import Path

import pytest

GOLDENS = Path(__file__).parents[2] / "Tests" / "Goldens"
MANIFESTS = sorted(GOLDENS.rglob("manifest.json"))


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: str(path.parent.relative_to(GOLDENS)))
def test_checksums(path):
    sums = json.loads(path.read_text()).get("sha256", {})
    for name, expected in sums.items():
        assert hashlib.sha256((path.parent / name).read_bytes()).hexdigest() == expected, name


def test_every_sample_recording_is_in_the_manifest():
    folder = GOLDENS.parents[1] / "audio-samples"
    rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]
    assert {row["file"] for row in rows} == {p.name for p in folder.iterdir()} - {"manifest.jsonl"}
