"""Records: the released bytes, the way back, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unimumer.data.sharegpt import Prompted, read_prompts, record, write_released
from unimumer.errors import UnimumerError

GOOD = {
    "images": ["./a.jpg"],
    "messages": [{"from": "human", "value": "<image>Q"}, {"from": "gpt", "value": "x"}],
}


def test_the_bytes_are_those_of_the_released_files(tmp_path: Path) -> None:
    image = Path("data/CROHME/2014/images/514_em_341.jpg")
    write_released(tmp_path / "p.json", [record(image, "<image>Q", r"\tan \alpha _ { i } é")])
    expected = r"""[
    {
        "images": [
            "./data/CROHME/2014/images/514_em_341.jpg"
        ],
        "messages": [
            {
                "from": "human",
                "value": "<image>Q"
            },
            {
                "from": "gpt",
                "value": "\\tan \\alpha _ { i } é"
            }
        ]
    }
]"""
    assert (tmp_path / "p.json").read_bytes().decode() == expected
    assert record(Path("/abs/a.jpg"), "<image>Q", "x")["images"] == ["/abs/a.jpg"]


@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=20))))
def test_what_is_written_is_read_back_without_the_white_space_around_it(
    tmp_path_factory: pytest.TempPathFactory, items: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("prompts") / "p.json"
    made = [record(Path("data") / f"{n}.jpg", f"<image>{ask}", tell) for n, (ask, tell) in enumerate(items)]
    write_released(path, [{**one, "id": 7} for one in made])
    read = [Prompted(f"./data/{n}.jpg", ask.strip(), tell.strip()) for n, (ask, tell) in enumerate(items)]
    assert list(read_prompts(path)) == read


def test_id_is_the_stem_of_the_picture() -> None:
    assert Prompted("./data/a.b/c d.1.jpg", "", "").id == "c d.1"
    assert Prompted("data\\x\\y.png", "", "").id == "y"


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (3, "not a JSON object"),
        ({}, '"images" must be'),
        ({**GOOD, "images": []}, '"images" must be'),
        ({**GOOD, "images": ["a.jpg", "b.jpg"]}, '"images" must be'),
        ({**GOOD, "images": "a.jpg"}, '"images" must be'),
        ({**GOOD, "images": [""]}, '"images" must be'),
        ({**GOOD, "images": [None]}, '"images" must be'),
        ({**GOOD, "images": [7]}, '"images" must be'),
        ({**GOOD, "messages": None}, '"messages" must be'),
        ({**GOOD, "messages": []}, '"messages" must be two'),
        ({**GOOD, "messages": GOOD["messages"][:1]}, '"messages" must be two'),
        ({**GOOD, "messages": GOOD["messages"] * 2}, '"messages" must be two'),
        ({**GOOD, "messages": GOOD["messages"][::-1]}, 'expected a message from "human"'),
        ({**GOOD, "messages": ["Q", "x"]}, 'expected a message from "human"'),
        ({**GOOD, "messages": [{"from": "human", "value": "Q"}, GOOD["messages"][1]]}, "begin with <image>"),
        ({**GOOD, "messages": [GOOD["messages"][0], {"from": "gpt"}]}, 'expected a message from "gpt"'),
        ({**GOOD, "messages": [GOOD["messages"][0], {"from": "gpt", "value": 1}]}, 'message from "gpt"'),
        ({**GOOD, "messages": [GOOD["messages"][0], {"from": "gpt", "value": None}]}, 'message from "gpt"'),
        ({**GOOD, "messages": [GOOD["messages"][0], "x"]}, 'expected a message from "gpt"'),
    ],
)
def test_a_malformed_record_is_named_by_its_index(tmp_path: Path, item: object, reason: str) -> None:
    path = tmp_path / "p.json"
    path.write_text(json.dumps([GOOD, item]), encoding="utf-8")
    reader = read_prompts(path)
    assert next(reader).label == "x"
    with pytest.raises(UnimumerError, match=r"p\.json: item 1") as caught:
        next(reader)
    assert reason in str(caught.value)
