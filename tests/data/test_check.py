"""Looking through data folders that are sound, partly there, or broken in one way each."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from unimumer.data.check import SetFinding, check
from unimumer.data.layout import LAYOUTS, SetLayout
from unimumer.data.sharegpt import IMAGE, record, write_released

LABELS = {"b.1": "x + 1", "a": r"\frac { 1 } { 2 }"}


def make_set(data: Path, layout: SetLayout, suffix: str = ".jpg") -> None:
    """Two pictures with their labels and prompts, in the layout's places."""
    folder = Path(layout.folder or f"{layout.family}/test")
    (data / folder / "images").mkdir(parents=True, exist_ok=True)
    records = []
    for id, label in LABELS.items():
        path = folder / "images" / f"{id}{suffix}"
        (data / path).write_bytes(cv2.imencode(suffix, np.full((40, 60), 255, np.uint8))[1].tobytes())
        records.append(record(Path("data") / path, f"{IMAGE}Read.", label))
    if layout.labels.endswith(".txt"):
        lines = "".join(f"{id}\t{label}\n" for id, label in LABELS.items())
        (data / folder / layout.labels).write_text(lines)
    elif layout.labels:
        items = [{"img_id": id, "label": label} for id, label in LABELS.items()]
        (data / folder / layout.labels).write_text(json.dumps(items))
    (data / layout.prompts).parent.mkdir(exist_ok=True)
    write_released(data / layout.prompts, records)


def named(name: str) -> SetLayout:
    return next(layout for layout in LAYOUTS if layout.name == name)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one set, CROHME 2014; it is not called `data` as in the prompts."""
    make_set(tmp_path / "elsewhere", named("crohme_2014"))
    return tmp_path / "elsewhere"


def finding(data: Path, name: str = "crohme_2014", **options: bool) -> SetFinding:
    return next(found for found in check(data, **options) if found.layout.name == name)


def test_every_published_set_is_looked_for(tmp_path: Path) -> None:
    findings = list(check(tmp_path))
    assert {found.state for found in findings} == {"missing"}
    assert len({found.layout.prompts for found in findings}) == len(findings) == 17
    families = {found.layout.family for found in findings}
    assert families == {"CROHME", "CROHME2023", "HME100K", "Im2LaTeXv2", "MathWriting", "MNE"}


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_each_set_is_sound_as_laid_out(tmp_path: Path, layout: SetLayout) -> None:
    make_set(tmp_path, layout, ".png")
    states = {found.layout.name: found.state for found in check(tmp_path, pictures=True)}
    assert states.pop(layout.name) == "sound"
    assert set(states.values()) == {"missing"}


def test_a_sound_set_notes_a_size_other_than_the_published(data: Path) -> None:
    found = finding(data, pictures=True)
    assert (found.state, found.count, found.problems) == ("sound", 2, ())
    assert found.notes == ("986 were published",)


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text()))


Harm = Callable[[Path], object]
PROMPTS, CAPTIONS, PICTURE = "prompts/crohme_2014.json", "2014/caption.txt", "2014/images/a.jpg"


def remove(name: str) -> Harm:
    return lambda family: (family / name).unlink()


def edit(name: str, change: Callable[[str], str]) -> Harm:
    return lambda family: rewrite(family / name, change)


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        (remove(PICTURE), "1 pictures are missing: './data/CROHME/2014/images/a.jpg'"),
        (remove(PROMPTS), "crohme_2014.json: cannot be read"),
        (edit(PROMPTS, lambda t: t[:-9]), "crohme_2014.json: item 1, line 30, column 9: not JSON"),
        (edit(PROMPTS, lambda t: "[]"), "has no records"),
        (edit(PROMPTS, lambda t: t.replace("x + 1", "")), "1 records have no label: 'b.1'"),
        (edit(PROMPTS, lambda t: t.replace("b.1.", "a.")), "1 ids occur twice: 'a'"),
        (remove(CAPTIONS), "caption.txt: cannot be read"),
        (edit(CAPTIONS, lambda t: t + "a\ty\n"), "caption.txt: line 3: id 'a' occurs twice"),
        (edit(CAPTIONS, lambda t: t + "c\ty\n"), "1 ids of caption.txt have no record: 'c'"),
        (edit(CAPTIONS, lambda t: t[t.index("\n") + 1 :]), "1 records are not in caption.txt: 'b.1'"),
    ],
)
def test_a_broken_set_is_named_with_its_problem(data: Path, harm: Harm, problem: str) -> None:
    harm(data / "CROHME")
    found = finding(data)
    assert found.state == "broken"
    assert any(problem in line for line in found.problems), found.problems


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xd8\xff\xe0 cut"])
def test_pictures_are_decoded_on_request_only(data: Path, content: bytes) -> None:
    (data / "CROHME/2014/images/a.jpg").write_bytes(content)
    assert finding(data).state == "sound"
    found = finding(data, pictures=True)
    assert found.state == "broken"
    assert "1 pictures cannot be decoded" in found.problems[0]
    assert "images/a.jpg" in found.problems[0]


def test_labels_that_differ_or_do_not_parse_are_noted(data: Path) -> None:
    rewrite(data / "CROHME/2014/caption.txt", lambda text: text.replace("x + 1", "x  + 2"))
    rewrite(data / "CROHME/prompts/crohme_2014.json", lambda text: text.replace("x + 1", "x + {"))
    found = finding(data)
    assert found.state == "sound"
    assert found.notes[:2] == ("1 labels differ from caption.txt: 'b.1'", "1 labels do not parse: 'b.1'")


def test_captions_may_name_the_picture_files(tmp_path: Path) -> None:
    make_set(tmp_path, named("hme100k_test"))
    rewrite(
        tmp_path / "HME100K/test/test_caption.txt",
        lambda text: text.replace("b.1\t", "b.1.jpg\t").replace("a\t", "a.jpg\t"),
    )
    assert finding(tmp_path, "hme100k_test").problems == ()


@pytest.mark.parametrize("image", ["\0", "n" * 5000, "../" * 50 + "etc/passwd/x", "/", "CROHME"])
def test_an_impossible_picture_name_is_a_missing_picture(data: Path, image: str) -> None:
    text = json.dumps(image)[1:-1]
    edit(PROMPTS, lambda old: old.replace("./data/CROHME/2014/images/a.jpg", text))(data / "CROHME")
    assert "1 pictures are missing" in finding(data, pictures=True).problems[0]


def test_many_names_are_cut_short(data: Path) -> None:
    path = data / "CROHME/2014/caption.txt"
    rewrite(path, lambda text: text + "".join(f"extra{n}\tx\n" for n in range(9)))
    assert finding(data).problems == ("9 ids of caption.txt have no record: 'extra0', 'extra1', 'extra2', …",)


def test_json_labels_must_be_a_list_of_something(tmp_path: Path) -> None:
    make_set(tmp_path, named("mathwriting_test"))
    labels = tmp_path / "MathWriting/test/test_items.json"
    labels.write_text("[]")
    assert "an empty list" in finding(tmp_path, "mathwriting_test").problems[0]
    labels.write_text("{}")
    assert "expected a JSON list" in finding(tmp_path, "mathwriting_test").problems[0]
