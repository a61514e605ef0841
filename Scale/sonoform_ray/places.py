"""Where recordings come from and clouds go to: a local folder, or any URL that fsspec knows."""

import hashlib
import os
import pathlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

import fsspec

from sonoform_ray.names import path_of

# Where a file that is being written can be seen, and a rename puts the whole one in its place. The
# others (S3, GCS, Azure) show a file only when it is there, and would copy it to rename it.
_RENAMES = {"file", "local", "sftp", "ssh", "ftp", "smb", "hdfs", "webhdfs", "memory"}


class Folder:
    """A folder whose files are named by paths below it, in the text of reports."""

    def __init__(self, place: str) -> None:
        """A local path, or a URL such as `s3://bucket/folder`."""
        self.place = place
        self.is_local = "://" not in place and "::" not in place
        if self.is_local:
            self.root = os.path.abspath(place)
        else:
            self.files, root = fsspec.url_to_fs(place)
            self.root = root.rstrip("/")

    def __reduce__(self) -> tuple:
        """Opened again in the process that gets it."""
        return Folder, (os.path.abspath(self.place) if self.is_local else self.place,)

    def path(self, name: str) -> str:
        """The full path of a name of a report."""
        return f"{self.root}/{path_of(name)}"

    @contextmanager
    def fetched(self, name: str) -> Iterator[str]:
        """A local path with the file's bytes, for as long as it is needed; throws OSError."""
        if self.is_local:
            yield self.path(name)
            return
        with tempfile.TemporaryDirectory(prefix="sonoform-") as folder:
            # The ending alone: it may help a decoder, and the rest may be too long.
            local = os.path.join(folder, "recording" + pathlib.PurePath(name).suffix[:16])
            self.files.get_file(self.path(name), local)
            yield local

    def sha256(self, name: str) -> str | None:
        """The file's SHA-256; None where it cannot be read."""
        try:
            with self._opened(name) as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError:
            return None

    def _opened(self, name: str) -> BinaryIO:
        return open(self.path(name), "rb") if self.is_local else self.files.open(self.path(name))

    def put(self, local: str, name: str) -> None:
        """Puts a local file to its place, whole or not at all, and removes the local one."""
        target = self.path(name)
        folder, _, last = target.rpartition("/")
        self.files.makedirs(folder, exist_ok=True)
        if set(_protocols(self.files)) & _RENAMES:
            beside = f"{folder}/.{hashlib.sha256(last.encode()).hexdigest()[:16]}.partial"
            self.files.put_file(local, beside)
            self.files.mv(beside, target)
        else:
            self.files.put_file(local, target)
        os.unlink(local)

    def remove(self, name: str) -> None:
        """Removes a file if it is there."""
        with suppress(FileNotFoundError):
            os.unlink(self.path(name)) if self.is_local else self.files.rm_file(self.path(name))

    def holds(self, name: str) -> bool:
        """Whether a name stays below the folder: anybody can have written a report."""
        inside = os.path.normpath(path_of(name))
        return not inside.startswith(("/", "../")) and inside not in ("..", ".")


def _protocols(files: fsspec.AbstractFileSystem) -> tuple[str, ...]:
    return (files.protocol,) if isinstance(files.protocol, str) else tuple(files.protocol)
