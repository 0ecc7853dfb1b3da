"""What files are called: hidden ones, and paths that were written on Windows."""

from __future__ import annotations

from pathlib import Path

import pytest

from unimumer.files import find_file, is_hidden


@pytest.mark.parametrize("name", ["._a.png", ".git/x", "a/.b/c", "__MACOSX/a.png", "a/Thumbs.db", "Desktop.ini"])
def test_what_systems_leave_behind_is_hidden(name: str) -> None:
    assert is_hidden(name)
    assert not is_hidden("a.b/c.d.png")


def test_paths_from_windows_are_found_and_a_backslash_may_be_a_name(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.png").touch()
    (tmp_path / "b\\c.png").touch()
    assert find_file(tmp_path, ".\\data\\a.png") == tmp_path / "data/a.png"
    assert find_file(tmp_path, "b\\c.png") == tmp_path / "b\\c.png"
    assert find_file(tmp_path, "none.png") == tmp_path / "none.png"
