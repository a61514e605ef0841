"""The report of a batch, `report.jsonl`: a line a recording, as `sonoform batch` writes it."""

import fcntl
import json
import os
import re
import tempfile
import time
from collections.abc import Iterable
from typing import Any, Self

from sonoform_ray.names import printable
from sonoform_ray.places import Folder

NAME = "report.jsonl"
# The report of the whole, and those of `--shard I/N`.
_REPORTS = re.compile(r"report.*\.jsonl")


class ReportError(Exception):
    """A report that cannot be written, in one line."""


class _Lines:
    """Where every recording's last line lies in an open report; the lines stay on the disk."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.places: dict[str, tuple[int, int]] = {}
        self.end = 0
        with open(os.dup(descriptor), "rb") as stream:
            stream.seek(0)
            for line in stream:
                if not line.endswith(b"\n"):
                    break
                record = _record(line)
                if record is not None:
                    self.places[record["input"]] = (self.end, len(line))
                self.end += len(line)

    def line(self, name: str) -> bytes | None:
        place = self.places.get(name)
        return os.pread(self.descriptor, place[1], place[0]) if place else None


class Report:
    """A report that is added to, locked against other batches; use it in a `with` statement.

    A line is on the disk when `append` returns. Where the output folder is a URL, the report is
    kept here and sent there now and then.
    """

    def __init__(self, folder: Folder, resume: bool) -> None:
        """Opens the folder's report, or begins one; the others are there to resume from."""
        self.folder = folder
        self._scratch = None if folder.is_local else tempfile.TemporaryDirectory(prefix="sonoform-")
        if folder.is_local:
            try:
                os.makedirs(folder.root, exist_ok=True)
            except OSError as error:
                words = f"{printable(folder.place)}: cannot be written: {error.strerror}"
                raise ReportError(words) from error
            self._path = folder.path(NAME)
        else:
            self._path = os.path.join(self._scratch.name, NAME)
            if folder.files.exists(folder.path(NAME)):
                folder.files.get_file(folder.path(NAME), self._path)
        self._descriptor = self._locked()
        self._check()
        self._lines = _Lines(self._descriptor)
        os.ftruncate(self._descriptor, self._lines.end)
        self._others = [_Lines(os.open(path, os.O_RDONLY)) for path in self._other_reports(resume)]
        (self._sent, self._sending) = (time.monotonic(), 0.0)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Gives up the lock; what was not sent yet is sent."""
        if not self.folder.is_local:
            self._send()
            self._scratch.cleanup()
        for lines in [self._lines, *self._others]:
            os.close(lines.descriptor)

    @property
    def place(self) -> str:
        """The report as a person is told of it."""
        return printable(self.folder.place.rstrip("/") + "/" + NAME)

    def record(self, name: str) -> dict[str, Any] | None:
        """What this report says of a recording."""
        line = self._lines.line(name)
        return _record(line) if line else None

    def earlier(self, name: str) -> list[dict[str, Any]]:
        """What all reports say of a recording, this one first."""
        found = (lines.line(name) for lines in [self._lines, *self._others])
        return [record for line in found if line and (record := _record(line))]

    def append(self, records: Iterable[dict[str, Any]]) -> None:
        """Adds lines, and waits until the disk has them; throws ReportError."""
        data, places, end = [], {}, self._lines.end
        for record in records:
            line = _line(record)
            places[record["input"]] = (end, len(line))
            data.append(line)
            end += len(line)
        try:
            self._write(b"".join(data))
            os.fdatasync(self._descriptor)
        except OSError as error:
            os.ftruncate(self._descriptor, self._lines.end)
            raise ReportError(f"{self.place}: cannot be written: {error.strerror}") from error
        self._lines.places.update(places)
        self._lines.end = end
        # A long report takes long to send: a twentieth of the time goes there at most.
        waited = time.monotonic() - self._sent
        if not self.folder.is_local and waited > max(30.0, 20 * self._sending):
            self._send()

    def finish(self, names: Iterable[str]) -> None:
        """Puts the lines of all recordings into their order, one each, and drops all others."""
        beside = os.path.join(os.path.dirname(self._path), f".{os.getpid()}.{NAME}.partial")
        try:
            with open(beside, "wb") as stream:
                for name in names:
                    stream.write(self._lines.line(name) or b"")
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(beside, self._path)
        except OSError as error:
            raise ReportError(f"{self.place}: cannot be written: {error.strerror}") from error

    def _write(self, data: bytes) -> None:
        done = 0
        while done < len(data):
            done += os.pwrite(self._descriptor, data[done:], self._lines.end + done)

    def _locked(self) -> int:
        # The lock of `sonoform batch`. What a finishing batch has just replaced is opened again.
        while True:
            try:
                descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            except OSError as error:
                raise ReportError(f"{self.place}: cannot be written: {error.strerror}") from error
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                raise ReportError(
                    f"{self.place}: expected one batch at a time, got another one that writes it"
                ) from None
            except OSError:
                pass  # a file system without locks
            if os.path.samestat(os.fstat(descriptor), os.stat(self._path)):
                return descriptor
            os.close(descriptor)

    def _check(self) -> None:
        start = os.pread(self._descriptor, 1 << 20, 0)
        first, end, _ = start.partition(b"\n")
        is_report = (
            _record(first) is not None if end else start[:2] in (b"", b'{"') or not any(start)
        )
        if not is_report:
            os.close(self._descriptor)
            raise ReportError(
                f"{self.place}: expected a batch's report, got another file of that name"
            )

    def _other_reports(self, resume: bool) -> Iterable[str]:
        if not resume:
            return
        if self.folder.is_local:
            names = sorted(os.listdir(self.folder.root))
            paths = [self.folder.path(name) for name in names if _REPORTS.fullmatch(name)]
            yield from (path for path in paths if path != self._path)
            return
        for path in sorted(self.folder.files.ls(self.folder.root, detail=False)):
            name = path.rpartition("/")[2]
            if _REPORTS.fullmatch(name) and name != NAME:
                local = os.path.join(self._scratch.name, name)
                self.folder.files.get_file(path, local)
                yield local

    def _send(self) -> None:
        began = time.monotonic()
        copy = self._path + ".copy"
        with open(self._path, "rb") as source, open(copy, "wb") as target:
            while piece := source.read(1 << 20):
                target.write(piece)
        self.folder.put(copy, NAME)
        self._sent = time.monotonic()
        self._sending = self._sent - began


def _line(record: dict[str, Any]) -> bytes:
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode() + b"\n"


def _record(line: bytes) -> dict[str, Any] | None:
    """A line's record, of whatever version; None for what is none."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    is_record = isinstance(record, dict) and {"input", "pipeline_sha256"} <= record.keys()
    return record if is_record else None
