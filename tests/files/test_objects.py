"""Reading a JSON list piece by piece gives what reading it whole gives, and says what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unimumer.files import FileError, read_objects, reading
from unimumer.files.reading import MAX_LINE

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_LISTS = st.lists(st.dictionaries(st.text(), _VALUES, max_size=4), max_size=6)


@settings(deadline=None)
@given(items=_LISTS, indent=st.sampled_from([None, 0, 3]), ascii_only=st.booleans(), block=st.integers(1, 40))
def test_gives_what_json_gives(
    items: list[dict[str, object]],
    indent: int | None,
    ascii_only: bool,
    block: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("stream") / "list.json"
    text = json.dumps(items, indent=indent, ensure_ascii=ascii_only)
    path.write_text(f" \n{text}\r\n\t", encoding="utf-8", errors="backslashreplace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_BLOCK", block)
        assert [item for _, item in read_objects(path)] == items


def test_byte_order_mark_and_long_items(tmp_path: Path) -> None:
    items = [{"a": "x" * 300_000}, {"b": "\\" * 300_000}]
    path = tmp_path / "list.json"
    path.write_text(json.dumps(items), encoding="utf-8-sig")
    assert [item for _, item in read_objects(path)] == items


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a JSON list"),
        ('{"a": 1}', "not a JSON list"),
        ("[", "item 0, line 1, column 2: the file ends before the list"),
        ("[{}", r'item 1, line 1, column 4: expected ","'),
        ("[{},", "item 1, line 1, column 5: the file ends before the list"),
        ("[{},\n]", "item 1, line 2, column 1: not a JSON object"),
        ("[{} {}]", r'item 1, line 1, column 5: expected ","'),
        ("[{},\n\n  7]", "item 1, line 3, column 3: not a JSON object"),
        ('[{},\n{"a":\n }]', "item 1, line 3, column 2: not JSON: Expecting value"),
        ('[{}, {"a": "b]', "item 1, line 1, column 12: not JSON: Unterminated"),
        ("[{}] x", "line 1, column 6: text after the end of the list"),
        ('[{"a": [1, "NaN",\nNaN]}]', "item 0, line 2, column 1: not JSON: NaN is no number"),
        ('[{"a": ' + "[" * 100_000 + "]", "item 0, line 1, column 2: not usable JSON: nested too deeply"),
        ('[{"a": ' + "9" * 10_000 + "}]", "item 0, line 1, column 8: not usable JSON: a number is too long"),
        ('[{}, {"a": "' + "b" * 3_000_000 + '"}]', "item 1, .*: not JSON, or longer than 1,048,576 characters"),
    ],
)
def test_says_what_is_wrong(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match=message) as caught:
        list(read_objects(path))
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("block", [1, 7, 1 << 16])
def test_every_item_has_its_place(tmp_path: Path, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "list.json"
    path.write_text('[\n {"a": [\n 1]}, {},\r\n\n{"b":\n"c"}\n]')
    monkeypatch.setattr(reading, "_BLOCK", block)
    assert [(place.line, place.item) for place, _ in read_objects(path)] == [(2, 0), (3, 1), (5, 2)]


def test_malformed_text_is_refused_in_bounded_steps(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text('[{"a": "' + "b" * 20_000_000, encoding="utf-8")
    with path.open(encoding="utf-8") as opened:
        reader = reading._Items(opened, path)
        with pytest.raises(FileError):
            list(reader.read())
        assert len(reader._text) <= 4 * MAX_LINE


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read: No such file"):
        list(read_objects(tmp_path / "none.json"))
    (tmp_path / "latin.json").write_bytes(b'[{"a": "\xe9"}]')
    with pytest.raises(FileError, match="line 1, column 9: not UTF-8 text"):
        list(read_objects(tmp_path / "latin.json"))
