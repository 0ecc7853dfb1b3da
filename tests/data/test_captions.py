"""Lists of labels: both forms of captions, what is refused with its line, ids, and the pictures they mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from unimumer.data import read_captions
from unimumer.data.captions import find_picture
from unimumer.errors import UnimumerError
from unimumer.files import PICTURE_SUFFIXES, picture_stem


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "caption.txt"


def test_reads_tabs_and_the_form_of_comer(path: Path) -> None:
    path.write_bytes("\ufeffa\tx + 1\r\n\r\nb c\t y  ^ \t{ 2 }\r\nd.bmp \\frac x\n  e   z".encode())
    assert read_captions(path) == {"a": "x + 1", "b c": "y ^ { 2 }", "d.bmp": r"\frac x", "e": "z"}
    assert list(read_captions(path)) == ["a", "b c", "d.bmp", "e"]


def test_a_lone_carriage_return_ends_no_line(path: Path) -> None:
    path.write_bytes(b"0\r0\tx\n")
    assert read_captions(path) == {"0\r0": "x"}


@pytest.mark.parametrize(
    ("written", "stem"),
    [
        ("sum.png", "sum"),
        ("images/sum.PNG", "sum"),
        ("..\\mine\\eq.1.jpeg", "eq.1"),
        ("eq.1", "eq.1"),
        ("a.bmp.webp", "a.bmp"),
        (".png", ".png"),
    ],
)
def test_ids_are_names_without_folder_and_suffix(written: str, stem: str) -> None:
    assert picture_stem(written) == stem


def test_pictures_are_found_by_id_name_and_path(tmp_path: Path) -> None:
    for name in ("a.PNG", "sub/b.jpg", "c.d.webp"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = {name: find_picture(tmp_path, name) for name in ("a", "sub\\b.jpg", "elsewhere/a.PNG", "c.d", "none")}
    expected = ["a.PNG", "sub/b.jpg", "a.PNG", "c.d.webp", f"none{PICTURE_SUFFIXES[0]}"]
    assert [path.relative_to(tmp_path).as_posix() for path in found.values()] == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a\tx\nb\n", "line 2: expected an id"),
        ("a\tx\n\nb\t \n", "line 3: expected an id"),
        ("\tx\n", "line 1: expected an id"),
        ("a\tx\nb\ty\na\tx\n", "line 3: id 'a' occurs twice"),
    ],
)
def test_a_malformed_line_is_named(path: Path, text: str, reason: str) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnimumerError, match=rf"caption\.txt: {reason}"):
        read_captions(path)


def test_a_file_that_is_not_text_is_refused(path: Path) -> None:
    with pytest.raises(UnimumerError, match="cannot be read"):
        read_captions(path)
    path.write_bytes(b"a\tx\xff")
    with pytest.raises(UnimumerError, match=r"line 1, column 4: not UTF-8 text"):
        read_captions(path)
