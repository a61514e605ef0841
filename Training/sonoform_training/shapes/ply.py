"""Writing point clouds as PLY, the way every viewer reads them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np

VERTEX = np.dtype(
    [(name, "<f4") for name in ("x", "y", "z", "nx", "ny", "nz")]
    + [(name, "u1") for name in ("red", "green", "blue", "object")]
)


def write_ply(
    path: str | Path, points: np.ndarray, normals: np.ndarray, rgb: np.ndarray, index: int = 0
) -> None:
    """Points, normals, rgb (0..1), each [N, 3], all of one object; whole or not at all."""
    vertices = np.zeros(len(points), VERTEX)
    for column, axis in enumerate("xyz"):
        vertices[axis] = points[:, column]
        vertices["n" + axis] = normals[:, column]
    colours = np.clip(np.round(np.asarray(rgb) * 255), 0, 255).astype(np.uint8)
    vertices["red"], vertices["green"], vertices["blue"] = colours.T
    vertices["object"] = index
    lines = ["ply", "format binary_little_endian 1.0", f"element vertex {len(points)}"]
    for name in VERTEX.names:
        lines.append(f"property {'float' if VERTEX[name].kind == 'f' else 'uchar'} {name}")
    header = "\n".join([*lines, "end_header", ""]).encode("ascii")
    path = Path(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent or ".", prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(header + vertices.tobytes())
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def read_ply(path: str | Path) -> np.ndarray:
    """Reads back what ``write_ply`` writes: a structured array of VERTEX."""
    data = Path(path).read_bytes()
    header, _, body = data.partition(b"end_header\n")
    count = int(header.split(b"element vertex ")[1].split()[0])
    return np.frombuffer(body, VERTEX, count)
