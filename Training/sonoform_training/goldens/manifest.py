"""The manifest of a folder of goldens: what made them, and their checksums."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Sequence
from pathlib import Path


def write_manifest(folder: Path, script: str, packages: Sequence[str], **details: object) -> None:
    """Write `manifest.json`: library versions, seeds and the like, SHA-256 of every other file."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "manifest.json")
    manifest = {
        "made_by": f"python -m {script}",
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in packages},
        **details,
        "sha256": {str(p.relative_to(folder)): checksum(p) for p in files},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def checksum(path: Path) -> str:
    """A file's SHA-256 in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
