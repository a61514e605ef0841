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
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from ray.cluster_utils import Cluster

ROOT = pathlib.Path(__file__).parents[2]
_SUBREAPER = 36


@dataclass
class Times:
    """What a run took: seconds on the wall, of all processors, and by its own clock."""

    wall: float
    processor: float
    converting: float = 0.0


def main() -> None:
    """Runs all parts and prints what came out."""
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--rows", type=int, default=20_000, help="where nothing is converted")
    asked = parser.parse_args()
    # What a node leaves behind when it is killed comes to this process, which counts its time.
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    # Both with the same right to the processor: Ray's workers are nice (15) by default.
    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112
    program, work = asked.program.absolute(), asked.work.absolute()
    shutil.rmtree(work, ignore_errors=True)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    # What a run costs by itself stands out of few recordings, what each costs out of many.
    for count in (40, asked.count):
        source = make_recordings(work / f"recordings-{count}", count)
        rates(program, source, work, count, asked.rounds)
    node_killed(program, source, work, asked.count)
    merging(program, source, work, asked.count)
    nothing_to_convert(work, asked.rows)
    idle()


def make_recordings(folder: pathlib.Path, count: int) -> pathlib.Path:
    """Good recordings, no two of which are the same."""
    script = ROOT / "Scripts/soak-recordings"
    subprocess.run([sys.executable, script, folder, str(count), "0"], check=True)
    return folder


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
    print(f"{count}: run, workers | wall s | converting s | a second | processor s, each")
    for name, times in found.items():
        best = min(times, key=lambda one: one.converting)
        middle = statistics.median(one.processor for one in times)
        print(
            f"{name} | {best.wall:.1f} | {best.converting:.1f} | {count / best.converting:.1f} | "
            f"{middle:.1f}, {middle / count:.4f}",
            flush=True,
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


def idle() -> None:
    """What a cluster of one node costs that does nothing."""

    def wait(seconds: float) -> None:
        cluster = Cluster(initialize_head=True, head_node_args=node(1))
        time.sleep(seconds)
        cluster.shutdown()

    short, long = timed(wait, 5), timed(wait, 45)
    print(f"idle: {(long.processor - short.processor) / 40:.3f} s of processor a second")


def nothing_to_convert(work: pathlib.Path, rows: int) -> None:
    """What is left where a stand-in takes the place of the program."""
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
        before, began = spent(), time.monotonic()
        process = driver(cluster, stand_in, folder, out, *more)
        process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        cluster.shutdown()
        reap()
        assert status == 0 and lines(out) == part, process.stderr.read()
        own, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e3
        print(f"nothing to convert, {part} rows: {wall:.1f} s, {memory:.0f} MB in the driver,")
        print(f"  {own:.1f} s of processor there, {spent() - before:.1f} s in all", flush=True)


def timed(run: Callable[..., Times | None], *arguments: object) -> Times:
    """What a run and all its children took."""
    before, began = spent(), time.monotonic()
    with ActorTimes() as actors:
        found = run(*arguments)
    wall = time.monotonic() - began
    reap()
    times = found or Times(wall, 0, wall)
    times.wall, times.processor = wall, spent() - before + actors.seconds
    return times


class ActorTimes(threading.Thread):
    """Sums the processor times of Ray's actors while they live: a node does not count them."""

    def __init__(self) -> None:
        """Nothing is looked at yet."""
        super().__init__(daemon=True)
        self._ended = threading.Event()
        self._ticks: dict[str, int] = {}

    def __enter__(self) -> Self:
        """Begins."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Ends."""
        self._ended.set()
        self.join()

    def run(self) -> None:
        """Looks at all processes now and then."""
        while not self._ended.wait(0.2):
            for name in filter(str.isdigit, os.listdir("/proc")):
                with suppress(OSError):
                    process = pathlib.Path("/proc", name)
                    if process.joinpath("cmdline").read_bytes().startswith(b"ray::"):
                        fields = process.joinpath("stat").read_text().rpartition(")")[2].split()
                        self._ticks[name] = int(fields[11]) + int(fields[12])

    @property
    def seconds(self) -> float:
        """What they took, their children aside."""
        return sum(self._ticks.values()) / os.sysconf("SC_CLK_TCK")


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
    return Times(0, 0, own_clock(made.stdout))


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
    return Times(0, 0, own_clock(told))


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
