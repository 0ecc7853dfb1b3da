"""Every family is read from the form its owners publish; small examples of each are made here."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from unimumer.data.families import FAMILIES
from unimumer.data.sample import Rejected, Sample
from unimumer.errors import UnimumerError
from unimumer.ink import InkError, read_inkml

INK = """<ink xmlns="http://www.w3.org/2003/InkML">{}<traceFormat><channel name="X"/><channel name="Y"/>
<channel name="T"/></traceFormat><trace id="0">0 0 1.5, 9 9 2.0</trace></ink>"""


def picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((20, 30), 255, np.uint8))
    return path


def text(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode())
    return path


def ink(path: Path, **annotations: str) -> Path:
    return text(path, INK.format("".join(f'<annotation type="{k}">{v}</annotation>' for k, v in annotations.items())))


def read(family: str, source: Path, split: str) -> list[Sample | Rejected]:
    return list(FAMILIES[family].read(source, split))


def labels(family: str, source: Path, split: str) -> dict[str, str]:
    label = FAMILIES[family].label
    assert label is not None
    samples = [item for item in read(family, source, split) if isinstance(item, Sample)]
    return {sample.id: label(read_inkml(sample.ink or b"", sample.id)) for sample in samples}


def test_sets_have_the_names_of_the_released_run_files() -> None:
    training = {split.layout.name for family in FAMILIES.values() for split in family.splits.values()}
    assert training >= {"crohme_train", "crohme2023", "hme100k_train", "im2latex_v2_train", "mathwriting_train"}
    test = FAMILIES["hme100k"].splits["test"]
    assert [test.name(normalized) for normalized in test.labels] == ["hme100k_test", "hme100k_test_normalized"]
    assert FAMILIES["mathwriting"].splits["symbols"].name(True) == "mathwriting_symbols"


@pytest.mark.parametrize(
    ("labels_file", "images"),
    [
        ("train_labels.txt", "train_images"),
        ("train/train_caption.txt", "train/images"),
        ("train/caption.txt", "train/images"),
    ],
)
def test_hme100k(tmp_path: Path, labels_file: str, images: str) -> None:
    text(tmp_path / labels_file, "train_0.jpg\tx + 1\ntrain_1\t\\frac { 1 } { 2 }\n\ngarbage\ntrain_2.jpg\t解\n")
    for n in range(2):
        picture(tmp_path / images / f"train_{n}.jpg")
    assert read("hme100k", tmp_path, "train") == [
        Sample("train_0", tmp_path / images / "train_0.jpg", "x + 1"),
        Sample("train_1", tmp_path / images / "train_1.jpg", "\\frac { 1 } { 2 }"),
        Sample("garbage", tmp_path / images / "garbage.jpg", ""),
        Sample("train_2", tmp_path / images / "train_2.jpg", "解"),
    ]


def test_mne(tmp_path: Path) -> None:
    text(tmp_path / "N2/caption.txt", "a.b\tx ^ { 2 }\n")
    path = picture(tmp_path / "N2/images/a.b.png")
    assert read("mne", tmp_path, "N2") == [Sample("a.b", path, "x ^ { 2 }")]


def test_im2latex_from_the_owners_table(tmp_path: Path) -> None:
    rows = 'formula,images\n"a , b",basic/1_basic.png,other/1_other.png\nc,basic/2_basic.png\nd\n'
    (tmp_path / "im2latexv2_validate_normalized2.csv").write_bytes((rows + "é,basic/4.png\n").encode("latin-1"))
    path = picture(tmp_path / "basic/1_basic.png")
    assert read("im2latexv2", tmp_path, "val") == [
        Sample("1_basic", path, "a , b"),
        Sample("2_basic", tmp_path / "2_basic.png", "c"),
        Rejected("row 4 of im2latexv2_validate_normalized2.csv", "names no picture", "d"),
        Sample("4", tmp_path / "4.png", "é"),
    ]


def test_im2latex_from_the_released_list(tmp_path: Path) -> None:
    items = [{"img_id": "1", "label": "a"}, {"image_path": "./data/x/2.png", "caption": "b"}, {"label": "c"}]
    text(tmp_path / "test/test.json", json.dumps(items))
    first, second = picture(tmp_path / "test/images/1.png"), picture(tmp_path / "test/images/2.png")
    assert read("im2latexv2", tmp_path, "test") == [
        Sample("1", first, "a"),
        Sample("2", second, "b"),
        Rejected("item 2 of test.json", "has none of img_id, image_id, id"),
    ]


@pytest.fixture
def mathwriting(tmp_path: Path) -> Path:
    folder = tmp_path / "mathwriting-2024"
    ink(folder / "train/0a.inkml", label="x \\over 2", normalizedLabel="\\frac{x}{2}", splitTagOriginal="train")
    ink(folder / "symbols/0b.inkml", label="\\alpha", splitTagOriginal="symbols", sampleId="0b")
    ink(folder / "synthetic/0c.inkml", label="1", normalizedLabel="1", inkCreationMethod="boundingBoxes")
    text(folder / "symbols.jsonl", '{"sourceSampleId": "0a", "strokeIndices": [0], "label": "x"}\n')
    return folder


def test_mathwriting_splits(mathwriting: Path) -> None:
    assert labels("mathwriting", mathwriting, "train") == {"0a": "\\frac{x}{2}"}
    assert labels("mathwriting", mathwriting, "symbols") == {"0b": "\\alpha"}
    assert labels("mathwriting", mathwriting, "synthetic") == {"0c": "1"}
    assert labels("mathwriting", mathwriting, "test") == {}
    assert labels("mathwriting", mathwriting / "train", "train") == {"0a": "\\frac{x}{2}"}


def test_mathwriting_from_its_archive(mathwriting: Path) -> None:
    archive = mathwriting.parent / "mathwriting-2024.tgz"
    with tarfile.open(archive, "w:gz") as content:
        content.add(mathwriting, "mathwriting-2024")
    assert labels("mathwriting", archive, "symbols") == {"0b": "\\alpha"}


def test_a_split_is_told_by_folders_below_the_source_only(mathwriting: Path, tmp_path: Path) -> None:
    moved = mathwriting.rename(tmp_path / "symbols")
    assert labels("mathwriting", moved, "train") == {"0a": "\\frac{x}{2}"}


def test_mathwriting_from_the_released_list(tmp_path: Path) -> None:
    text(tmp_path / "test/test_items.json", json.dumps([{"img_id": "0a", "label": "\\frac { x } { 2 }"}]))
    path = picture(tmp_path / "test/images/0a.png")
    assert read("mathwriting", tmp_path, "test") == [Sample("0a", path, "\\frac { x } { 2 }")]


def test_crohme2023(tmp_path: Path) -> None:
    folder = tmp_path / "WebData_CROHME23/val/INKML"
    ink(folder / "CROHME2023_val/form_1.inkml", truth="$x^{2$")
    ink(folder / "CROHME2016_test/old.inkml", truth="$x$")
    assert labels("crohme2023", tmp_path, "val") == {"form_1": "x ^ { 2"}
    assert labels("crohme2023", folder / "CROHME2016_test", "val") == {"old": "x"}


def test_crohme(tmp_path: Path) -> None:
    ink(tmp_path / "a/b.inkml", truth="$x^2$")
    assert labels("crohme", tmp_path, "2014") == {"b": "x ^ { 2 }"}


@pytest.mark.parametrize("family", ["mathwriting", "crohme2023", "crohme"])
def test_ink_without_a_label(tmp_path: Path, family: str) -> None:
    ink(tmp_path / "a.inkml", writer="nobody")
    with pytest.raises(InkError, match="a: no "):
        labels(family, tmp_path, next(iter(FAMILIES[family].splits)))


@pytest.mark.parametrize("family", ["hme100k", "im2latexv2", "mne"])
def test_a_folder_without_the_lists_is_refused(tmp_path: Path, family: str) -> None:
    with pytest.raises(UnimumerError, match="docs/data"):
        read(family, tmp_path, next(iter(FAMILIES[family].splits)))


def test_no_name_in_a_list_leaves_the_folder(tmp_path: Path) -> None:
    items = [{"img_id": "../../etc/passwd", "label": "x", "image_path": "/etc/passwd"}]
    text(tmp_path / "test/test.json", json.dumps(items))
    (tmp_path / "test/images").mkdir()
    (found,) = read("im2latexv2", tmp_path, "test")
    assert isinstance(found, Sample)
    assert found.image == tmp_path / "test/images/passwd.jpg"
