"""Text, JSON and tables: given whole, or refused with the place that is wrong."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from unimumer.files import FileError, read_json_lines, read_list, read_object, read_table, read_text, sha256


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "line 1, column 1: not JSON"),
        (b'[{"images": ', "line 1, column 13: not JSON: Expecting value"),
        (b'[1,\n"\xc3\xa9", x]', "line 2, column 6: not JSON"),
        (b'["a \\" NaN",\n -Infinity]', "line 2, column 2: not JSON: -Infinity is no number"),
        (b"{}", "expected a JSON list"),
        (b"[\n\xff\xfe]", "line 2, column 1: not UTF-8"),
        (b"[" * 100_000, "line 1, column 1: not usable JSON: nested too deeply"),
        (b"[\n" + b"9" * 5000 + b"]", "line 2, column 1: not usable JSON: a number is too long"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "l.json"
    path.write_bytes(content)
    with pytest.raises(FileError, match=rf"l\.json: {reason}"):
        read_list(path)


def test_what_is_there_is_given(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b'\xef\xbb\xbf{"a": [1, "\xc3\xa9\\ud800"]}\r\n')
    assert read_object(path) == {"a": [1, "é\ud800"]}
    assert read_text(path).endswith("]}\r\n")
    path.write_bytes(b"abc")  # the example of FIPS 180-4
    assert sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with pytest.raises(FileError, match=r"none\.json: cannot be read: No such file"):
        read_list(tmp_path / "none.json")


def test_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n\n[2]\n{"b": }\n')
    lines = read_json_lines(path)
    assert [(place.line, content) for place, content in (next(lines), next(lines))] == [(1, {"a": 1}), (3, [2])]
    with pytest.raises(FileError, match=r"a\.jsonl: line 4, column 7: not JSON"):
        next(lines)


def test_tables(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(b"a\tx + 1\r\n\n b c \t y\t2 \nd \\ \xe2\x80\xa8 e\n\tz\nf")
    strict = [("a", "x + 1"), ("b c", "y\t2"), ("", "d \\ \u2028 e"), ("", "z"), ("", "f")]
    assert [row[1:] for row in read_table(path)] == strict
    loose = [*strict[:2], ("d", "\\ \u2028 e"), ("", "z"), ("f", "")]
    assert [row[1:] for row in read_table(path, spaces=True)] == loose
    assert [place.line for place, _, _ in read_table(path)] == [1, 3, 4, 5, 6]
    path.write_text("a\tb\n" + "c" * 2_000_000)
    with pytest.raises(FileError, match=r"a\.tsv: line 2: longer than"):
        list(read_table(path))


def test_packed_lines_are_read_and_damage_is_named(tmp_path: Path) -> None:
    path, packed = tmp_path / "a.jsonl.gz", gzip.compress(b"[1]\n\n7\n" * 99)
    path.write_bytes(packed)
    assert [(place.line, value) for place, value in read_json_lines(path)][-2:] == [(295, [1]), (297, 7)]
    for damaged in (packed[:-9], packed[:12] + b"\xff\xff" + packed[14:], b"[1]"):
        path.write_bytes(damaged)
        with pytest.raises(FileError, match=r"a\.jsonl\.gz: cannot be read: "):
            list(read_json_lines(path))
