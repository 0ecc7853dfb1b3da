"""Pictures come in order, within the bound of bytes, and whatever goes wrong with one is its own answer."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from unimumer import imaging
from unimumer.batch.pictures import Loader
from unimumer.batch.prompts import BatchItem
from unimumer.data import Prompted
from unimumer.errors import UnimumerError

SIDE = 20
SIZE = 3 * SIDE * SIDE


@pytest.fixture
def items(tmp_path: Path) -> list[BatchItem]:
    """Twelve pictures of `SIZE` bytes, the sixth three times as large, the fourth not there."""
    for index in range(12):
        width = 3 * SIDE if index == 5 else SIDE
        if index != 3:
            Image.fromarray(np.full((SIDE, width, 3), index, np.uint8)).save(tmp_path / f"{index}.png")
    return [BatchItem(index, Prompted(f"{index}.png", "", "")) for index in range(12)]


def calls(loader: Loader, items: list[BatchItem]) -> list[list[int]]:
    """Indices of the items of each call; what they hold is checked."""
    found = []
    for call in loader.calls(items):
        found.append([one.item.index for one in call])
        for one in call:
            if one.item.index == 3:
                assert isinstance(one.picture, UnimumerError) and not one.sha256
            else:
                assert not isinstance(one.picture, UnimumerError) and one.picture[0, 0, 0] == one.item.index
                file = (loader._root / one.item.prompted.image).read_bytes()
                assert one.sha256 == hashlib.sha256(file).hexdigest()
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
    items: list[BatchItem], tmp_path: Path, memory: int, expected: list[list[int]]
) -> None:
    with Loader(tmp_path, memory) as loader:
        assert calls(loader, items) == expected
        assert calls(loader, items) == expected
        assert loader._held == 0


def test_never_holds_more_than_the_bound(
    items: list[BatchItem], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
    same = [BatchItem(index, Prompted("0.png", "", "")) for index in range(200)]
    with Loader(tmp_path, 8 * SIZE) as loader:
        for call in loader.calls(same):
            assert len(call) == 4
            del call
    # One more: the loop's own name for the call before.
    assert 4 * SIZE <= most <= 9 * SIZE


def test_any_error_is_the_picture_s_own(
    items: list[BatchItem], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(data: bytes) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(imaging, "load", load)
    with Loader(tmp_path, 10**9) as loader:
        call = next(loader.calls(items[:2]))
        assert [str(one.picture) for one in call] == ["the picture cannot be decoded: ZeroDivisionError"] * 2


def test_stops_in_the_middle(items: list[BatchItem], tmp_path: Path) -> None:
    with Loader(tmp_path, 1) as loader:
        assert next(loader.calls(items))
    assert not any(thread.name.startswith("pictures") for thread in threading.enumerate())
