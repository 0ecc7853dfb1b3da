"""Inks of a folder or an archive, the unreadable ones among them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from unimumer.files import FileError
from unimumer.ink import Ink, InkError, read_files, read_inks
from unimumer.ink.inkml import MAX_BYTES

GOOD = b"<ink><trace>1 2, 3 4</trace></ink>"
FILES = {
    "set/a.inkml": GOOD,
    "set/deep/b.INKML": b"<ink/>",
    "set/readme.txt": b"no ink",
    "c.inkml": GOOD,
    "huge.inkml": bytes(3 * MAX_BYTES),
}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in FILES.items():
            opened.writestr(name, data)
    return tmp_path / "x.zip"


def test_files_go_by_their_stem_and_are_cut(archive: Path) -> None:
    found = dict(read_files(archive))
    assert list(found) == ["a", "b", "c", "huge"]
    assert (found["a"], len(found["huge"])) == (GOOD, MAX_BYTES + 1)
    assert [id for id, _ in read_files(archive, folder="set")] == ["a", "b"]


def test_bad_ink_is_reported_and_the_run_goes_on(archive: Path) -> None:
    found = dict(read_inks(archive))
    assert {id: type(ink) for id, ink in found.items()} == {"a": Ink, "b": InkError, "c": Ink, "huge": InkError}
    with pytest.raises(FileError, match="no such file"):
        list(read_inks(archive.with_name("none.zip")))
