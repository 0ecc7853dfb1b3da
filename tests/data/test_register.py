"""`dataset_info.json`: which files become sets, under which names, and from where their paths hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unimumer.data.register import register
from unimumer.data.sharegpt import IMAGE, record, write_released
from unimumer.errors import UnimumerError

TAGS = {"role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt"}


def touch(path: Path, content: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def conversations(path: Path) -> None:
    write_released(touch(path), [record(Path("data/a.jpg"), f"{IMAGE}Q", "x")])


def test_both_forms_are_registered_with_their_columns(tmp_path: Path) -> None:
    data = tmp_path / "data"
    conversations(data / "HME100K/train/hme100k_train_tree.json")
    touch(data / "parquet/crohme_train_can/train-00000.parquet")
    assert register(data, data / "dataset_info.json") == {
        "hme100k_train_tree": {
            "file_name": "HME100K/train/hme100k_train_tree.json",
            "formatting": "sharegpt",
            "columns": {"messages": "messages", "images": "images"},
            "tags": TAGS,
        },
        "parquet_crohme_train_can": {
            "file_name": "parquet/crohme_train_can",
            "formatting": "sharegpt",
            "columns": {"messages": "conversations", "images": "image"},
            "tags": TAGS,
        },
    }
    assert list(json.loads((data / "dataset_info.json").read_text())) == [
        "hme100k_train_tree",
        "parquet_crohme_train_can",
    ]


def test_paths_hold_from_the_file_written(tmp_path: Path) -> None:
    conversations(tmp_path / "data/MNE/prompts/N1.json")
    (tmp_path / "train").mkdir()
    sets = register(tmp_path / "data", tmp_path / "train/dataset_info.json")
    assert sets["N1"]["file_name"] == "../data/MNE/prompts/N1.json"


def test_what_is_no_conversation_or_not_finished_is_passed_over(tmp_path: Path) -> None:
    conversations(tmp_path / "CROHME/train/crohme_train.json")
    touch(tmp_path / "CROHME/train/invalid_record.json", '[{"image_id": "a", "reason": "empty"}]')
    touch(tmp_path / "Im2LaTeXv2/test/test.json", '[{"img_id": "a", "label": "x"}]')
    touch(tmp_path / "CROHME/results/crohme_2014_pred.json", '[{"gt": "x", "pred": "x"}]')
    touch(tmp_path / "CROHME/train/empty.json", "[]")
    touch(tmp_path / "CROHME/train/broken.json", "[{")
    touch(tmp_path / "parquet/.hme100k_train.partial/train-00000.parquet")
    touch(tmp_path / "parquet/README.md")
    (tmp_path / "parquet/nothing").mkdir()
    assert list(register(tmp_path, tmp_path / "dataset_info.json")) == ["crohme_train"]


def test_two_sets_of_one_name_are_refused(tmp_path: Path) -> None:
    conversations(tmp_path / "A/train/same.json")
    conversations(tmp_path / "B/train/same.json")
    with pytest.raises(UnimumerError, match="two sets called same"):
        register(tmp_path, tmp_path / "dataset_info.json")
    assert not (tmp_path / "dataset_info.json").exists()


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnimumerError, match="no set of conversations"):
        register(tmp_path, tmp_path / "dataset_info.json")
