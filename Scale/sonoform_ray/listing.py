"""Which recordings there are: the rules of `sonoform batch`."""

import os
from collections import Counter
from dataclasses import dataclass, field

import fsspec

from sonoform_ray.names import path_of, report_text
from sonoform_ray.places import Folder

ENDINGS = frozenset(
    (
        "wav",
        "wave",
        "bwf",
        "rf64",
        "w64",
        "aif",
        "aiff",
        "aifc",
        "caf",
        "flac",
        "ogg",
        "oga",
        "opus",
    )
)
# What `--decoder ffmpeg` reads besides.
DECODED_ENDINGS = frozenset(("mp3", "m4a", "aac", "mp4", "webm", "wma", "amr", "3gp", "mka", "ac3"))

Endings = frozenset[str]


@dataclass
class Listing:
    """Recordings by their paths below the folder, in the text of reports."""

    names: list[str] = field(default_factory=list)
    # Folders that could not be read, and why.
    unreadable: dict[str, str] = field(default_factory=dict)
    passed_over: Counter[str] = field(default_factory=Counter)

    def all(self) -> list[str]:
        """Recordings, then folders that cannot be read, each in the order of their bytes."""
        return self.names + sorted(self.unreadable, key=_bytes)

    def _finished(self) -> "Listing":
        self.names = sorted(set(self.names), key=_bytes)
        return self


def _bytes(name: str) -> bytes:
    return os.fsencode(path_of(name))


def recordings(source: Folder, output: Folder, decodes_others: bool) -> Listing:
    """The recordings below a folder; throws OSError when it cannot be read.

    Hidden files are left alone, and links that lead out of the folder; what is passed over is
    counted.
    """
    endings = ENDINGS | DECODED_ENDINGS if decodes_others else ENDINGS
    listing = Listing()
    if source.is_local:
        root = os.path.realpath(source.root)
        inner = os.path.realpath(output.root) if output.is_local else None
        _walk(listing, root, "", None if inner == root else inner, endings)
    else:
        if not source.files.isdir(source.root):
            raise NotADirectoryError("no such folder")
        for path in source.files.find(source.root):
            below = path.removeprefix(source.root).lstrip("/")
            if not any(part.startswith(".") for part in below.split("/")):
                _take(listing, below, endings)
    return listing._finished()


def listed(source: Folder, location: str) -> Listing:
    """The files that a list names, a line each, below the folder; the list may be a URL."""
    with fsspec.open(location, "rb") as stream:
        data = stream.read()
    separator = b"\0" if b"\0" in data else b"\n"
    listing = Listing()
    for line in filter(None, data.split(separator)):
        name = line.removesuffix(b"\r") if separator == b"\n" else line
        path = os.path.normpath(os.fsdecode(name))
        if source.is_local and os.path.isabs(path):
            root = os.path.realpath(source.root)
            path = os.path.relpath(os.path.realpath(path), root)
        if path.startswith(("/", "../")) or path == "..":
            listing.passed_over["listed files outside of the folder"] += 1
        else:
            listing.names.append(report_text(path))
    return listing._finished()


def _walk(listing: Listing, root: str, below: str, output: str | None, endings: Endings) -> None:
    try:
        entries = sorted(os.scandir(os.path.join(root, below)), key=lambda entry: entry.name)
    except OSError as error:
        if not below:
            raise
        listing.unreadable[report_text(below)] = error.strerror or str(error)
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        path = os.path.join(below, entry.name)
        if entry.is_symlink():
            _follow(listing, root, path, output, endings)
        elif entry.is_dir(follow_symlinks=False):
            if os.path.join(root, path) != output:
                _walk(listing, root, path, output, endings)
        elif entry.is_file(follow_symlinks=False):
            _take(listing, path, endings)
        else:
            listing.passed_over["files that are neither regular nor links"] += 1


def _follow(listing: Listing, root: str, link: str, output: str | None, endings: Endings) -> None:
    target = os.path.realpath(os.path.join(root, link))
    inside = _is_below(target, root) and not (output and _is_below(target, output))
    if not os.path.exists(target):
        listing.passed_over["links that lead nowhere"] += 1
    elif os.path.isdir(target):
        if not inside:
            listing.passed_over["links to folders"] += 1
    elif inside:
        _take(listing, link, endings)
    else:
        listing.passed_over["links that lead out of the folder"] += 1


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _take(listing: Listing, path: str, endings: Endings) -> None:
    stem, dot, ending = path.rpartition("/")[2].rpartition(".")
    ending = ending.lower() if dot and stem else ""
    if ending in endings:
        listing.names.append(report_text(path))
    else:
        why = f"files that end in .{ending}" if ending else "files without an ending"
        listing.passed_over[why] += 1
