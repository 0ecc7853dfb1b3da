"""Records: the released bytes, the way back, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unimumer.data import Prompted, Sample, read_prompts, record, write_prompts
from unimumer.errors import UnimumerError
from unimumer.tasks import prompts, recognize

GOOD = {
    "images": ["./a.jpg"],
    "messages": [{"from": "human", "value": "<image>Q"}, {"from": "gpt", "value": "x"}],
}


def test_the_bytes_are_those_of_the_released_files(tmp_path: Path) -> None:
    sample = Sample("514_em_341", Path("data/CROHME/2014/images/514_em_341.jpg"), r"\tan \alpha _ { i } é")
    path = tmp_path / "crohme_2014.json"
    write_prompts(path, [sample], recognize.prompt())
    expected = r"""[
    {
        "images": [
            "./data/CROHME/2014/images/514_em_341.jpg"
        ],
        "messages": [
            {
                "from": "human",
                "value": "<image>QUESTION"
            },
            {
                "from": "gpt",
                "value": "\\tan \\alpha _ { i } é"
            }
        ]
    }
]"""
    assert path.read_bytes().decode() == expected.replace("QUESTION", prompts.RECOGNIZE)


def test_other_tasks_have_their_own_target() -> None:
    item = record(Sample("a", Path("/abs/a.jpg"), "x"), "Count.", "x: 1\nx")
    assert item["images"] == ["/abs/a.jpg"]
    assert [message["value"] for message in item["messages"]] == ["<image>Count.", "x: 1\nx"]


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.tuples(_TEXT, _TEXT)), _TEXT)
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, items, prompt: str) -> None:
    path = tmp_path_factory.mktemp("prompts") / "p.json"
    samples = [Sample(id, Path("data") / f"{n}.jpg", label) for n, (id, label) in enumerate(items)]
    write_prompts(path, samples, prompt)
    read = [Prompted(f"./data/{n}.jpg", prompt.strip(), label.strip()) for n, (_, label) in enumerate(items)]
    assert list(read_prompts(path)) == read


def test_id_is_the_stem_of_the_picture() -> None:
    assert Prompted("./data/a.b/c d.1.jpg", "", "").id == "c d.1"
    assert Prompted("data\\x\\y.png", "", "").id == "y"


def test_records_are_read_without_the_white_space_around_them(tmp_path: Path) -> None:
    question = {"from": "human", "value": f"<image>{recognize.prompt()}\n"}
    items = [
        {
            "images": ["./data/CROHME/2014/images/18_em_0.jpg"],
            "messages": [question, {"from": "gpt", "value": " x + 1 "}],
        },
        {**GOOD, "images": ["b.c.png"], "id": 7},
    ]
    path = tmp_path / "p.json"
    path.write_text(json.dumps(items), encoding="utf-8")
    found = list(read_prompts(path))
    assert found == [
        Prompted("./data/CROHME/2014/images/18_em_0.jpg", recognize.prompt(), "x + 1"),
        Prompted("b.c.png", "Q", "x"),
    ]
    assert [item.id for item in found] == ["18_em_0", "b.c"]


def test_a_byte_order_mark_and_more_keys_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps([{**GOOD, "id": 1}]).encode())
    assert list(read_prompts(path)) == [Prompted("./a.jpg", "Q", "x")]


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


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a JSON list"),
        (b'[{"images": ', "item 0, line 1, column 13: not JSON"),
        (b"{}", "not a JSON list"),
        (b"\xff\xfe", "not UTF-8"),
        (b'[{"images": ' + b"[" * 100_000, "item 0, line 1, column 2: not usable JSON: nested too deeply"),
        (b'[{"images": ' + b"9" * 5000 + b"}]", "number is too long"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(content)
    with pytest.raises(UnimumerError, match=rf"p\.json: .*{reason}"):
        list(read_prompts(path))


def test_a_place_that_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnimumerError, match=r"none\.json: cannot be read"):
        list(read_prompts(tmp_path / "none.json"))
    with pytest.raises(UnimumerError, match=r"p\.json: cannot be written"):
        write_prompts(tmp_path / "none" / "p.json", [], "")
    write_prompts(tmp_path / "p.json", [Sample("a", Path("a.jpg"), "\ud800")], "")
    assert [item.label for item in read_prompts(tmp_path / "p.json")] == ["\ud800"]
