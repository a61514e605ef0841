"""What every actor does: one recording after the other, by a worker that it keeps warm."""

import hashlib
import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sonoform_ray.names import path_of, printable, report_text
from sonoform_ray.places import Folder
from sonoform_ray.worker import Worker, WorkerDiedError, WorkerError

# What a cloud's bytes hang on, the recording aside: keys of reports and of a worker's greeting.
ORIGIN = ("options", "pipeline_sha256", "precision", "version")


@dataclass(frozen=True)
class Job:
    """What all actors are told."""

    source: Folder
    # What the user called it.
    shown_source: str
    output: Folder
    # The program and its options.
    program: str
    options: tuple[str, ...]
    # For files in the making, in the output folder, where that is local.
    staging: str
    # How long a recording may take, in seconds.
    patience: float

    def command(self, output: str) -> list[str]:
        """A worker's command line, for files below a local folder."""
        staging = ["--staging", self.staging] if self.output.is_local else []
        return [self.program, "worker", "-o", output, *staging, *self.options]


def check(job: Job) -> None:
    """Starts a worker here, to see that its options are right; throws WorkerError."""
    with tempfile.TemporaryDirectory(prefix="sonoform-") as folder:
        Worker([job.program, "worker", "-o", folder, *job.options], job.patience).close()


def origin(record: dict[str, Any]) -> str:
    """A word for what a record was made with, or a worker makes records with."""
    parts = [record.get(key) for key in ORIGIN]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class Converter:
    """An actor's state: a warm worker, which is started again when it dies."""

    def __init__(self, job: Job) -> None:
        """Starts the worker; where there can be none, every recording is told so."""
        self.job = job
        # A worker writes to a local output itself; to another one its files are sent.
        self._scratch = tempfile.TemporaryDirectory(prefix="sonoform-")
        self._folder = job.output.root if job.output.is_local else self._scratch.name
        self._worker: Worker | None = None
        with suppress(WorkerError):
            self._ready()

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Converts the recording of a row, unless its files are there already.

        Takes `name`, `trouble` (why it cannot be read, or ""), and of earlier records `earlier`,
        what may be kept (`origin`, `input_sha256`, `files`), and `stale`, the files of the latest.
        Gives `name`, `state` ("kept", "converted", "in part", "failed", or "stopped" where nothing
        can be made any more), `number`, which of `earlier` was kept, and `record`, as JSON.
        """
        name = row["name"]
        try:
            if row["trouble"]:
                return self._failed(name, None, "a folder of recordings", f'"{row["trouble"]}"')
            own = origin(self._ready().greeting)
            with self.job.source.fetched(name) as local:
                digest = _sha256(local)
                for number, made in enumerate(row["earlier"]):
                    is_same = (made["origin"], made["input_sha256"]) == (own, digest)
                    if is_same and self._are_there(made["files"]):
                        return _outcome(name, "kept", {}, number)
                return self._converted(name, local, digest, row["stale"])
        except WorkerError as error:
            return _outcome(name, "stopped", {"error": str(error)})
        except OSError as error:
            words = error.strerror or str(error) or type(error).__name__
            return self._failed(name, None, "an audio file", f'"{words}"')

    def _are_there(self, files: list[dict[str, str]]) -> bool:
        output = self.job.output
        return all(
            output.holds(file["path"]) and output.sha256(file["path"]) == file["sha256"]
            for file in files
        )

    def _converted(
        self, name: str, local: str, digest: str, stale: list[dict[str, str]]
    ) -> dict[str, Any]:
        request = {"id": name, "input": report_text(local), "name": name}
        for attempt in (1, 2):
            try:
                answer = self._ready().ask(request)
                break
            except WorkerDiedError as error:
                self._worker.close()
                self._worker = None
                if attempt == 2:
                    self._remove(stale)
                    return self._failed(name, digest, "a worker that goes on", f"{error}, twice")
        record, problem = answer.get("record"), answer.get("problem")
        if record is None:
            return self._failed(name, digest, "a request", problem["detail"])
        troubled = [part for part in [record, *record.get("utterances", [])] if "error" in part]
        for part in troubled:
            # The worker knows the copy that it read, the user the recording.
            part["error"] = part["error"].replace(printable(local), self._shown(name), 1)
        if problem and problem["reason"] == "cannot-write":
            return _outcome(name, "stopped", record)
        made = {file["path"] for file in record.get("files", [])}
        try:
            self._send(made)
            self._remove([file for file in stale if file["path"] not in made])
        except OSError as error:
            words = error.strerror or str(error) or type(error).__name__
            where = printable(self.job.output.place)
            return _outcome(name, "stopped", {"error": f"{where}: cannot be written: {words}"})
        state = "failed" if "error" in record else "in part" if troubled else "converted"
        return _outcome(name, state, record)

    def _send(self, paths: set[str]) -> None:
        """Puts files that a worker made here to their places, where those are elsewhere."""
        if not self.job.output.is_local:
            for path in sorted(paths):
                self.job.output.put(os.path.join(self._folder, path_of(path)), path)

    def _ready(self) -> Worker:
        if self._worker is None:
            self._worker = Worker(self.job.command(self._folder), self.job.patience)
        return self._worker

    def _remove(self, files: list[dict[str, str]]) -> None:
        """Removes what an earlier version was made into, where nobody has changed it since."""
        for file in files:
            if self._are_there([file]):
                self.job.output.remove(file["path"])

    def _shown(self, name: str) -> str:
        return printable(f"{self.job.shown_source.rstrip('/')}/{path_of(name)}")

    def _failed(self, name: str, digest: str | None, expected: str, got: str) -> dict[str, Any]:
        words = f"{self._shown(name)}: expected {expected}, got {got}"
        record = {key: self._ready().greeting[key] for key in ORIGIN}
        record |= {"input": name, "error": words}
        if digest:
            record["input_sha256"] = digest
        return _outcome(name, "failed", record)


def _outcome(name: str, state: str, record: dict[str, Any], number: int = 0) -> dict[str, Any]:
    # As text: the records of a table's column need not have the same keys.
    return {"name": name, "state": state, "number": number, "record": json.dumps(record)}


def _sha256(path: str) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
