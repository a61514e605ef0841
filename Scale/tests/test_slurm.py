"""An array of four tasks on a Slurm cluster of two nodes, one of which is drained in the middle."""

import re
import subprocess
import time

import pytest
from conftest import ROOT, batch, make_recordings, records, run, tree
from slurm_cluster import missing, slurm_cluster

SUBMIT = ROOT / "Scale/slurm/submit"


def jobs(environment, number):
    """The fields of a job, or of each task of an array."""
    told = run("scontrol", "show", "job", number, env=environment).stdout
    return [
        dict(re.findall(r"(\w+)=(\S+)", block)) for block in told.split("\n\n") if block.strip()
    ]


def wait_for(condition, seconds=180):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.05)


@pytest.mark.skipif(missing() is not None, reason=missing() or "")
def test_an_array_whose_node_is_drained_makes_what_batch_makes(program, tmp_path):
    source = make_recordings(tmp_path / "in", 80, 0)
    expected, out = tmp_path / "expected", tmp_path / "out"
    assert batch(program, source, expected).returncode == 0
    (tmp_path / "slurm").mkdir()
    with slurm_cluster(tmp_path / "slurm") as environment:
        environment["SONOFORM"] = program
        # In the folder of the logs.
        queued = run(SUBMIT, "-n", 4, source, out, "--points", 64, env=environment, cwd=tmp_path)
        assert queued.returncode == 0, queued.stderr
        array, merge = re.fullmatch(r"array (\d+), merge (\d+)\n", queued.stdout).groups()

        def states(number):
            return [job["JobState"] for job in jobs(environment, number)]

        def running_on(node):
            return any(
                job.get("BatchHost") == node and job["JobState"] == "RUNNING"
                for job in jobs(environment, array)
            )

        wait_for(lambda: running_on("one") and running_on("two"))
        drain = ("scontrol", "update", "NodeName=two", "State=DRAIN", "Reason=test")
        assert run(*drain, env=environment).returncode == 0
        assert {"PENDING", "RUNNING"} <= set(states(array)), "it was drained in the middle"
        wait_for(lambda: states(merge)[0] in ("COMPLETED", "FAILED"))
        tasks = jobs(environment, array)
        assert [task["JobState"] for task in tasks] == ["COMPLETED"] * 4
        assert sorted(task["BatchHost"] for task in tasks) == ["one", "one", "one", "two"]
        assert (
            "DRAIN" in run("sinfo", "-h", "-n", "two", "-o", "%T", env=environment).stdout.upper()
        )
        log = (tmp_path / f"sonoform-{merge}-merge.log").read_text()
        assert states(merge) == ["COMPLETED"], log
    assert log.startswith("80 merged, 0 failed, 0 missing"), log
    assert tree(out) == tree(expected)
    assert records(out / "report.jsonl") == records(expected / "report.jsonl")


def test_wrong_usage_is_told_before_anything_is_queued():
    for arguments in ([], ["in"], ["-n", "0", "in", "out"], ["-x", "in", "out"]):
        assert subprocess.run([SUBMIT, *arguments], capture_output=True).returncode == 2
