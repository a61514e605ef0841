"""The command line: `python -m sonoform_ray IN OUT [options] [-- options of sonoform worker]`."""

import argparse
import logging
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, TextIO

# Ray reads it when it is imported; what matters it also throws.
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")

import ray
import ray.data

from sonoform_ray.batch import Batch, BatchError, local_staging, tell
from sonoform_ray.conversion import Job, check
from sonoform_ray.names import printable
from sonoform_ray.places import Folder
from sonoform_ray.report import Report, ReportError
from sonoform_ray.worker import WorkerError


class Stopped(BaseException):
    """A signal that asks for the end."""

    def __init__(self, number: int) -> None:
        """The signal's number."""
        super().__init__(number)
        self.number = number


def arguments(own: list[str] | None = None) -> argparse.Namespace:
    """What is asked for; ends the program with 2 for wrong usage."""
    parser = argparse.ArgumentParser(
        prog="python -m sonoform_ray",
        description="Converts every recording below a folder on a Ray cluster, as sonoform batch.",
        epilog="What follows -- goes to sonoform worker: --points, --format, --model … "
        "Exit codes: 0 all converted, 1 some failed, 2 wrong usage, 130 or 143 stopped.",
    )
    add = parser.add_argument
    add("source", metavar="IN", help="the recordings: a folder, or a URL that fsspec knows")
    add("output", metavar="OUT", help="where clouds and the report go: the same")
    add("--resume", action="store_true", help="keeps what was made from the same bytes")
    add("--files-from", metavar="LIST", help="takes exactly the files that a list names")
    add("--workers", type=int, metavar="N", help="how many actors (default: the CPUs)")
    add("--address", help="the cluster (default: RAY_ADDRESS, or one on this machine)")
    add("--sonoform", default="sonoform", metavar="PROGRAM", help="the program")
    add(
        "--patience",
        type=float,
        default=1_800,
        metavar="SECONDS",
        help="after so long a worker that does not answer is started again (default: %(default)g)",
    )
    own, rest = sys.argv[1:] if own is None else own, []
    if "--" in own:
        own, rest = own[: own.index("--")], own[own.index("--") + 1 :]
    asked = parser.parse_args(own)
    if asked.workers is not None and not 1 <= asked.workers <= 100_000:
        parser.error("--workers takes 1 to 100000")
    if asked.patience <= 0:
        parser.error("--patience takes more than 0 seconds")
    asked.options = rest
    return asked


def main() -> NoReturn:
    """Runs the command; ends the program with its exit code."""
    asked = arguments()
    _handle_signals(_stop)
    # What Ray prints is for people; the standard output is the result's.
    result, sys.stdout = sys.stdout, sys.stderr
    try:
        code = run(asked, result)
    except Stopped as stopped:
        code = 128 + stopped.number
    ray.shutdown()
    sys.exit(code)


def run(asked: argparse.Namespace, result: TextIO) -> int:
    """Runs the batch, writes its last line to `result`, and gives the exit code."""
    try:
        return _run(asked, result)
    except (BatchError, ReportError, WorkerError) as error:
        tell(f"sonoform_ray: {error}")
    except ConnectionError as error:
        tell(f"sonoform_ray: {asked.address or 'RAY_ADDRESS'}: no cluster there: {error}")
    except ray.exceptions.RayError as error:
        tell(f"sonoform_ray: {str(error).strip()}")
    return 1


def _run(asked: argparse.Namespace, result: TextIO) -> int:
    source, output = Folder(asked.source), Folder(asked.output)
    program = os.path.abspath(asked.sonoform) if os.sep in asked.sonoform else asked.sonoform
    job = Job(
        source=source,
        shown_source=asked.source,
        output=output,
        program=program,
        options=tuple(asked.options),
        staging=local_staging(output),
        patience=asked.patience,
    )
    batch = Batch(job, asked.workers, asked.resume)
    listing = batch.listing(asked.files_from)
    if listing.passed_over:
        told = ", ".join(f"{why} ({count})" for why, count in sorted(listing.passed_over.items()))
        tell(f"sonoform_ray: passed over: {told}")
    # The program need not be where this runs; where it is, its options are known to be right.
    if shutil.which(program):
        check(job)
    with Report(output, asked.resume) as report:
        code = 0
        try:
            if listing.all():
                connect(asked.address)
            last = time.monotonic()
            for row in batch.run(listing, report):
                _tell_errors(row)
                if time.monotonic() - last > 10:
                    last = time.monotonic()
                    tell(batch.summary.progress(batch.seconds))
        except Stopped as stopped:
            code = 128 + stopped.number
            name = signal.Signals(stopped.number).name
            tell(f"sonoform_ray: stopped by {name}; --resume goes on")
        except BatchError as error:
            done, inputs = batch.summary.done, batch.summary.inputs
            words = f"{error}; {done} of {inputs} are done, --resume goes on"
            raise BatchError(words) from error
        line = f"{batch.summary.result(batch.seconds)}; report in {report.place}"
        print(line, file=result, flush=True)
    if code:
        return code
    if not batch.summary.inputs:
        tell(f"sonoform_ray: {printable(asked.source)}: expected recordings, got none")
        return 1
    return 1 if batch.summary.failed + batch.summary.in_part else 0


def connect(address: str | None) -> None:
    """Joins a cluster, or starts one; without Ray's own talk."""
    if ray.is_initialized():
        return
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.ERROR)
    is_own = not (address or os.environ.get("RAY_ADDRESS"))
    options: dict[str, Any] = {"include_dashboard": False} if is_own else {"address": address}
    handler = signal.getsignal(signal.SIGTERM)
    with _quiet():
        ray.init(logging_level=logging.ERROR, log_to_driver=False, **options)
    # Ray has put its own in its place.
    signal.signal(signal.SIGTERM, handler)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what is written to standard error, also by libraries; errors are thrown besides."""
    sys.stderr.flush()
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


def _tell_errors(row: dict[str, Any]) -> None:
    record = row["record"]
    if row["state"] in ("failed", "in part"):
        for part in [record, *record.get("utterances", [])]:
            if "error" in part:
                tell(f"sonoform_ray: {part['error']}")


def _stop(number: int, _: object) -> NoReturn:
    # The second one ends the program at once.
    _handle_signals(signal.SIG_DFL)
    raise Stopped(number)


def _handle_signals(handler: Any) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # What a parent chose to ignore (nohup) stays ignored.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


if __name__ == "__main__":
    main()
