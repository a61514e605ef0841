"""Measures `sonoform_ray` against `sonoform batch`, and kills a node in the middle of a run.

    python Scale/measurements/cluster.py PROGRAM WORK [--count 500] [--rounds 2] [--rows 20000]

Everything is on this machine and the loopback interface. Wall-clock times hang on what else the
machine does, so that all are taken in turns; processor times hang on it much less. The last part
takes the worker's work away, by a stand-in that answers at once: what is left is the driver's cost.
"""

import argparse
import ctypes
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from ray.cluster_utils import Cluster

ROOT = pathlib.Path(__file__).parents[2]
_SUBREAPER = 36


@dataclass
class Times:
    """What a run took: seconds on the wall, of processors in all, and of the driver's."""

    wall: float
    processor: float
    driver: float = 0.0
    converting: float = 0.0


def main() -> None:
    """Runs all parts and prints what came out."""
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--rows", type=int, default=20_000, help="of the driver's own cost")
    asked = parser.parse_args()
    # What a node leaves behind when it is killed comes to this process, which counts its time.
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    # Both with the same right to the processor: Ray's workers are nice (15) by default.
    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112
    program, work = asked.program.absolute(), asked.work.absolute()
    shutil.rmtree(work, ignore_errors=True)
    source = work / "recordings"
    subprocess.run(
        [sys.executable, ROOT / "Scripts/soak-recordings", source, str(asked.count), "0"],
        check=True,
    )
    print(f"{asked.count} recordings, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    rates(program, source, work, asked.count, asked.rounds)
    node_killed(program, source, work, asked.count)
    merging(program, source, work, asked.count)
    driver_alone(work, asked.rows)


def rates(
    program: pathlib.Path, source: pathlib.Path, work: pathlib.Path, count: int, rounds: int
) -> None:
    """Recordings a second of both, by workers, in turns."""
    found: dict[str, list[Times]] = {}
    for turn in range(rounds):
        for workers in (1, 2) if turn % 2 == 0 else (2, 1):
            batch = timed(run_batch, program, source, work / "batch", workers)
            found.setdefault(f"batch, {workers}", []).append(batch)
            cluster = timed(run_cluster, program, source, work / "ray", workers)
            found.setdefault(f"Ray, {workers}", []).append(cluster)
            assert tree(work / "ray") == tree(work / "batch"), "the bytes differ"
            print(f"  round {turn + 1}, {workers}: batch {batch}, Ray {cluster}", flush=True)
    print("run, workers | wall s | of it converting s | a second | processor s per recording")
    for name, times in found.items():
        best = min(times, key=lambda one: one.converting)
        print(
            f"{name} | {best.wall:.1f} | {best.converting:.1f} | {count / best.converting:.1f} | "
            f"{statistics.median(one.processor for one in times) / count:.4f}"
        )


def node_killed(
    program: pathlib.Path, source: pathlib.Path, work: pathlib.Path, count: int
) -> None:
    """Two nodes, one of which is killed when half of the recordings are done."""
    out = work / "killed"
    shutil.rmtree(out, ignore_errors=True)
    cluster = Cluster(initialize_head=True, head_node_args=node(1))
    other = cluster.add_node(**node(1))
    process = driver(cluster, program, source, out)
    while process.poll() is None and lines(out) < count // 2:
        time.sleep(0.05)
    at = lines(out)
    cluster.remove_node(other, allow_graceful=False)
    told, errors = process.communicate(timeout=1_200)
    cluster.shutdown()
    reap()
    same = tree(out) == tree(work / "batch")
    print(f"a node killed after {at} of {count}: {told.strip()}; the bytes of batch: {same}")
    assert process.returncode == 0 and same, errors


def merging(program: pathlib.Path, source: pathlib.Path, work: pathlib.Path, count: int) -> None:
    """How long the merge of a part's report takes."""
    report = work / "batch/report.jsonl"
    report.rename(work / "batch/report-0-of-1.jsonl")
    times = timed(run_merge, program, source, work / "batch")
    size = report.stat().st_size / count
    print(f"merge: {count / times.wall:.0f} a second; {size:.0f} bytes of report a recording")


def driver_alone(work: pathlib.Path, rows: int) -> None:
    """The driver's processor time and memory for a recording, by a stand-in for the program."""
    folder = work / "many"
    folder.mkdir()
    record = json.loads((work / "batch/report.jsonl").read_bytes().splitlines()[0])
    for number in range(rows):
        (folder / f"{number:06}.wav").touch()
    stand_in = work / "stand-in"
    stand_in.write_text(
        f"""#!{sys.executable}
import json, sys
record = {record!r}
keys = ("options", "pipeline_sha256", "precision", "version")
print(json.dumps({{"ready": {{key: record[key] for key in keys}}}}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    record["input"] = request["name"]
    print(json.dumps({{"id": request["id"], "record": record}}), flush=True)
"""
    )
    stand_in.chmod(0o755)
    for part in (rows // 4, rows):
        names = sorted(path.name for path in folder.iterdir())[:part]
        (work / "list").write_text("\n".join(names))
        cluster = Cluster(initialize_head=True, head_node_args=node(2))
        more = ("--files-from", str(work / "list"))
        out = work / f"many-{part}"
        began = time.monotonic()
        process = driver(cluster, stand_in, folder, out, *more)
        process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        cluster.shutdown()
        reap()
        assert status == 0 and lines(out) == part, process.stderr.read()
        spent = usage.ru_utime + usage.ru_stime
        print(
            f"driver alone, {part} rows: {wall:.1f} s, {spent:.1f} s of processor "
            f"({spent / part * 1e3:.2f} ms each), {usage.ru_maxrss / 1e3:.0f} MB",
            flush=True,
        )


def timed(run: Callable[..., Times | None], *arguments: object) -> Times:
    """What a run and all its children took."""
    before, began = spent(), time.monotonic()
    found = run(*arguments)
    wall = time.monotonic() - began
    reap()
    times = found or Times(wall, 0, converting=wall)
    times.wall, times.processor = wall, spent() - before
    return times


def spent() -> float:
    """The processor seconds of all children that ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def reap(seconds: float = 60) -> None:
    """Waits for everything that was left to this process."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.05)
        except ChildProcessError:
            return


def run_batch(
    program: pathlib.Path, source: pathlib.Path, out: pathlib.Path, workers: int
) -> Times:
    """`sonoform batch`; its own clock begins when the pipeline is loaded."""
    shutil.rmtree(out, ignore_errors=True)
    made = subprocess.run(
        [program, "batch", source, "-o", out, "--workers", str(workers)],
        check=True,
        capture_output=True,
        text=True,
    )
    return Times(0, 0, converting=own_clock(made.stdout))


def run_merge(program: pathlib.Path, source: pathlib.Path, out: pathlib.Path) -> None:
    """`sonoform batch --merge`."""
    merge = [program, "batch", source, "-o", out, "--merge", "--workers", "1"]
    subprocess.run(merge, check=True, capture_output=True)


def run_cluster(
    program: pathlib.Path, source: pathlib.Path, out: pathlib.Path, workers: int
) -> Times:
    """`sonoform_ray` on a cluster of as many nodes as workers, from nothing to nothing."""
    shutil.rmtree(out, ignore_errors=True)
    cluster = Cluster(initialize_head=True, head_node_args=node(1))
    for _ in range(workers - 1):
        cluster.add_node(**node(1))
    process = driver(cluster, program, source, out)
    told, errors = process.communicate(timeout=1_200)
    cluster.shutdown()
    assert process.returncode == 0, errors
    return Times(0, 0, converting=own_clock(told))


def own_clock(told: str) -> float:
    """The seconds of "500 converted, 0 failed in 40.1 s (12.5 a second); …"."""
    return float(told.rsplit(" s (", 1)[0].rsplit(" ", 1)[1])


def node(processors: int) -> dict[str, object]:
    """A node's arguments."""
    memory = 200 << 20
    return {"num_cpus": processors, "include_dashboard": False, "object_store_memory": memory}


def driver(
    cluster: Cluster, program: pathlib.Path, source: pathlib.Path, out: pathlib.Path, *more: str
) -> subprocess.Popen:
    """`sonoform_ray`, begun."""
    command = [sys.executable, "-m", "sonoform_ray", source, out, "--address", cluster.address]
    return subprocess.Popen(
        [*command, "--sonoform", program, *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def lines(out: pathlib.Path) -> int:
    """How many recordings a report tells of."""
    report = out / "report.jsonl"
    return report.read_bytes().count(b"\n") if report.exists() else 0


def tree(folder: pathlib.Path) -> dict[bytes, bytes]:
    """Every cloud with its bytes."""
    root = os.fsencode(folder)
    found = {}
    for place, _, names in os.walk(root):
        for name in names:
            path = os.path.join(place, name)
            if not name.startswith(b"report"):
                found[os.path.relpath(path, root)] = pathlib.Path(os.fsdecode(path)).read_bytes()
    return found


if __name__ == "__main__":
    main()
