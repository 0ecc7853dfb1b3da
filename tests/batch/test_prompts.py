"""Prompts files: what a record becomes, and what is refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from unimumer.batch import BatchError, Record, check_prompts, read_prompts
from unimumer.tasks import recognize

_HUMAN = {"from": "human", "value": "<image>Read it."}
_GPT = {"from": "gpt", "value": "x"}
_GOOD = {"images": ["a.png"], "messages": [_HUMAN, _GPT]}


def write(path: Path, items: object) -> Path:
    path.write_text(json.dumps(items), encoding="utf-8")
    return path


def test_records(tmp_path: Path) -> None:
    question = {"from": "human", "value": f"<image>{recognize.prompt()}\n"}
    items = [
        {
            "images": ["./data/CROHME/2014/images/18_em_0.jpg"],
            "messages": [question, {"from": "gpt", "value": " x + 1 "}],
        },
        {**_GOOD, "images": ["b.c.png"], "id": 7},
    ]
    path = write(tmp_path / "set.json", items)
    found = list(read_prompts(path))
    assert found == [
        Record(0, "./data/CROHME/2014/images/18_em_0.jpg", recognize.prompt(), "x + 1"),
        Record(1, "b.c.png", "Read it.", "x"),
    ]
    assert [record.img_id for record in found] == ["18_em_0", "b.c"]
    checked = check_prompts(path)
    assert (checked.count, checked.sha256) == (2, hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({}, '"messages" is not a list of two'),
        ({**_GOOD, "images": []}, '"images" is not a list of one path'),
        ({**_GOOD, "images": ["a", "b"]}, '"images" is not a list of one path'),
        ({**_GOOD, "images": "a.png"}, '"images" is not a list of one path'),
        ({**_GOOD, "images": [7]}, '"images" is not a list of one path'),
        ({**_GOOD, "images": [""]}, '"images" is not a list of one path'),
        ({**_GOOD, "messages": [_HUMAN]}, '"messages" is not a list of two'),
        ({**_GOOD, "messages": [_GPT, _HUMAN]}, 'expected a message {"from": "human"'),
        ({**_GOOD, "messages": [_HUMAN, {"from": "gpt"}]}, 'expected a message {"from": "gpt"'),
        (
            {**_GOOD, "messages": [_HUMAN, {"from": "gpt", "value": None}]},
            'expected a message {"from": "gpt"',
        ),
        ({**_GOOD, "messages": [_HUMAN, "x"]}, 'expected a message {"from": "gpt"'),
        (
            {**_GOOD, "messages": [{"from": "human", "value": "Read it."}, _GPT]},
            'does not start with "<image>"',
        ),
    ],
)
def test_malformed_records(item: object, message: str, tmp_path: Path) -> None:
    path = write(tmp_path / "set.json", [_GOOD, _GOOD, item])
    with pytest.raises(BatchError) as caught:
        check_prompts(path)
    assert str(caught.value).startswith(f"{path}: item 2: ")
    assert message in str(caught.value)
