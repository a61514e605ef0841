"""What the tests have in common: the program, recordings, and a cluster of two nodes."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]
SAMPLES = ROOT / "audio-samples"
PROGRAM = pathlib.Path(os.environ.get("SONOFORM", ROOT / ".build/release/sonoform")).absolute()

# Conversions that take a few hundredths of a second.
QUICK = ("--points", "64")


@pytest.fixture(scope="session")
def program() -> str:
    if not PROGRAM.exists():
        pytest.skip(f"{PROGRAM} is not there: make build")
    return str(PROGRAM)


def run(*command: object, **options: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=300, **options
    )


def batch(program: str, source: object, output: object, *options: str):
    return run(program, "batch", source, "-o", output, *QUICK, *options)


def make_recordings(folder: pathlib.Path, count: int, bad: int) -> pathlib.Path:
    """Recordings of which no two are the same, and names of which some are odd."""
    made = run(sys.executable, ROOT / "Scripts/soak-recordings", folder, count, bad)
    assert made.returncode == 0, made.stderr
    return folder


def records(report: pathlib.Path) -> list[dict]:
    """A report's records without what depends on the clock."""
    found = [json.loads(line) for line in report.read_bytes().splitlines()]
    for record in found:
        record.pop("seconds", None)
        record.pop("peak_memory_bytes", None)
    return found


def tree(folder: pathlib.Path) -> dict[bytes, bytes]:
    """Every file but reports with its bytes; names may be no text."""
    root = os.fsencode(folder)
    return {
        os.path.relpath(os.path.join(place, name), root): open(
            os.path.join(place, name), "rb"
        ).read()
        for place, _, names in os.walk(root)
        for name in names
        if not name.startswith(b"report")
    }


@pytest.fixture(scope="session")
def converted(program, tmp_path_factory) -> tuple[pathlib.Path, pathlib.Path]:
    """Forty recordings, three of them bad, and what `sonoform batch` makes of them."""
    folder = tmp_path_factory.mktemp("converted")
    source = make_recordings(folder / "in", 40, 3)
    made = batch(program, source, folder / "expected")
    assert made.returncode == 1, made.stderr
    return source, folder / "expected"


@pytest.fixture(scope="session")
def cluster():
    """A head with one CPU; tests add nodes."""
    import ray
    from ray.cluster_utils import Cluster

    # By default they wait for everything else that a busy machine does.
    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112
    options = {"include_dashboard": False, "object_store_memory": 200 << 20}
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, **options})
    yield made
    # What tests connected in this process.
    ray.shutdown()
    made.shutdown()


@pytest.fixture
def dying_program(program, tmp_path) -> str:
    """The program, but a worker that dies of names with `deadly`, of `once-deadly` only once."""
    script = tmp_path / "dying"
    script.write_text(
        f"""#!{sys.executable}
import os, subprocess, sys
worker = subprocess.Popen(
    [{program!r}, *sys.argv[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE
)
sys.stdout.buffer.write(worker.stdout.readline())
sys.stdout.flush()
for line in sys.stdin.buffer:
    once = {str(tmp_path / "died")!r}
    if b"once-deadly" in line and not os.path.exists(once):
        open(once, "w").close()
        os.kill(os.getpid(), 9)
    if b"always-deadly" in line:
        os.kill(os.getpid(), 9)
    worker.stdin.write(line)
    worker.stdin.flush()
    sys.stdout.buffer.write(worker.stdout.readline())
    sys.stdout.flush()
"""
    )
    script.chmod(0o755)
    return str(script)


def copy_sample(name: str, target: pathlib.Path) -> pathlib.Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(SAMPLES / name, target)
    return target
