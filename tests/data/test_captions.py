"""Caption files: both forms, the way back, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unimumer.data import read_captions, write_captions
from unimumer.errors import UnimumerError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "caption.txt"


def test_reads_tabs_and_the_form_of_comer(path: Path) -> None:
    path.write_bytes("\ufeffa\tx + 1\r\n\r\nb c\t y  ^ \t{ 2 }\r\nd.bmp \\frac x\n  e   z".encode())
    assert read_captions(path) == {"a": "x + 1", "b c": "y ^ { 2 }", "d.bmp": r"\frac x", "e": "z"}
    assert list(read_captions(path)) == ["a", "b c", "d.bmp", "e"]


def test_writes_one_line_each(path: Path) -> None:
    write_captions(path, {"514_em_341": r"\tan \alpha _ { i }", "$(rm) é": "x"})
    assert path.read_bytes() == "514_em_341\t\\tan \\alpha _ { i }\n$(rm) é\tx\n".encode()


_CHARACTERS = st.characters(exclude_categories=["Cs"])
_IDS = st.text(_CHARACTERS, min_size=1, max_size=8)
_LABELS = st.lists(st.text(_CHARACTERS, min_size=1, max_size=4), min_size=1, max_size=4).map(" ".join)


@given(st.dictionaries(_IDS, _LABELS, max_size=4))
def test_what_is_written_is_read_back_or_refused(
    tmp_path_factory: pytest.TempPathFactory, captions: dict[str, str]
) -> None:
    path = tmp_path_factory.mktemp("captions") / "caption.txt"
    try:
        write_captions(path, captions)
    except UnimumerError:
        assert not path.exists()
        assert any(caption != " ".join(caption.split()) or caption[0] == "\ufeff"
                   for pair in captions.items() for caption in pair)  # fmt: skip
    else:
        assert read_captions(path) == captions


def test_a_lone_carriage_return_ends_no_line(path: Path) -> None:
    write_captions(path, {"0\r0": "x"})
    assert read_captions(path) == {"0\r0": "x"}


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


@pytest.mark.parametrize(
    ("id", "label"), [("a\tb", "x"), ("a\nb", "x"), ("", "x"), ("a", ""), ("a", "x\ny"), ("\ufeffa", "x")]
)
def test_what_no_line_can_hold_is_not_written(path: Path, id: str, label: str) -> None:
    with pytest.raises(UnimumerError, match="cannot be written as a line"):
        write_captions(path, {id: label, "good": "x"})
    assert not path.exists()
