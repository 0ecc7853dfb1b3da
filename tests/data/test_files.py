"""Lists in JSON files: given whole, or refused with the place that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from unimumer.data import DataError
from unimumer.data.files import read_list, write_list


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    items = [{"a": "\u2028 é"}, [], 7, None, "x"]
    write_list(tmp_path / "l.json", items)
    assert read_list(tmp_path / "l.json") == items


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not JSON"),
        (b'[{"images": ', "not JSON: .* line 1 column"),
        (b"{}", "expected a list"),
        (b"\xff\xfe", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[" + b"9" * 5000 + b"]", "number too long"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "l.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"l\.json: .*{reason}"):
        read_list(path)


def test_a_place_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.json: cannot be read"):
        read_list(tmp_path / "none.json")
