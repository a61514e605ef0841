"""A `sonoform worker`: a warm pipeline in a process of its own, a line a recording."""

import json
import os
import select
import subprocess
import tempfile
import time
from contextlib import suppress
from typing import Any


class WorkerError(Exception):
    """A worker that could not begin; its own words."""


class WorkerDiedError(Exception):
    """A worker that ended, or did not answer, in the middle of a recording."""


class Worker:
    """One worker and what it said first."""

    def __init__(self, command: list[str], patience: float) -> None:
        """Starts the command, and waits until it is ready; throws WorkerError.

        An answer may take `patience` seconds.
        """
        self.patience = patience
        self._pending = b""
        # For the error's text; a pipe would have to be emptied.
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
            )
        except OSError as error:
            raise WorkerError(f"{command[0]}: cannot be run: {error.strerror}") from error
        try:
            self.greeting: dict[str, Any] = self._line()["ready"]
        except (WorkerDiedError, KeyError) as error:
            self.close()
            self._errors.seek(0)
            words = self._errors.read(4096).decode(errors="replace").strip()
            raise WorkerError(words or f"{command[0]}: {error}") from error

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to a request; throws WorkerDiedError, and is then of no more use."""
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise WorkerDiedError(self._fate()) from error
        return self._line()

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                stream.close()

    def _line(self) -> dict[str, Any]:
        output = self._process.stdout.fileno()
        until = time.monotonic() + self.patience
        while b"\n" not in self._pending:
            left = until - time.monotonic()
            if left <= 0 or not select.select([output], [], [], left)[0]:
                raise WorkerDiedError(f"one that did not answer for {self.patience:g} s")
            piece = os.read(output, 1 << 16)
            if not piece:
                raise WorkerDiedError(self._fate())
            self._pending += piece
        line, _, self._pending = self._pending.partition(b"\n")
        return json.loads(line)

    def _fate(self) -> str:
        try:
            code = self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            return "one that closed its output"
        return f"one that was ended by signal {-code}" if code < 0 else f"exit code {code}"
