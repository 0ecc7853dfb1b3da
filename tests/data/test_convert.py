"""The conversion: what it writes where, what it leaves out, and that a killed run goes on to the same bytes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from shards import read_rows
from unimumer.data import convert as module
from unimumer.data import read_captions, read_prompts
from unimumer.data.conversion import Conversion, Form
from unimumer.data.convert import chunks, convert
from unimumer.data.sample import Sample
from unimumer.errors import UnimumerError
from unimumer.tasks import tree
from unimumer.tasks.kinds import LABELLED

KINDS = LABELLED
needs_pyarrow = pytest.mark.skipif(find_spec("pyarrow") is None, reason="needs pyarrow")


@pytest.fixture(params=["sharegpt", pytest.param("parquet", marks=needs_pyarrow)])
def form(request: pytest.FixtureRequest) -> Form:
    chosen: Form = request.param
    return chosen


def make(source: Path, split: str, items: dict[str, str], pictures: bool = True) -> Path:
    """HME100K as its owners publish it."""
    images = source / f"{split}_images"
    images.mkdir(parents=True)
    for n, id in enumerate(items if pictures else ()):
        cv2.imwrite(str(images / f"{id}.jpg"), np.full((20, 30 + n % 5), n % 200, np.uint8))
    lines = "".join(f"{id}.jpg\t{label}\n" for id, label in items.items())
    (source / f"{split}_labels.txt").write_text(lines, encoding="utf-8")
    return source


def files_below(folder: Path) -> dict[str, bytes]:
    """Contents by name, but of the list of all sets."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != "dataset_info.json")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_a_training_set_in_three_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = make(tmp_path / "source", "train", {"train_0": "x^2", "train_1": r"\frac{1}{2}"})
    done = convert(source, Conversion("hme100k", "train", Path("data"), "sharegpt", KINDS))
    assert done.rows == {"hme100k_train": 2, "hme100k_train_tree": 2, "hme100k_train_can": 2}
    folder = Path("data/HME100K/train")
    assert sorted(files_below(Path("data"))) == [
        "HME100K/train/caption.txt",
        "HME100K/train/hme100k_train.json",
        "HME100K/train/hme100k_train_can.json",
        "HME100K/train/hme100k_train_tree.json",
        "HME100K/train/images/train_0.jpg",
        "HME100K/train/images/train_1.jpg",
    ]
    assert read_captions(folder / "caption.txt") == {"train_0": "x ^ { 2 }", "train_1": r"\frac { 1 } { 2 }"}
    first, second = read_prompts(folder / "hme100k_train_tree.json")
    assert (first.image, first.prompt) == ("./data/HME100K/train/images/train_0.jpg", tree.prompt())
    assert (first.label, second.label) == (tree.target("x ^ { 2 }"), tree.target(r"\frac { 1 } { 2 }"))
    assert next(item.label for item in read_prompts(folder / "hme100k_train_can.json")) == "x: 1, ^: 1, 2: 1\nx ^ { 2 }"
    assert (folder / "images/train_1.jpg").read_bytes() == (source / "train_images/train_1.jpg").read_bytes()
    # Byte for byte as the other writer of the released form.
    text = (folder / "hme100k_train.json").read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=4, ensure_ascii=False)


LABELS = {"a": "x \\le 1", "b": "解 x", "c": "x ^ { 2", "d": r"\varphi", "e": "", "f": "y"}


def test_raw_and_normalized_test_sets_and_what_is_left_out(tmp_path: Path) -> None:
    source = make(tmp_path / "source", "test", LABELS)
    (source / "test_images/f.jpg").write_bytes(b"no picture")
    done = convert(source, Conversion("hme100k", "test", tmp_path / "data", "sharegpt", KINDS[:1], released=True))
    prompts = tmp_path / "data/HME100K/prompts"
    raw, normal = (list(read_prompts(prompts / f"hme100k_test{end}.json")) for end in ("", "_normalized"))
    assert [(item.id, item.label) for item in raw] == [(id, LABELS[id]) for id in "abcd"]
    assert [(item.id, item.label) for item in normal] == [("a", "x \\leq 1")]
    assert done.rows == {"hme100k_test": 4, "hme100k_test_normalized": 1}
    left = json.loads((tmp_path / "data/HME100K/test/invalid_record.json").read_text(encoding="utf-8"))
    assert done.rejected == len(left)
    both = ["hme100k_test", "hme100k_test_normalized"]
    assert [(item["image_id"], item["sets"], item["caption"]) for item in left] == [
        ("b", both[1:], "解 x"),
        ("c", both[1:], "x ^ { 2"),
        ("d", both[1:], r"\varphi"),
        ("e", both, ""),
        ("f", both, "y"),
    ]
    for item, reason in zip(left, ["Chinese", "brackets", "released sets leave out", "empty", "not a PNG"]):
        assert reason in item["reason"]
    assert read_captions(tmp_path / "data/HME100K/test/test_caption.txt").keys() == set("abcd")


