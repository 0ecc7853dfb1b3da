"""Files and folders are there whole or not at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from unimumer.files import (
    FileError,
    check_free,
    replacing,
    standing,
    swap,
    write_bytes,
    write_json,
    write_text,
    writing,
)


def test_texts_and_json(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "é\n")
    assert (tmp_path / "a").read_bytes() == b"\xc3\xa9\n"
    content = {"a": "\u2028 \ud800 é", "b": [1.5, None]}
    write_json(tmp_path / "j", content, indent=4, end="")
    assert (tmp_path / "j").read_bytes() == json.dumps(content, indent=4, ensure_ascii=False).encode(
        errors="backslashreplace"
    )
    with pytest.raises(FileError, match=r"a: '.ud800' is not a character"):
        write_text(tmp_path / "a", "\ud800")
    with pytest.raises(FileError, match="j: cannot be written: Out of range float"):
        write_json(tmp_path / "j", [float("nan")])
    assert sorted(os.listdir(tmp_path)) == ["a", "j"]
    assert (tmp_path / "a").read_bytes() == b"\xc3\xa9\n"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, OSError])
def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"old")
    with pytest.raises(FileError if error is OSError else error), replacing(path) as part:
        part.write_bytes(b"ne")
        raise error
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["picture.png"]


def test_a_killed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    script = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom unimumer.files import replacing\n"
        "with replacing(Path(sys.argv[1])) as part:\n    part.write_bytes(b'ne')\n    os.kill(os.getpid(), 9)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    assert subprocess.run([sys.executable, "-c", script, path], env=environment).returncode == -9
    assert path.read_bytes() == b"old"
    assert [name for name in os.listdir(tmp_path) if not name.startswith(".")] == ["a.json"]


def test_what_is_no_file_is_written_in_place(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_bytes(tmp_path / "pipe", b"data")
    assert os.read(reader, 9) == b"data"
    os.close(reader)


def test_the_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"no/a: cannot be written: No such file"):
        write_text(tmp_path / "no" / "a", "")
    with pytest.raises(FileError, match="cannot be written: Is a directory"):
        write_text(tmp_path, "")


def test_what_is_taken_is_kept_without_force(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nowhere")
    check_free([tmp_path / "free"], force=False)
    check_free([tmp_path / "free", tmp_path / "link"], force=True)
    with pytest.raises(FileError, match="link exists; use --force"):
        check_free([tmp_path / "free", tmp_path / "link"], force=False)


def make(folder: Path, content: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "a").write_text(content)
    return folder


def test_folders_and_files_are_swapped(tmp_path: Path) -> None:
    place = make(tmp_path / "place", "old")
    for turn in ("new", "newer"):
        swap(make(tmp_path / "made", turn), place)
        assert (place / "a").read_text() == turn
        assert os.listdir(tmp_path) == ["place"]
    (tmp_path / "file").write_text("file")
    swap(tmp_path / "file", place)
    assert place.read_text() == "file"
    swap(make(tmp_path / "made", "folder"), place)
    assert (standing(place) / "a").read_text() == "folder"


def test_a_swap_that_fails_or_is_killed_keeps_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = make(tmp_path / "place", "old")
    with pytest.raises(FileError, match="place: cannot be written: No such file"):
        swap(tmp_path / "nothing", place)
    assert (place / "a").read_text() == "old"
    moves = []

    def killed(source: Path, target: Path) -> None:
        moves.append(target)
        if len(moves) == 2:
            raise KeyboardInterrupt
        os.rename(source, target)

    monkeypatch.setattr(writing.os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        swap(make(tmp_path / "made", "new"), place)
    assert not place.exists()
    assert (standing(place) / "a").read_text() == "old"
    monkeypatch.undo()
    swap(tmp_path / "made", place)
    assert (place / "a").read_text() == "new"
