"""Parquet shards: the published schema, and readable by others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shards import read_rows
from unimumer.data.parquet import ROWS, Shard
from unimumer.data.sharegpt import Conversation

parquet = pytest.importorskip("pyarrow.parquet")


def rows(count: int) -> list[Conversation]:
    return [
        Conversation(f"é.{n}", f"é.{n}.jpg", bytes([n % 256]) * 9, "<image>Q", f"\\frac {n}\n解") for n in range(count)
    ]


def write(path: Path, content: list[Conversation]) -> None:
    path.parent.mkdir(exist_ok=True)
    shard = Shard(path)
    for row in content:
        shard.add(row)
    shard.close()


@pytest.mark.parametrize("count", [1, ROWS, ROWS + 1, 3 * ROWS])
def test_what_is_written_is_read_back_and_the_same_each_time(tmp_path: Path, count: int) -> None:
    path = tmp_path / "set/train-00000.parquet"
    write(path, rows(count))
    assert list(read_rows(path)) == rows(count)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    write(tmp_path / "again.parquet", rows(count))
    assert path.read_bytes() == (tmp_path / "again.parquet").read_bytes()


def test_the_schema_is_the_published_one(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", rows(2))
    schema = parquet.read_schema(tmp_path / "a.parquet")
    assert schema.names == ["image", "conversations", "id"]
    assert str(schema.field("image").type) == "struct<bytes: binary, path: string>"
    assert [field.name for field in schema.field("conversations").type.value_type] == ["from", "value"]
    features = json.loads(schema.metadata[b"huggingface"])["info"]["features"]
    assert features["image"] == {"_type": "Image"}
    assert list(features) == schema.names


def test_large_pictures_end_a_group_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unimumer.data.parquet.GROUP_BYTES", 30)
    write(tmp_path / "a.parquet", rows(10))
    assert parquet.ParquetFile(tmp_path / "a.parquet").num_row_groups == 3


def test_no_rows_make_no_file(tmp_path: Path) -> None:
    write(tmp_path / "a.parquet", [])
    assert not list(tmp_path.iterdir())


def test_datasets_shows_the_picture(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    import cv2
    import numpy as np

    jpeg = cv2.imencode(".jpg", np.zeros((4, 6), np.uint8))[1].tobytes()
    write(tmp_path / "a.parquet", [Conversation("a", "a.jpg", jpeg, "<image>Q", "x")])
    table = datasets.load_dataset(
        "parquet", data_files=str(tmp_path / "a.parquet"), split="train", cache_dir=str(tmp_path / "cache")
    )
    assert table[0]["image"].size == (6, 4)
    assert table[0]["conversations"] == [{"from": "human", "value": "<image>Q"}, {"from": "gpt", "value": "x"}]
