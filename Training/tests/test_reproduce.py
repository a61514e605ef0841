import importlib
import re
from pathlib import Path

import pytest

from sonoform_training import reproduce


def scaled(size, least):
    return f"{round(max(size, least))}"


GIVEN = reproduce.Given(Path("whisper"), Path("speech"), Path("voices"))
PEOPLE = [*reproduce.hearing_track(scaled, GIVEN), *reproduce.every_voice(scaled, GIVEN)]
STAGES = [
    *reproduce.hearing_track(scaled),
    *reproduce.shapes_track(scaled),
    *reproduce.joined(scaled, sonoform=Path("sonoform")),
    *reproduce.every_voice(scaled),
]


def options(stage):
    return {argument for argument in stage.arguments if argument.startswith("--")}


@pytest.mark.parametrize("stage", filter(options, STAGES + PEOPLE), ids=lambda stage: stage.name)
def test_every_stage_names_options_that_its_command_has(stage, monkeypatch, capsys):
    module = importlib.import_module(f"sonoform_training.{stage.module}")
    monkeypatch.setattr("sys.argv", [stage.module, "--help"])
    with pytest.raises(SystemExit) as end:
        module.main()
    assert end.value.code == 0
    known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    assert options(stage) <= known


@pytest.mark.parametrize("stages", [STAGES, PEOPLE])
def test_stages_have_names_of_their_own(stages):
    names = [stage.name for stage in stages]
    assert len(set(names)) == len(names)


def test_what_is_given_reaches_the_encoder():
    (encoder,) = [stage for stage in PEOPLE if stage.name == "encoder"]
    assert {"--start-from", "--speech", "--natural"} <= options(encoder)
    (encoder,) = [stage for stage in STAGES if stage.name == "encoder"]
    assert not {"--speech", "--natural"} & options(encoder)


def test_people_are_in_the_bank_that_the_language_model_learns_from():
    (bank,) = [stage for stage in PEOPLE if stage.name == "posteriors"]
    assert {"S", "N", "--speech"} <= set(bank.arguments)
    (bank,) = [stage for stage in STAGES if stage.name == "posteriors"]
    assert "--speech" not in bank.arguments


def test_it_is_said_what_is_missing():
    assert reproduce.without(GIVEN) == []
    lines = reproduce.without(reproduce.Given(speech=Path("speech")))
    assert [line.split(":")[0] for line in lines] == ["without --start-from", "without --voices"]


def test_a_finished_stage_is_not_run_again(tmp_path):
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "one").write_text("1 s\n")
    reproduce.Stage("one", "no_such_module", ()).run(tmp_path)
    with pytest.raises(RuntimeError, match="two failed"):
        reproduce.Stage("two", "no_such_module", ()).run(tmp_path)
    assert not (tmp_path / "done" / "two").exists()
    assert "no_such_module" in (tmp_path / "two.log").read_text()
