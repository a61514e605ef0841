"""`python -m sonoform_ray` on a cluster of two nodes, one of which goes away."""

import io
import re
import signal
import subprocess
import sys
import time
from collections import namedtuple

import pytest
from conftest import QUICK, batch, copy_sample, records, run, tree

from sonoform_ray import __main__ as command_line


def arguments(cluster, program, source, output, *options):
    own = [source, output, "--address", cluster.address, "--sonoform", program, *options]
    return [*map(str, own), "--", *QUICK]


def begun(*asked):
    command = [sys.executable, "-m", "sonoform_ray", *arguments(*asked)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def ray_batch(cluster, capsys):
    """The command in this process, which stays connected: it is started a few times less."""

    def run_here(*asked):
        result = io.StringIO()
        code = command_line.run(command_line.arguments(arguments(cluster, *asked)), result)
        return Made(code, result.getvalue(), capsys.readouterr().err)

    return run_here


Made = namedtuple("Made", "returncode stdout stderr")


def lines(output) -> int:
    report = output / "report.jsonl"
    return report.read_bytes().count(b"\n") if report.exists() else 0


def wait_for(condition, seconds=120):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.05)


def test_outputs_report_and_exit_code_are_those_of_batch(ray_batch, program, converted, tmp_path):
    source, expected = converted
    made = ray_batch(program, source, tmp_path / "out")
    assert made.returncode == 1, made.stderr
    assert made.stdout.startswith("37 converted, 3 failed in ")
    assert sum("expected" in line for line in made.stderr.splitlines()) == 3, made.stderr
    assert tree(tmp_path / "out") == tree(expected)
    assert records(tmp_path / "out/report.jsonl") == records(expected / "report.jsonl")
    # What one has made the other keeps, both ways.
    kept = batch(program, source, tmp_path / "out", "--resume")
    assert kept.stdout.startswith("0 converted, 3 failed, 37 kept"), kept.stdout
    again = ray_batch(program, source, tmp_path / "out", "--resume")
    assert again.stdout.startswith("0 converted, 3 failed, 37 kept"), again.stdout
    assert records(tmp_path / "out/report.jsonl") == records(expected / "report.jsonl")


def test_a_node_that_goes_away_takes_nothing_with_it(cluster, program, converted, tmp_path):
    source, expected = converted
    node = cluster.add_node(num_cpus=1)
    out = tmp_path / "out"
    process = begun(cluster, program, source, out)
    wait_for(lambda: lines(out) >= 4 or process.poll() is not None)
    cluster.remove_node(node, allow_graceful=False)
    output, errors = process.communicate(timeout=240)
    assert output.startswith("37 converted, 3 failed in "), output + errors
    assert process.returncode == 1
    assert tree(out) == tree(expected)
    assert records(out / "report.jsonl") == records(expected / "report.jsonl")


def test_urls_are_read_and_written(ray_batch, program, converted, tmp_path):
    source, expected = converted
    listing = tmp_path / "list"
    wanted = sorted(path for path in tree(source) if path.startswith(b"speaker-1/"))
    listing.write_bytes(b"\0".join(wanted))
    urls = f"file://{source}", f"file://{tmp_path}/out"
    made = ray_batch(program, *urls, "--files-from", f"file://{listing}")
    good = {path: data for path, data in tree(expected).items() if path[:-4] in wanted}
    assert good and tree(tmp_path / "out") == good, made.stderr
    kept = ray_batch(program, *urls, "--resume", "--files-from", str(listing))
    assert f", {len(good)} kept in " in kept.stdout, kept.stdout + kept.stderr


def test_a_signal_stops_it_and_resuming_goes_on(cluster, ray_batch, program, converted, tmp_path):
    source, expected = converted
    out = tmp_path / "out"
    process = begun(cluster, program, source, out)
    wait_for(lambda: lines(out) >= 4)
    process.send_signal(signal.SIGTERM)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 143, output + errors
    assert "stopped by SIGTERM; --resume goes on" in errors and " left in " in output
    assert not (out / ".report.jsonl.staging").exists()
    done = lines(out)
    rest = ray_batch(program, source, out, "--resume")
    # What failed is tried again.
    assert done >= int(re.search(r" (\d+) kept", rest.stdout)[1]) >= done - 3, rest.stdout
    assert tree(out) == tree(expected)


def test_trouble_is_one_line_and_an_exit_code(ray_batch, program, tmp_path):
    copy_sample("red-ball.flac", tmp_path / "in/a.flac")
    (tmp_path / "empty").mkdir()
    for source, output, words in [
        (tmp_path / "none", tmp_path / "out", "expected a folder of recordings"),
        (tmp_path / "empty", tmp_path / "out", "expected recordings, got none"),
        (tmp_path / "in", "/proc/out", "/proc/out: cannot be written"),
    ]:
        made = ray_batch(program, source, output)
        assert made.returncode == 1 and len(made.stderr.splitlines()) == 1, made.stderr
        assert words in made.stderr, made.stderr
    missing = ray_batch(str(tmp_path / "none"), tmp_path / "in", tmp_path / "out")
    assert missing.returncode == 1 and "cannot be run: No such file" in missing.stderr
    wrong = ray_batch(program, tmp_path / "in", tmp_path / "out", "--", "--points", "0")
    assert wrong.returncode == 1 and "--points takes 1 to 10000000" in wrong.stderr
    assert run(sys.executable, "-m", "sonoform_ray").returncode == 2
    assert run(sys.executable, "-m", "sonoform_ray", "a", "b", "--workers", "0").returncode == 2


def test_an_output_that_takes_no_more_ends_the_batch(ray_batch, program, converted, tmp_path):
    # A limit on the size of files stands for the disk.
    full = tmp_path / "full"
    full.write_text(f"#!/bin/bash\ntrap '' XFSZ; ulimit -f 1; exec {program} \"$@\"\n")
    full.chmod(0o755)
    made = ray_batch(str(full), converted[0], tmp_path / "out")
    assert made.returncode == 1, made.stderr
    last = made.stderr.splitlines()[-1]
    assert "cannot be written: File too large" in last and "--resume goes on" in last, made.stderr
