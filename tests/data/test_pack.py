"""ShareGPT files as Parquet sets: every text as it is written, all or nothing."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from unimumer.data import Sample, record
from unimumer.data.pack import pack
from unimumer.data.sharegpt import write_released as write_list
from unimumer.errors import UnimumerError
from unimumer.tasks import find_errors

pytest.importorskip("pyarrow")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    cv2.imwrite("data/a.b.png", np.full((9, 9), 255, np.uint8))
    sample = Sample("a.b", Path("data/a.b.png"), "x")
    path = Path("crohme_train_error_find.json")
    write_list(path, [record(sample, find_errors.prompt("y"), f"x {n}") for n in range(3)])
    return path


def test_texts_are_kept_to_the_last_space(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from unimumer.data.parquet import read_rows

    monkeypatch.setattr("unimumer.data.pack.ROWS", 2)
    assert pack(file, Path("."), Path("data")) == 3
    folder = Path("data/parquet/crohme_train_error_find")
    shards = sorted(folder.iterdir())
    assert [shard.name for shard in shards] == ["train-00000.parquet", "train-00001.parquet"]
    rows = [row for shard in shards for row in read_rows(shard)]
    assert [row.answer for row in rows] == ["x 0", "x 1", "x 2"]
    assert rows[0].question == "<image>" + find_errors.prompt("y")
    assert rows[0].question.endswith(" ")
    assert (rows[0].id, rows[0].image, rows[0].picture) == ("a.b", "a.b.png", Path("data/a.b.png").read_bytes())
    with pytest.raises(UnimumerError, match="use --force"):
        pack(file, Path("."), Path("data"))
    assert pack(file, Path("."), Path("data"), force=True) == 3


def test_a_bad_picture_leaves_nothing(file: Path) -> None:
    Path("data/a.b.png").write_bytes(b"no")
    with pytest.raises(UnimumerError, match=r"item 0.*: the picture \./data/a\.b\.png cannot be used"):
        pack(file, Path("."), Path("data"))
    assert list(Path("data/parquet").iterdir()) == []
