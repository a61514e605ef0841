"""The report is the one of `sonoform batch`: its lines, its lock, what a crash leaves of it."""

import json

import pytest
from conftest import batch, copy_sample

from sonoform_ray.places import Folder
from sonoform_ray.report import Report, ReportError


def record(name, **more):
    return {"input": name, "pipeline_sha256": "0", **more}


@pytest.fixture(params=["local", "url"])
def folder(request, tmp_path):
    (tmp_path / "out").mkdir()
    return Folder(f"file://{tmp_path}/out" if request.param == "url" else str(tmp_path / "out"))


def test_the_last_line_of_a_recording_counts_and_the_end_is_in_order(folder, tmp_path):
    with Report(folder, resume=False) as report:
        report.append([record("b", turn=1), record("a")])
        report.append([record("b", turn=2), record("gone")])
        assert report.record("b")["turn"] == 2
        report.finish(["a", "b", "c"])
    lines = (tmp_path / "out/report.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [record("a"), record("b", turn=2)]


def test_a_torn_line_is_cut_off_and_other_reports_are_read(folder, tmp_path):
    good, other = json.dumps(record("a", turn=1)), json.dumps(record("a", turn=2))
    (tmp_path / "out/report.jsonl").write_text(f"{good}\nnone\n" + good[:20])
    (tmp_path / "out/report-0-of-2.jsonl").write_text(f"{other}\n")
    with Report(folder, resume=True) as report:
        assert [found["turn"] for found in report.earlier("a")] == [1, 2]
        assert report.earlier("b") == []
        report.append([record("b")])
    lines = (tmp_path / "out/report.jsonl").read_text().splitlines()
    assert lines[:2] == [good, "none"] and json.loads(lines[2]) == record("b")


def test_a_file_of_that_name_that_is_no_report_stays(folder, tmp_path):
    (tmp_path / "out/report.jsonl").write_text("my notes\n")
    with pytest.raises(ReportError, match="got another file of that name"):
        Report(folder, resume=False)
    assert (tmp_path / "out/report.jsonl").read_text() == "my notes\n"


def test_one_batch_at_a_time(program, tmp_path):
    copy_sample("red-ball.flac", tmp_path / "in/a.flac")
    folder = Folder(str(tmp_path / "out"))
    with Report(folder, resume=False):
        with pytest.raises(ReportError, match="another one that writes it"):
            Report(folder, resume=False)
        refused = batch(program, tmp_path / "in", tmp_path / "out")
        assert refused.returncode == 1 and "another one that writes it" in refused.stderr
    assert batch(program, tmp_path / "in", tmp_path / "out").returncode == 0
