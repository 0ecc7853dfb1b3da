"""Predictions files have the released files' style to the byte, and never lie half-written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unimumer.batch.run import write_json_list
from unimumer.files import read_objects

_KEYS = ("gt", "pred", "image_path", "img_id")
_RELEASED = """[
  {
    "gt": "\\\\tan \\\\alpha _ { i }",
    "pred": "",
    "image_path": "./data/CROHME/2014/images/514_em_341.jpg",
    "img_id": "514_em_341"
  },
  {
    "gt": "F \\\\neq H",
    "pred": "F = H",
    "image_path": "./data/CROHME/2014/images/503_em_32.jpg",
    "img_id": "503_em_32"
  }
]"""


def released_texts() -> list[str]:
    data = Path(os.environ.get("UNIMUMER_DATA", Path(__file__).parents[3] / "shared" / "data"))
    found = sorted((data / "predictions").glob("*/*_pred.json"))
    return [_RELEASED, *(path.read_text(encoding="utf-8") for path in found)]


def test_rewrites_released_files_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "set_pred.json"
    for text in released_texts():
        write_json_list(path, json.loads(text))
        assert path.read_bytes() == text.encode()


@settings(deadline=None)
@given(items=st.lists(st.fixed_dictionaries({key: st.text(st.characters()) for key in _KEYS}), max_size=4))
def test_style_holds_for_any_text(items: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("predictions") / "set_pred.json"
    write_json_list(path, items)
    expected = json.dumps(items, indent=2, ensure_ascii=False)
    assert path.read_bytes() == expected.encode("utf-8", "backslashreplace")
    assert [item for _, item in read_objects(path)] == items