def test_other_kinds_of_a_test_set_stay_out_of_what_evaluation_takes(tmp_path: Path) -> None:
    source = make(tmp_path / "source", "test", {"a": "x", "b": "x }"})
    convert(source, Conversion("hme100k", "test", tmp_path / "data", "sharegpt", KINDS))
    assert sorted(path.name for path in (tmp_path / "data/HME100K/prompts").iterdir()) == [
        "hme100k_test.json",
        "hme100k_test_normalized.json",
    ]
    # A raw label that does not parse has no tree, and is told so.
    left = json.loads((tmp_path / "data/HME100K/test/invalid_record.json").read_text(encoding="utf-8"))
    assert "hme100k_test_tree" in left[0]["sets"] and "hme100k_test" not in left[0]["sets"]


@needs_pyarrow
def test_parquet_sets_lie_alone_in_their_folders(tmp_path: Path) -> None:

    source = make(tmp_path / "source", "train", {"a": "x", "b": ""})
    convert(source, Conversion("hme100k", "train", tmp_path / "data", "parquet", KINDS[1:]))
    assert sorted(files_below(tmp_path / "data")) == [
        "parquet/README.md",
        "parquet/hme100k_train_can/train-00000.parquet",
        "parquet/hme100k_train_invalid_record.json",
        "parquet/hme100k_train_tree/train-00000.parquet",
    ]
    (row,) = read_rows(tmp_path / "data/parquet/hme100k_train_tree/train-00000.parquet")
    assert (row.id, row.image, row.answer) == ("a", "a.jpg", tree.target("x"))
    assert row.question == f"<image>{tree.prompt()}"
    assert row.picture == (source / "train_images/a.jpg").read_bytes()
    assert "config_name: hme100k_train_can" in (tmp_path / "data/parquet/README.md").read_text()


def test_ink_is_drawn_and_an_empty_file_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "ink").mkdir()
    trace = '<annotation type="normalizedLabel">\\frac{x}{2}</annotation><trace>0 0, 9 9</trace>'
    (tmp_path / "ink/0a.inkml").write_text(f"<ink>{trace}</ink>")
    (tmp_path / "ink/0b.inkml").write_text("")
    done = convert(tmp_path / "ink", Conversion("mathwriting", "symbols", tmp_path / "data", "sharegpt", KINDS[:1]))
    assert done.rows == {"mathwriting_symbols": 1}
    folder = tmp_path / "data/MathWriting/symbols"
    assert read_captions(folder / "caption.txt") == {"0a": r"\frac { x } { 2 }"}
    assert cv2.imread(str(folder / "images/0a.jpg"), cv2.IMREAD_GRAYSCALE) is not None
    (left,) = json.loads((folder / "invalid_record.json").read_text())
    assert (left["image_id"], left["reason"].partition(":")[0]) == ("0b", "not readable as InkML")


def test_ids_that_are_no_names_or_come_twice_are_listed(tmp_path: Path) -> None:
    source = make(tmp_path / "source", "train", {"a": "x"})
    with (source / "train_labels.txt").open("a") as lines:
        lines.write("a.jpg\ty\nA\tz\nb:c\tz\n")
    done = convert(source, Conversion("hme100k", "train", tmp_path / "data", "sharegpt", KINDS[:1]))
    left = json.loads((tmp_path / "data/HME100K/train/invalid_record.json").read_text())
    assert (done.rows, [item["image_id"] for item in left]) == ({"hme100k_train": 1}, ["a", "A", "b:c"])


def test_two_processes_write_what_one_does(tmp_path: Path, form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unimumer.data.convert.CHUNK", 7)
    source = make(tmp_path / "source", "train", {f"i{n}": f"x _ {{ {n} }}" if n % 9 else "" for n in range(50)})
    made = []
    for jobs in (1, 2):
        (tmp_path / str(jobs)).mkdir()
        monkeypatch.chdir(tmp_path / str(jobs))
        convert(source, Conversion("hme100k", "train", Path("data"), form, KINDS), jobs=jobs)
        made.append(files_below(Path("data")))
    assert made[0] == made[1]


def test_what_exists_is_replaced_only_on_request(tmp_path: Path, form: Form) -> None:
    job = Conversion("hme100k", "train", tmp_path / "data", form, KINDS[:1])
    convert(make(tmp_path / "one", "train", {"a": "x", "b": ""}), job)
    before = files_below(tmp_path / "data")
    other = make(tmp_path / "two", "train", {"c": "z"})
    with pytest.raises(UnimumerError, match="exists; use --force"):
        convert(other, job)
    assert files_below(tmp_path / "data") == before
    convert(other, job, force=True)
    after = files_below(tmp_path / "data")
    assert after.keys() != before.keys()
    assert not any("invalid" in name or name.endswith("/a.jpg") for name in after)


def test_a_source_without_samples_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnimumerError, match="no sample"):
        convert(make(tmp_path / "s", "train", {}), Conversion("hme100k", "train", tmp_path / "data", "sharegpt", KINDS))
    assert files_below(tmp_path / "data") == {}


