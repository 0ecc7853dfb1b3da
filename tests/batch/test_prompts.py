"""Prompts files are read through before a run, and a malformed one is refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from unimumer.batch import check_prompts
from unimumer.errors import UnimumerError

from .conftest import record


def write(path: Path, items: object) -> Path:
    path.write_text(json.dumps(items), encoding="utf-8")
    return path


def test_counts_the_records_and_hashes_the_bytes(tmp_path: Path) -> None:
    path = write(tmp_path / "set.json", [record("a.png"), {**record("b.c.png"), "id": 7}])
    checked = check_prompts(path)
    assert (checked.name, checked.count) == ("set", 2)
    assert [item.prompted.id for item in checked.items()] == ["a", "b.c"]
    assert checked.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("item", [{}, 7, {**record("a.png"), "images": []}, {**record("a.png"), "messages": []}])
def test_a_malformed_record_is_named(item: object, tmp_path: Path) -> None:
    path = write(tmp_path / "set.json", [record("a.png"), record("b.png"), item])
    with pytest.raises(UnimumerError) as caught:
        check_prompts(path)
    assert str(caught.value).startswith(f"{path}: item 2, line 1")
