"""A batch on a Ray cluster: the listing goes in, actors convert, the report comes out."""

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow
import ray
import ray.data

from sonoform_ray.conversion import Converter, Job, origin
from sonoform_ray.listing import Listing, listed, recordings
from sonoform_ray.names import printable
from sonoform_ray.places import Folder
from sonoform_ray.report import NAME, Report

# Recordings that go to an actor at once. Few, for those are done again that an actor had in hand
# when its machine went away; of a large batch more, for every task costs the driver milliseconds.
_LEAST_ROWS, _MOST_ROWS = 4, 64


class BatchError(Exception):
    """A batch that cannot begin or go on, in one line."""


@dataclass
class Summary:
    """What became of the recordings."""

    inputs: int = 0
    converted: int = 0
    in_part: int = 0
    kept: int = 0
    failed: int = 0

    @property
    def done(self) -> int:
        """How many were done, well or badly."""
        return self.converted + self.in_part + self.kept + self.failed

    @property
    def left(self) -> int:
        """How many were not."""
        return self.inputs - self.done

    def count(self, state: str) -> None:
        """Counts a recording."""
        name = state.replace(" ", "_")
        setattr(self, name, getattr(self, name) + 1)

    def progress(self, seconds: float) -> str:
        """The line of a batch that goes on."""
        parts = [f"{self.done} of {self.inputs}"]
        parts += [
            f"{value} {name}"
            for value, name in (
                (self.kept, "kept"),
                (self.in_part, "in part"),
                (self.failed, "failed"),
            )
            if value
        ]
        rate = (self.done - self.kept) / max(seconds, 1e-3)
        if rate:
            left = int(self.left / rate)
            clock = f"{left // 60}:{left % 60:02}"
            if left >= 3_600:
                clock = f"{left // 3_600}:{left // 60 % 60:02}:{left % 60:02}"
            parts += [f"{rate:.1f} a second", f"{clock} left"]
        return ", ".join(parts)

    def result(self, seconds: float) -> str:
        """The line of a batch that ended."""
        parts = [f"{self.converted} converted", f"{self.failed} failed"]
        parts += [
            f"{value} {name}"
            for value, name in (
                (self.in_part, "in part"),
                (self.kept, "kept"),
                (self.left, "left"),
            )
            if value
        ]
        rate = (self.done - self.kept) / max(seconds, 1e-3)
        return f"{', '.join(parts)} in {seconds:.1f} s ({rate:.1f} a second)"


class Batch:
    """One run over all recordings; needs `ray.init`."""

    def __init__(self, job: Job, workers: int | None, resume: bool) -> None:
        """Over the recordings of `job.source`, on `workers` actors, or on as many as CPUs."""
        self.job, self.workers, self.resume = job, workers, resume
        self.summary = Summary()
        self.seconds = 0.0

    def listing(self, files_from: str | None) -> Listing:
        """What there is to convert."""
        try:
            if files_from:
                return listed(self.job.source, files_from)
            given = " ".join(self.job.options).replace("=", " ")
            return recordings(self.job.source, self.job.output, "--decoder ffmpeg" in given)
        except OSError as error:
            words = error.strerror or str(error)
            what = files_from or self.job.shown_source
            expected = "a list of files" if files_from else "a folder of recordings"
            raise BatchError(f'{printable(what)}: expected {expected}, got "{words}"') from error

    def run(self, listing: Listing, report: Report) -> Iterator[dict[str, Any]]:
        """Converts, and gives what became of every recording as soon as the report has it.

        The report is in order when the iterator ends.
        """
        began = time.monotonic()
        names = listing.all()
        self.summary.inputs = len(names)
        if self.job.output.is_local:
            self._make_staging()
        try:
            for rows in self._answers(listing, names, report) if names else ():
                stopped = next((row for row in rows if row["state"] == "stopped"), None)
                if stopped:
                    raise BatchError(stopped["record"]["error"])
                self._keep(rows, report)
                self.seconds = time.monotonic() - began
                yield from rows
            report.finish(names)
        finally:
            self.seconds = time.monotonic() - began
            if self.job.output.is_local:
                shutil.rmtree(self.job.staging, ignore_errors=True)

    def _make_staging(self) -> None:
        # A link would lead to somebody's folder, and what is in that would be removed.
        if os.path.islink(self.job.staging):
            raise BatchError(f"{printable(self.job.staging)}: expected a folder, got a link")
        shutil.rmtree(self.job.staging, ignore_errors=True)
        os.makedirs(self.job.staging)

    def _keep(self, rows: list[dict[str, Any]], report: Report) -> None:
        """Puts what came of recordings into the report."""
        records = []
        for row in rows:
            if row["state"] == "kept":
                row["record"] = self._sound(row["name"], report)[row["number"]]
                if row["record"] == report.record(row["name"]):
                    continue
            records.append(row["record"])
        report.append(records)
        for row in rows:
            self.summary.count(row["state"])

    def _answers(
        self, listing: Listing, names: list[str], report: Report
    ) -> Iterator[list[dict[str, Any]]]:
        workers = self.workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        rows = min(_MOST_ROWS, max(_LEAST_ROWS, len(names) // (workers * 64)))
        tables = [
            self._table(listing, names[start : start + rows], report)
            for start in range(0, len(names), rows)
        ]
        # From one to all: what a machine takes with it when it goes away is not waited for.
        pool = ray.data.ActorPoolStrategy(
            min_size=1, max_size=workers, initial_size=workers, max_tasks_in_flight_per_actor=2
        )
        data = ray.data.from_arrow(tables).map(
            Converter, fn_constructor_args=(self.job,), compute=pool, num_cpus=1
        )
        for batch in data.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=1):
            yield [{**row, "record": json.loads(row["record"])} for row in batch.to_pylist()]

    def _table(self, listing: Listing, names: list[str], report: Report) -> pyarrow.Table:
        return pyarrow.Table.from_pylist(
            [
                {
                    "name": name,
                    "trouble": listing.unreadable.get(name, ""),
                    "earlier": [_made(record) for record in self._sound(name, report)],
                    "stale": _files(report.record(name) or {}),
                }
                for name in names
            ],
            schema=_ROWS,
        )

    def _sound(self, name: str, report: Report) -> list[dict[str, Any]]:
        """The earlier records that may be kept: those of whole recordings."""
        if not self.resume:
            return []
        return [
            record
            for record in report.earlier(name)
            if "error" not in record
            and not any("error" in utterance for utterance in record.get("utterances", []))
            and record.get("files")
            and record.get("input_sha256")
        ]


_FILES = pyarrow.list_(pyarrow.struct({"path": pyarrow.string(), "sha256": pyarrow.string()}))
_MADE = pyarrow.struct(
    {"origin": pyarrow.string(), "input_sha256": pyarrow.string(), "files": _FILES}
)
_ROWS = pyarrow.schema(
    {
        "name": pyarrow.string(),
        "trouble": pyarrow.string(),
        "earlier": pyarrow.list_(_MADE),
        "stale": _FILES,
    }
)


def _files(record: dict[str, Any]) -> list[dict[str, str]]:
    return record.get("files", [])


def _made(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "origin": origin(record),
        "input_sha256": record["input_sha256"],
        "files": _files(record),
    }


def local_staging(output: Folder) -> str:
    """The folder of files in the making that `sonoform batch` has, too, and empties."""
    return output.path(f".{NAME}.staging") if output.is_local else ""


def tell(line: str) -> None:
    """A line to standard error."""
    print(line, file=sys.stderr, flush=True)
