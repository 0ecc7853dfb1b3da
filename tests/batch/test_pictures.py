"""Pictures come in order, within the bound of bytes, and whatever goes wrong with one is its own answer."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from unimumer import imaging
from unimumer.batch.pictures import Loader
from unimumer.batch.prompts import Record
from unimumer.data import Prompted
from unimumer.errors import UnimumerError

SIDE = 20
SIZE = 3 * SIDE * SIDE


@pytest.fixture
def records(tmp_path: Path) -> list[Record]:
    """Twelve pictures of `SIZE` bytes, the sixth three times as large, the fourth not there."""
    for index in range(12):
        width = 3 * SIDE if index == 5 else SIDE
        if index != 3:
            Image.fromarray(np.full((SIDE, width, 3), index, np.uint8)).save(tmp_path / f"{index}.png")
    return [Record(index, Prompted(f"{index}.png", "", "")) for index in range(12)]


def calls(loader: Loader, records: list[Record]) -> list[list[int]]:
    """Indices of the records of each call; what they hold is checked."""
    found = []
    for call in loader.calls(loader.start(records)):
        found.append([record.index for record, _ in call])
        for record, picture in call:
            if record.index == 3:
                assert isinstance(picture, UnimumerError)
            else:
                assert not isinstance(picture, UnimumerError) and picture[0, 0, 0] == record.index
    return found


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        (10**9, [list(range(12))]),
        (2 * SIZE, [[0], [1], [2, 3], [4], [5], *([index] for index in range(6, 12))]),
        (8 * SIZE, [[0, 1, 2, 3, 4], [5, 6], [7, 8, 9, 10], [11]]),
        (1, [[index] for index in range(12)]),
    ],
)
def test_calls_are_parted_by_bytes_alone(
    records: list[Record], tmp_path: Path, memory: int, expected: list[list[int]]
) -> None:
    with Loader(tmp_path, memory) as loader:
        assert calls(loader, records) == expected
        assert calls(loader, records) == expected
        assert loader._held == 0


def test_never_holds_more_than_the_bound(
    records: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, held, most = threading.Lock(), 0, 0
    load = imaging.load

    class Counted(np.ndarray):  # type: ignore[type-arg]
        def __del__(self) -> None:
            nonlocal held
            with lock:
                held -= SIZE

    def counting(data: bytes):  # type: ignore[no-untyped-def]
        nonlocal held, most
        with lock:
            held += SIZE
            most = max(most, held)
        return load(data).view(Counted)

    monkeypatch.setattr(imaging, "load", counting)
    same = [Record(index, Prompted("0.png", "", "")) for index in range(200)]
    with Loader(tmp_path, 8 * SIZE) as loader:
        for call in loader.calls(loader.start(same)):
            assert len(call) == 4
            del call
    # One more: the loop's own name for the call before.
    assert 4 * SIZE <= most <= 9 * SIZE


def test_any_error_is_the_picture_s_own(records: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(data: bytes) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(imaging, "load", load)
    with Loader(tmp_path, 10**9) as loader:
        call = next(loader.calls(loader.start(records[:2])))
        assert [str(error) for _, error in call] == ["the picture cannot be decoded: ZeroDivisionError"] * 2


def test_stops_in_the_middle(records: list[Record], tmp_path: Path) -> None:
    with Loader(tmp_path, 1) as loader:
        assert next(loader.calls(loader.start(records)))
    assert not any(thread.is_alive() for thread in loader._threads)
