"""The evaluation counts what it says it counts, on clouds and answers made for the purpose."""

import json

import numpy as np
import pytest

from sonoform_training.descriptions import parse_description, parse_scene
from sonoform_training.evaluate import References, edits, evaluate, judge_cloud, same, table
from sonoform_training.judgement import answered, attributes, kind_of
from sonoform_training.shapes.ply import write_ply


@pytest.mark.parametrize(
    ("reference", "heard", "wrong"),
    [
        ("a red ball", "a red ball", 0),
        ("a red ball", "a bed ball", 1),
        ("a red ball", "a ball", 1),
        ("a red ball", "a big red ball", 1),
        ("a red ball", "", 3),
        ("", "noise", 1),
    ],
)
def test_edits_are_levenshteins(reference, heard, wrong):
    assert edits(reference.split(), heard.split()) == wrong


def test_synonyms_and_defaults_are_the_same():
    said, heard = parse_description("a big grey ball"), parse_description("a large sphere")
    for name in ("object", "colour", "size", "proportion", "parts"):
        assert same(heard, said, name)
    assert not same(parse_description("a red ball"), said, "colour")
    assert not same(parse_description("a red cube"), said, "object")


@pytest.mark.parametrize(
    ("heard", "wrong"),
    [
        ("three red sphere on top of table with six legs", set()),
        ("three red sphere on top of table with five legs", {"counts"}),
        ("two pink ball under table with six blue legs",
         {"copies", "colour", "relation", "parts"}),
        ("three red sphere", {"object", "colour", "size", "proportion", "parts", "counts",
                              "copies", "relation"}),
    ],
)  # fmt: skip
def test_every_attribute_of_a_scene_counts(heard, wrong):
    said = parse_scene("three red balls on top of a table with six legs")
    right = attributes(answered({"description": heard}), said)
    assert right.pop("all_attributes") is not bool(wrong)
    assert {name for name, fine in right.items() if not fine} == wrong
    assert answered({"description": "nothing of the kind"}) is None


def test_a_scene_is_judged_as_a_whole_and_its_places_too(tmp_path, references):
    said = parse_scene("two red cubes to the left of a chair")
    cloud_of("two red cubes to the left of a chair", tmp_path / "right.ply", references)
    cloud_of("two red cubes to the right of a chair", tmp_path / "wrong.ply", references)
    middles = [list(m) for m in references.placed(said, 7)[2]]
    right = judge_cloud(tmp_path / "right.ply", said, references, middles)
    wrong = judge_cloud(tmp_path / "wrong.ply", said, references, middles[:2])
    assert kind_of(said) == "scene of 2" and right["nearest"]
    assert right["places_within_0.1"] == 1 and wrong["places_within_0.1"] == 0
    assert right["fscore"] > 2 * wrong["fscore"]


@pytest.fixture(scope="module")
def references():
    return References(seed=0, points=512)


def cloud_of(text, path, references):
    points, rgb = references.cloud(parse_scene(text), 7)
    write_ply(path, points, np.zeros_like(points), rgb)


def test_the_right_cloud_is_nearest_and_the_wrong_one_is_not(tmp_path, references):
    said = parse_description("a big red chair")
    cloud_of("a big red chair", tmp_path / "right.ply", references)
    cloud_of("a tiny blue table", tmp_path / "wrong.ply", references)
    right = judge_cloud(tmp_path / "right.ply", said, references)
    wrong = judge_cloud(tmp_path / "wrong.ply", said, references)
    assert right["nearest"] and not wrong["nearest"]
    assert right["fscore"] > 0.9 * right["fscore_of_two_seeds"] > wrong["fscore"]
    assert right["points_coloured_right"] > 0.95 > 0.5 > wrong["points_coloured_right"]


def test_a_program_that_hears_well_and_one_that_does_not(tmp_path):
    """Two scripts stand in for the program: the figures must tell them apart."""
    rows = [
        {"path": "1.wav", "text": "a red ball", "description": "red ball", "voice": "v"},
        {"path": "2.wav", "text": "good morning", "description": None, "voice": "v"},
    ]
    kinds = {"kind": "description", "snr_db": None}
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text("".join(json.dumps(kinds | row) + "\n" for row in rows))
    cloud = tmp_path / "ball.ply"
    cloud_of("a red ball", cloud, References(seed=0, points=256))

    def program(heard, description):
        script = tmp_path / f"program-{heard.replace(' ', '-')}"
        answer = {
            "input": str(tmp_path / "1.wav"),
            "heard": heard,
            "objects": [{"description": description}],
            "output": str(cloud),
        }
        refusal = {"input": str(tmp_path / "2.wav"), "error": "nothing described"}
        lines = "\n".join(json.dumps(entry) for entry in (answer, refusal))
        script.write_text(f"#!/bin/sh\ncat <<'E'\n{lines}\nE\nexit 1\n")
        script.chmod(0o755)
        return script

    strict = tmp_path / "strict"
    strict.write_text(f'#!/bin/sh\n[ "$7 $8" = "--signals discrete" ] && exec {program("", "")}\n')
    strict.chmod(0o755)
    assert evaluate(manifest, strict, None, clouds=False, signals="discrete")["condition"]
    good = evaluate(manifest, program("a red ball", "red sphere"), None)
    bad = evaluate(manifest, program("a blue cone", "blue cone"), None)
    assert good["condition"]["clean"]["wer"] == 0 < bad["condition"]["clean"]["wer"]
    assert good["condition"]["clean"]["object"] == 1 and bad["condition"]["clean"]["object"] == 0
    assert good["rejected"]["description, clean"]["false_accept"] == 0
    assert "| clean |" in table(good["condition"], "condition")


def test_recordings_of_people_are_judged_by_source_age_and_accent(tmp_path):
    people = [("1.ogg", "a chair", 9, "Mandarin"), ("2.ogg", "chair", 30, "Mandarin"),
              ("3.ogg", "stop", 30, None)]  # fmt: skip
    rows = [
        {"file": file, "text": text, "age": age, "native_language": language, "source": "S",
         "split": "validation"}
        for file, text, age, language in people
    ]  # fmt: skip
    rows.append({"file": "4.ogg", "text": "a dog", "split": "train"})
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    answers = [
        {"input": str(tmp_path / file), "heard": "a chair", "objects": [{"description": "chair"}]}
        for file, *_ in people
    ]
    script = tmp_path / "program"
    lines = "\n".join(json.dumps(answer) for answer in answers)
    script.write_text(f"#!/bin/sh\ncat <<'E'\n{lines}\nE\n")
    script.chmod(0o755)
    found = evaluate(manifest, script, None, clouds=False, split="validation")
    assert found["source"]["S, clean"]["recordings"] == 2
    assert found["age"]["child, clean"]["wer"] == 0
    assert found["age"]["adult, clean"]["wer"] == 1  # a word too many for one word
    assert found["accent"]["Mandarin, clean"]["object"] == 1
    assert found["rejected"]["other, clean"]["false_accept"] == 1
    assert found["rejected"]["S, clean"]["false_accept"] == 1
