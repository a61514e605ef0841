"""What an actor does, without Ray: a warm worker, and what happens when it dies."""

import json
import sys

import pytest
from conftest import QUICK, batch, copy_sample, records, tree

from sonoform_ray.batch import local_staging
from sonoform_ray.conversion import Converter, Job, check, origin
from sonoform_ray.places import Folder
from sonoform_ray.worker import Worker, WorkerDiedError, WorkerError


def job(program, source, output, patience=60.0, options=QUICK):
    folder = Folder(str(output))
    return Job(
        source=Folder(str(source)),
        shown_source=str(source),
        output=folder,
        program=program,
        options=options,
        staging=local_staging(folder),
        patience=patience,
    )


def row(name, trouble="", earlier=(), stale=()):
    return {"name": name, "trouble": trouble, "earlier": list(earlier), "stale": list(stale)}


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_records_and_bytes_are_those_of_batch(program, tmp_path, scheme):
    copy_sample("tall-red-chair.wav", tmp_path / "in/sub/a.wav")
    copy_sample("silence.wav", tmp_path / "in/b.wav")
    batch(program, tmp_path / "in", tmp_path / "expected")
    convert = Converter(job(program, f"{scheme}{tmp_path}/in", f"{scheme}{tmp_path}/out"))
    made = [convert(row(name)) for name in ("b.wav", "sub/a.wav")]
    assert [one["state"] for one in made] == ["failed", "converted"]
    (tmp_path / "report.jsonl").write_text("\n".join(one["record"] for one in made))
    expected = records(tmp_path / "expected/report.jsonl")
    expected[0]["error"] = expected[0]["error"].replace(str(tmp_path), f"{scheme}{tmp_path}")
    assert records(tmp_path / "report.jsonl") == expected
    assert tree(tmp_path / "out") == tree(tmp_path / "expected")


def test_what_is_there_is_kept_and_what_has_changed_is_not(program, tmp_path):
    copy_sample("red-ball.flac", tmp_path / "in/a.flac")
    convert = Converter(job(program, tmp_path / "in", tmp_path / "out"))
    record = json.loads(convert(row("a.flac"))["record"])
    earlier = {
        "origin": origin(record),
        "input_sha256": record["input_sha256"],
        "files": record["files"],
    }
    others = [{**earlier, "input_sha256": "0"}, {**earlier, "origin": "0"}]
    kept = convert(row("a.flac", earlier=[*others, earlier]))
    assert (kept["state"], kept["number"]) == ("kept", 2)
    assert convert(row("a.flac", earlier=others))["state"] == "converted"
    (tmp_path / "out/a.flac.ply").write_text("changed")
    assert convert(row("a.flac", earlier=[earlier]))["state"] == "converted"
    copy_sample("cyan-donut.flac", tmp_path / "in/a.flac")
    assert convert(row("a.flac", earlier=[earlier]))["state"] == "converted"


def test_files_of_an_earlier_version_go_unless_somebody_changed_them(program, tmp_path):
    copy_sample("red-ball.flac", tmp_path / "in/a.flac")
    source, output = tmp_path / "in", tmp_path / "out"
    pictured = Converter(job(program, source, output, options=(*QUICK, "--picture")))
    files = json.loads(pictured(row("a.flac"))["record"])["files"]
    outside = {"path": "../in/a.flac", "sha256": files[0]["sha256"]}
    Converter(job(program, source, output))(row("a.flac", stale=[*files, outside]))
    assert set(tree(output)) == {b"a.flac.ply"} and (source / "a.flac").exists()
    pictured(row("a.flac"))
    (output / "a.flac.png").write_text("mine")
    Converter(job(program, source, output))(row("a.flac", stale=files))
    assert set(tree(output)) == {b"a.flac.ply", b"a.flac.png"}


def test_a_crash_costs_one_recording_and_not_even_that_if_it_goes_well_then(
    dying_program, tmp_path
):
    for name in ("a", "once-deadly", "always-deadly", "b"):
        copy_sample("red-ball.flac", tmp_path / f"in/{name}.flac")
    convert = Converter(job(dying_program, tmp_path / "in", tmp_path / "out"))
    names = ["a.flac", "once-deadly.flac", "always-deadly.flac", "b.flac"]
    made = {name: convert(row(name)) for name in names}
    assert [made[name]["state"] for name in names] == [
        "converted",
        "converted",
        "failed",
        "converted",
    ]
    record = json.loads(made["always-deadly.flac"]["record"])
    assert record["error"] == (
        f"{tmp_path}/in/always-deadly.flac: expected a worker that goes on, "
        "got one that was ended by signal 9, twice"
    )
    assert {"options", "pipeline_sha256", "precision", "version", "input_sha256"} <= record.keys()
    assert len(tree(tmp_path / "out")) == 3


def test_a_folder_that_cannot_be_read_is_a_record(program, tmp_path):
    convert = Converter(job(program, tmp_path / "in", tmp_path / "out"))
    record = json.loads(convert(row("sub", trouble="Permission denied"))["record"])
    expected = 'sub: expected a folder of recordings, got "Permission denied"'
    assert record["error"].endswith(expected) and record["input"] == "sub"


def test_a_worker_that_cannot_begin_says_why(program, tmp_path):
    with pytest.raises(WorkerError, match="--points takes 1 to 10000000"):
        check(job(program, tmp_path, tmp_path, options=("--points", "0")))
    with pytest.raises(WorkerError, match="cannot be run: No such file"):
        check(job(str(tmp_path / "none"), tmp_path, tmp_path))


def test_an_output_that_cannot_be_written_stops_the_batch(program, tmp_path):
    copy_sample("red-ball.flac", tmp_path / "in/a.flac")
    (tmp_path / "file").write_text("no folder")
    made = Converter(job(program, tmp_path / "in", f"file://{tmp_path}/file/out"))(row("a.flac"))
    assert made["state"] == "stopped"
    assert f"file://{tmp_path}/file/out: cannot be written: " in made["record"]


def test_a_program_that_cannot_run_stops_the_batch(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.wav").touch()
    made = Converter(job(str(tmp_path / "none"), tmp_path / "in", tmp_path / "out"))(row("a.wav"))
    assert made["state"] == "stopped" and "cannot be run: No such file" in made["record"]


def test_patience_ends(tmp_path):
    slow = "import sys,time; print('{\"ready\":{}}', flush=True); input(); time.sleep(60)"
    worker = Worker([sys.executable, "-c", slow], patience=5)
    worker.patience = 0.2
    with pytest.raises(WorkerDiedError, match=r"did not answer for 0\.2 s"):
        worker.ask({"id": 1})
    worker.close()
