"""PLY files written byte by byte, for what no program writes, or each in its own way.

`cases/` holds small files that are valid in unusual ways, or that lie; `cases.json` says which
points the valid ones have. `colours/` holds the same five colours as every tool has them.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

XYZ = "property float x\nproperty float y\nproperty float z\n"
ASCII, LITTLE, BIG = (
    f"ply\nformat {name} 1.0\n" for name in ("ascii", "binary_little_endian", "binary_big_endian")
)


def floats(order: str, *values: float) -> bytes:
    """Packed floats of a byte order, "<" or ">"."""
    return np.array(values, dtype=f"{order}f4").tobytes()


def write_cases(folder: Path) -> None:
    """Write files that are valid in unusual ways, with their points, and files that lie."""
    huge = 2**63 - 1
    old = ("char", "uchar", "short", "ushort", "int", "uint", "float", "double")
    new = ("int8", "uint8", "int16", "uint16", "int32", "uint32", "float32", "float64")
    codes = ("i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8")
    good: dict[str, tuple[bytes, list[list[float]]]] = {}
    for style, names in (("old", old), ("new", new)):
        for order, head in (("<", LITTLE), (">", BIG)):
            for name, code in zip(names, codes, strict=True):
                header = head + "element vertex 2\n"
                header += "".join(f"property {name} {axis}\n" for axis in "xyz") + "end_header\n"
                data = np.array([1, 2, 3, 4, 5, 100], dtype=order + code).tobytes()
                end = "little" if order == "<" else "big"
                points = [[1, 2, 3], [4, 5, 100]]
                good[f"type-{style}-{name}-{end}"] = (header.encode() + data, points)
    one = [[1.0, 2.0, 3.0]]
    vertex = "element vertex 1\n" + XYZ
    tail = "end_header\n"
    # A value whose first byte is a line's end: a carriage return must not swallow it.
    odd = np.frombuffer(b"\x0a\x00\x80\x3f", dtype="<f4")[0]
    good |= {
        "ends-crlf": ((ASCII + vertex + tail + "1 2 3\n").replace("\n", "\r\n").encode(), one),
        "ends-cr": ((ASCII + vertex + tail + "1 2 3\n").replace("\n", "\r").encode(), one),
        "ends-crlf-binary": (
            (LITTLE + vertex + tail).replace("\n", "\r\n").encode() + floats("<", odd, 2, 3),
            [[float(odd), 2, 3]],
        ),
        "ends-cr-binary": (
            (LITTLE + vertex + tail).replace("\n", "\r").encode() + floats("<", odd, 2, 3),
            [[float(odd), 2, 3]],
        ),
        "comments": (
            (
                "ply\ncomment before the format\nformat ascii 1.0\nobj_info a scanner\ncomment\n"
                f"comment {'long ' * 2000}\n{vertex}comment \u00e9\u0001\n{tail}1 2 3"
            ).encode(),
            one,
        ),
        "spaces": (
            (ASCII + "element  vertex\t1 \n" + XYZ + tail + " 1\t2   3 \n\n").encode(),
            one,
        ),
        "numbers": ((ASCII + vertex + tail + "+1.0e0 .2E1 3.\n").encode(), one),
        "long-number": ((ASCII + vertex + tail + f"1.{'0' * 400} 2 3\n").encode(), one),
        "byte-order-mark": (b"\xef\xbb\xbf" + (ASCII + vertex + tail + "1 2 3\n").encode(), one),
        "byte-order-mark-before-rows": (
            (ASCII + vertex + tail).encode() + b"\xef\xbb\xbf" + b"1 2 3\n",
            one,
        ),
        "space-before-ply": ((" " + ASCII + vertex + tail + "1 2 3\n").encode(), one),
        "capital-names": (
            (
                ASCII
                + "element vertex 1\n"
                + XYZ.upper().replace("PROPERTY FLOAT", "property float")
            ).encode()
            + (tail + "1 2 3\n").encode(),
            one,
        ),
        "points-not-finite": (
            (
                ASCII + "element vertex 4\n" + XYZ + tail + "nan 0 0\n1 2 3\n0 inf 0\n0 0 -inf\n"
            ).encode(),
            one,
        ),
        "space-after-the-rows": (
            (LITTLE + vertex + tail).encode() + floats("<", 1, 2, 3) + b"\n\0",
            one,
        ),
        "empty-element": (
            (ASCII + f"element ghost {huge}\n" + vertex + tail + "1 2 3\n").encode(),
            one,
        ),
        "list-in-vertex": (
            (LITTLE + "element vertex 2\nproperty list uchar short ids\n" + XYZ + tail).encode()
            + b"\x02\x01\x00\x02\x00"
            + floats("<", 1, 2, 3)
            + b"\x00"
            + floats("<", 4, 5, 6),
            [[1, 2, 3], [4, 5, 6]],
        ),
        "list-in-vertex-ascii": (
            (
                ASCII
                + "element vertex 2\nproperty list uchar short ids\n"
                + XYZ
                + tail
                + "2 8 9 1 2 3\n0 4 5 6\n"
            ).encode(),
            [[1, 2, 3], [4, 5, 6]],
        ),
        "elements-around": (
            (
                BIG + "element camera 1\nproperty double f\nelement face 1\n"
                "property list uint int v\n" + vertex + "element edge 1\nproperty int a\n" + tail
            ).encode()
            + np.array([2.5], ">f8").tobytes()
            + np.array([2, 7, 8], ">i4").tobytes()
            + floats(">", 1, 2, 3)
            + np.array([5], ">i4").tobytes(),
            one,
        ),
        "many-properties": (
            (
                ASCII
                + vertex
                + "".join(f"property float f_{k}\n" for k in range(300))
                + tail
                + "1 2 3"
                + " 0" * 300
                + "\n"
            ).encode(),
            one,
        ),
        "normal-not-a-number": (
            (
                ASCII
                + vertex
                + "".join(f"property float n{a}\n" for a in "xyz")
                + tail
                + "1 2 3 nan 0 1\n"
            ).encode(),
            one,
        ),
        "no-points": ((ASCII + "element vertex 0\n" + XYZ + tail).encode(), []),
    }
    lists = "element face 1\nproperty list uint double v\n"
    bad = {
        "count-of-4-billion": (
            LITTLE + "element vertex 4000000000\n" + XYZ + tail + "x" * 24
        ).encode(),
        "count-that-overflows": (LITTLE + f"element vertex {huge}\n" + XYZ + tail).encode(),
        "counts-that-add-up": (
            LITTLE
            + "element a 2\nproperty int i\n"
            + vertex
            + "element b 1\nproperty int i\n"
            + tail
            + "x" * 20
        ).encode(),
        "count-negative": (ASCII + "element vertex -1\n" + XYZ + tail).encode(),
        "count-not-whole": (ASCII + "element vertex 1.5\n" + XYZ + tail).encode(),
        "list-longer-than-file": (LITTLE + lists + vertex + tail).encode()
        + b"\xff" * 4
        + b"x" * 12,
        "list-of-minus-one": (LITTLE + lists.replace("uint", "char") + vertex + tail).encode()
        + b"\xff"
        + b"x" * 12,
        "list-count-ascii": (ASCII + lists + vertex + tail + "1e300 1 2 3\n").encode(),
        "list-count-not-a-number": (ASCII + lists + vertex + tail + "nan 1 2 3\n").encode(),
        "list-count-is-float": (
            ASCII + "element vertex 1\nproperty list float int v\n" + XYZ + tail + "0 1 2 3\n"
        ).encode(),
        "header-of-zeros": b"ply\n" + bytes(1000),
        "header-cut": (ASCII + vertex).encode(),
        "no-format": ("ply\n" + vertex + tail + "1 2 3\n").encode(),
        "no-vertex": (ASCII + "element face 0\nproperty int a\n" + tail).encode(),
        "no-z": (
            ASCII + "element vertex 1\nproperty float x\nproperty float y\n" + tail + "1 2\n"
        ).encode(),
        "x-is-a-list": (
            ASCII + "element vertex 1\nproperty list uchar float x\nproperty float y\n"
            "property float z\n" + tail + "1 1 2 3\n"
        ).encode(),
        "type-unknown": (ASCII + "element vertex 1\nproperty half x\n" + tail).encode(),
        "too-few-numbers": (ASCII + vertex + tail + "1 2").encode(),
        "not-a-number": (ASCII + vertex + tail + "1 two 3\n").encode(),
        "positions-too-far-apart": (
            ASCII
            + vertex.replace("float", "double").replace("1", "2")
            + tail
            + "1 1e300 3\n0 0 0\n"
        ).encode(),
        "row-over-lines": (ASCII + vertex + tail + "1\n2\n3").encode(),
        "more-numbers-than-properties": (ASCII + vertex + tail + "1 2 3 4\n").encode(),
        "more-rows-than-declared": (ASCII + vertex + tail + "1 2 3\n4 5 6\n").encode(),
        "more-bytes-than-rows": (LITTLE + vertex + tail).encode() + floats("<", 1, 2, 3, 4),
        "escape-in-a-name": (
            ASCII + "element \x1b[31m 9\nproperty int i\n" + vertex + tail
        ).encode(),
        "an-off-file": b"OFF\n1 0 0\n1 2 3\n",
        "nothing": b"",
    }
    cases = folder / "cases"
    cases.mkdir(exist_ok=True)
    for old_file in cases.glob("*.ply"):
        old_file.unlink()
    for name, data in bad.items():
        (cases / f"bad-{name}.ply").write_bytes(data)
    for name, (data, _) in good.items():
        (cases / f"good-{name}.ply").write_bytes(data)
    points = {name: points for name, (_, points) in good.items()}
    (folder / "cases.json").write_text(json.dumps(points, indent=1) + "\n")


CHAIR = [(214, 39, 40), (31, 96, 200), (0, 0, 0), (255, 255, 255), (7, 8, 9)]
"""Colours that every dialect below stores."""


def coloured(
    names: list[str], kind: str, values: list[list[object]], order: str = "ascii"
) -> bytes:
    """A PLY file with the places (i, 2 i, 3 i) and some colour properties."""
    header = f"ply\nformat {order} 1.0\nelement vertex {len(values)}\n{XYZ}"
    header += "".join(f"property {kind} {name}\n" for name in names) + "end_header\n"
    lines = (f"{i} {2 * i} {3 * i} " + " ".join(map(str, row)) for i, row in enumerate(values))
    return (header + "\n".join(lines) + "\n").encode()


def write_colours(folder: Path) -> None:
    """Write the same five colours as every tool has them."""
    rgb = [list(colour) for colour in CHAIR]
    words = ["red", "green", "blue"]
    harmonics = [[(c / 255 - 0.5) / 0.28209479177387814 for c in row] for row in rgb]
    packed = [r << 16 | g << 8 | b for r, g, b in rgb]
    full = 2**32 - 1
    files = {
        "float-0-1": coloured(words, "float", [[c / 255 for c in row] for row in rgb]),
        "float-0-255": coloured(words, "float", rgb),
        "double-0-255": coloured(words, "double", rgb),
        "char": coloured(words, "char", [[c - 256 if c > 127 else c for c in row] for row in rgb]),
        "short-0-255": coloured(words, "short", rgb),
        "ushort-0-255": coloured(words, "ushort", rgb),
        "ushort-full": coloured(words, "ushort", [[257 * c for c in row] for row in rgb]),
        "int-0-255": coloured(words, "int", rgb),
        "uint-0-255": coloured(words, "uint", rgb),
        "uint-0-65535": coloured(words, "uint", [[257 * c for c in row] for row in rgb]),
        "uint-full": coloured(words, "uint", [[round(c / 255 * full) for c in row] for row in rgb]),
        "capital-letters": coloured(["R", "G", "B"], "uchar", rgb),
        "letters": coloured(["r", "g", "b"], "uchar", rgb),
        "capitalised": coloured(["Red", "Green", "Blue"], "uchar", rgb),
        "diffuse": coloured([f"diffuse_{w}" for w in words], "uchar", rgb),
        "scalar-letters": coloured(["scalar_R", "scalar_G", "scalar_B"], "float", rgb),
        "scalar-words": coloured([f"scalar_{w.title()}" for w in words], "float", rgb),
        "packed-uint": coloured(["rgba"], "uint", [[0xFF000000 | p] for p in packed]),
        "packed-int": coloured(["rgb"], "int", [[p] for p in packed]),
        "packed-float-text": coloured(
            ["rgb"], "float", [[np.uint32(p).view(np.float32)] for p in packed]
        ),
        "harmonics": coloured([f"f_dc_{k}" for k in range(3)], "float", harmonics),
    }
    head = coloured(["rgb"], "float", [], "binary_little_endian").decode()
    table = np.zeros(len(rgb), dtype=[("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("rgb", "<u4")])
    for k, axis in enumerate("xyz"):
        table[axis] = (k + 1) * np.arange(len(rgb))
    # With alpha 255 in front, the bits are those of a float that is not a number.
    table["rgb"] = [0xFF000000 | p for p in packed]
    files["packed-float-bits"] = (
        head.replace("vertex 0", f"vertex {len(rgb)}").rstrip().encode() + b"\n" + table.tobytes()
    )
    colours = folder / "colours"
    colours.mkdir(exist_ok=True)
    for name, data in files.items():
        (colours / f"{name}.ply").write_bytes(data)