def test_chunks_are_bounded_by_number_and_by_ink(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unimumer.data.convert.CHUNK", 3)
    monkeypatch.setattr("unimumer.data.convert.CHUNK_BYTES", 10)
    sizes = [1, 1, 1, 1, 9, 20, 1]
    cut = list(chunks(Sample(str(n), Path("a"), "", bytes(size)) for n, size in enumerate(sizes)))
    assert [(chunk.number, [len(item.ink or b"") for item in chunk.items]) for chunk in cut] == [
        (0, [1, 1, 1]),
        (1, [1, 9]),
        (2, [20]),
        (3, [1]),
    ]


SCRIPT = """
import sys
from pathlib import Path
import unimumer.data.convert as convert
from tests_kinds import KINDS
convert.CHUNK = 5
if __name__ == "__main__":
    job = convert.Conversion("hme100k", "train", Path("data"), sys.argv[2], KINDS)
    done = convert.convert(Path(sys.argv[1]), job, jobs=2)
    print(done.resumed)
"""
# Slow enough to be killed anywhere.
SLOW = """
import time
from unimumer.tasks.kinds import Kind
from unimumer.tasks import recognize, tree
def slow(label):
    time.sleep(0.004)
    return tree.target(label)
KINDS = (Kind("recognize", recognize.prompt, recognize.target), Kind("tree", tree.prompt, slow))
"""


def test_a_run_killed_anywhere_goes_on_to_the_same_bytes(tmp_path: Path, form: Form) -> None:
    source = make(tmp_path / "source", "train", {f"i{n}": f"x _ {{ {n} }}" if n % 11 else "}" for n in range(120)})
    (tmp_path / "run.py").write_text(SCRIPT)
    (tmp_path / "tests_kinds.py").write_text(SLOW)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])}

    def start(folder: str) -> subprocess.Popen[bytes]:
        (tmp_path / folder).mkdir(exist_ok=True)
        command = [sys.executable, str(tmp_path / "run.py"), str(source), form]
        return subprocess.Popen(command, cwd=tmp_path / folder, env=environment, stdout=subprocess.PIPE)

    assert start("whole").communicate(timeout=120)[0] == b"0\n"
    for chunks_done in (1, 9):
        process = start("killed")
        flags = tmp_path / f"killed/data/.hme100k_train-{form}.partial/done"
        deadline = time.monotonic() + 120
        while len(list(flags.glob("*.json"))) < chunks_done and time.monotonic() < deadline:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not [name for name in files_below(tmp_path / "killed") if ".partial/" not in name]
    resumed = int(start("killed").communicate(timeout=120)[0])
    assert resumed >= 9
    assert files_below(tmp_path / "killed") == files_below(tmp_path / "whole")


def test_an_unfinished_run_with_other_settings_is_not_continued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = make(tmp_path / "source", "train", {"a": "x"})

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("unimumer.data.convert.assemble", stop)
        convert(source, Conversion("hme100k", "train", tmp_path / "data", "sharegpt", KINDS))
    plain = Conversion("hme100k", "train", tmp_path / "data", "sharegpt", KINDS[:1])
    with pytest.raises(UnimumerError, match="run with other settings"):
        convert(source, plain)
    convert(source, plain, force=True)
    assert len(list((tmp_path / "data/HME100K/train").glob("*.json"))) == 1
    assert {path.name for path in (tmp_path / "data").iterdir()} == {"HME100K", "dataset_info.json"}


def test_a_run_killed_while_it_moves_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = make(tmp_path / "source", "train", {"a": "x", "b": ""})
    job = Conversion("hme100k", "train", tmp_path / "data", "sharegpt", KINDS)
    real, moved = module.swap, []

    def swap(path: Path, target: Path) -> None:
        if len(moved) == 2:
            raise KeyboardInterrupt
        moved.append(target)
        real(path, target)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(module, "swap", swap)
        convert(source, job)
    convert(source, job)
    assert {path.name for path in (tmp_path / "data").iterdir()} == {"HME100K", "dataset_info.json"}
    assert len(list((tmp_path / "data/HME100K/train").iterdir())) == 6


def test_a_label_with_half_a_character_is_left_out(tmp_path: Path, form: Form) -> None:
    make(tmp_path / "source", "test", {"a": "", "b": ""})
    items = [{"img_id": "a", "label": "x \ud800"}, {"img_id": "b", "label": "x"}]
    (tmp_path / "source/test.json").write_text(json.dumps(items))
    (tmp_path / "source/test_images").rename(tmp_path / "source/images")
    job = Conversion("im2latexv2", "test", tmp_path / "data", form, KINDS[:1])
    assert convert(tmp_path / "source", job).rows == {"im2latexv2_test": 1, "im2latexv2_test_normalized": 1}
    left = json.loads((job.out / job.invalid).read_text(encoding="utf-8"))
    assert {item["caption"] for item in left} == {"x \ud800"} and "half a character" in left[0]["reason"]
