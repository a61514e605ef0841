"""Names and listings are those of `sonoform batch`."""

import os

import pytest
from conftest import batch, make_recordings, records

from sonoform_ray.listing import listed, recordings
from sonoform_ray.names import path_of, printable, report_text
from sonoform_ray.places import Folder


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"sub/a.wav", "sub/a.wav"),
        (b"back\\slash.wav", "back\\slash.wav"),
        (b"stimme\xe9.wav", "stimme\\xE9.wav"),
        (b"\\xE9.wav", "\\\\xE9.wav"),
        (b"\xe9\\x.wav", "\\xE9\\\\x.wav"),
        ("café.wav".encode(), "café.wav"),
    ],
)
def test_a_name_is_text_and_back(name, text):
    assert report_text(os.fsdecode(name)) == text
    assert os.fsencode(path_of(text)) == name


def test_nothing_in_a_printed_name_moves_the_cursor():
    assert printable("a\nb\x1b[2J\\") == "a\\nb\\u{1B}[2J\\\\"


def test_the_listing_is_that_of_batch(program, tmp_path):
    source = make_recordings(tmp_path / "in", 60, 0)
    (source / "notes.txt").write_text("none")
    (source / ".hidden.wav").write_text("none")
    (source / ".folder").mkdir()
    (source / ".folder" / "a.wav").write_text("none")
    (tmp_path / "outside.wav").write_text("none")
    for link, target in [
        ("out.wav", "../outside.wav"),
        ("inside.wav", "speaker-0/0000-good.wav"),
        ("nowhere.wav", "nothing"),
        ("up", ".."),
        ("loop", "."),
    ]:
        (source / link).symlink_to(target)
    (source / "out").mkdir()
    (source / "out" / "old.wav").write_text("none")
    told = batch(program, source, source / "out", "--dry-run").stdout.splitlines()
    expected = [line[len("convert ") :] for line in told if line.startswith("convert ")]
    listing = recordings(Folder(str(source)), Folder(str(source / "out")), False)
    assert [printable(path_of(name)) for name in listing.all()] == expected
    assert len(expected) == 61
    assert listing.passed_over == {
        "files that end in .txt": 1,
        "links that lead nowhere": 1,
        "links that lead out of the folder": 1,
        "links to folders": 1,
    }
    remote = recordings(Folder(f"file://{source}"), Folder("memory://out"), False)
    assert {f"speaker-{n}" for n in range(10)} <= {name.split("/")[0] for name in remote.names}


def test_records_of_odd_names_are_found_by_the_listing(converted):
    source, expected = converted
    listing = recordings(Folder(str(source)), Folder(str(expected)), False)
    assert [record["input"] for record in records(expected / "report.jsonl")] == listing.all()


def test_a_list_names_files_below_the_folder_alone(tmp_path):
    (tmp_path / "list").write_bytes(
        b"b.wav\r\n./sub/../a.wav\n../c.wav\n%b/d.wav\n" % bytes(tmp_path)
    )
    listing = listed(Folder(str(tmp_path)), str(tmp_path / "list"))
    assert listing.names == ["a.wav", "b.wav", "d.wav"]
    assert listing.passed_over == {"listed files outside of the folder": 1}
