"""Paths as the reports of `sonoform` write them, and as a person may see them.

A report's text keeps every byte of a path. Almost all paths stand as they are; in one with bytes
that are not UTF-8, or with `\\x` in it, a backslash is `\\\\` and such a byte `\\xE9`.
"""

import os
import re


def report_text(path: str) -> str:
    """The report's text for a path, which has the surrogates of `os.fsdecode`."""
    try:
        path.encode()
        if "\\x" not in path:
            return path
    except UnicodeEncodeError:
        pass
    return "".join(
        "\\\\"
        if one == "\\"
        else f"\\x{ord(one) - 0xDC00:02X}"
        if "\udc80" <= one <= "\udcff"
        else one
        for one in path
    )


def path_of(text: str) -> str:
    """The path that a report's text stands for."""
    if "\\x" not in text:
        return text
    data = re.sub(
        rb"\\(?:x([0-9A-Fa-f]{2})|\\)",
        lambda found: bytes.fromhex(found[1].decode()) if found[1] else b"\\",
        text.encode(),
    )
    return os.fsdecode(data)


def printable(path: str) -> str:
    """The path on one line, with nothing in it that a terminal obeys."""
    spelt = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return "".join(
        spelt.get(one)
        or (
            f"\\x{ord(one) - 0xDC00:02X}"
            if "\udc80" <= one <= "\udcff"
            else one
            if one.isprintable()
            else f"\\u{{{ord(one):02X}}}"
        )
        for one in path
    )
