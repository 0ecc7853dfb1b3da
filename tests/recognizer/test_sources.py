from __future__ import annotations

import asyncio
import doctest
import os
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import unimumer.recognizer.recognizer
from unimumer.engines.base import Cancelled
from unimumer.engines.fake import FakeEngine
from unimumer.imaging import ImageError
from unimumer.ink import Ink, InkError, read_ink, write_inkml, write_strokes
from unimumer.recognizer import Recognizer
from unimumer.recognizer.sources import opened

ROOT = Path(__file__).parents[2]
INK = read_ink(ROOT / "examples" / "sum.strokes.json")
LISTS = [stroke.tolist() for stroke in INK.strokes]
COLUMNS = {"x": [s[:, 0].tolist() for s in INK.strokes], "y": [s[:, 1].tolist() for s in INK.strokes]}


@pytest.mark.parametrize(
    "source",
    [
        LISTS,
        tuple(LISTS),
        list(INK.strokes),
        {"strokes": LISTS},
        {"strokes": {"strokes": COLUMNS}},
        write_strokes(INK).encode(),
        b"\xef\xbb\xbf " + write_strokes(INK).encode(),
        write_inkml(INK),
    ],
    ids=["lists", "tuple", "arrays", "object", "mathpix", "json", "json-bom", "inkml"],
)
def test_ink_in_every_form_is_the_same_picture(source: object) -> None:
    one = opened(source)  # type: ignore[arg-type]
    assert (one.picture == opened(INK).picture).all()
    assert one.ink is not None and all((a == b).all() for a, b in zip(one.ink.strokes, INK.strokes, strict=True))


def test_a_picture_in_every_form_is_the_same_picture() -> None:
    path = ROOT / "examples" / "sum.png"
    image, expected = Image.open(path), opened(path).picture
    stream = BytesIO()
    image.save(stream, "WEBP", lossless=True)
    for source in (str(path), path.read_bytes(), bytearray(path.read_bytes()), image, expected, stream.getvalue()):
        assert (opened(source).picture == expected).all() and opened(source).ink is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "error", "says"),
    [
        (b"", ImageError, "empty"),
        (b"<html>", ImageError, "not a PNG"),
        (b"<?xml version='1.0'?><svg/>", InkError, "InkML"),
        (b"[[[0, 0]", InkError, "not readable"),
        ([[[0, 0], [1, float("nan")]]], InkError, "NaN is not"),
        ([[[0, 0], [1, "2"]]], InkError, "point 1"),
        ([[[0, 0], [1, {2}]]], InkError, "set is no list"),
        ([], InkError, "no strokes"),
        ({}, InkError, "strokes"),
        (Ink("a", ()), InkError, "stroke"),
        (["a.png", "b.png"], ImageError, "recognize_each"),
        ([np.zeros((9, 9, 3))], ImageError, "recognize_each"),
        (7, ImageError, "a picture must be"),
        (None, ImageError, "a picture must be"),
    ],
)
def test_what_is_neither_is_refused_with_a_sentence(source: object, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        opened(source)  # type: ignore[arg-type]


def test_more_strokes_than_a_document_may_hold_are_read_from_memory() -> None:
    long = [np.random.default_rng(0).random((40_000, 2))]
    ink = opened(long).ink
    assert ink is not None and len(ink.strokes[0]) == 40_000


def test_awaiting_reads_and_cancelling_stops_the_work() -> None:
    stopped = []

    class Slow(FakeEngine):
        def generate(self, requests, decoding, stop=None):  # type: ignore[no-untyped-def]
            while not stop():
                pass
            stopped.append(True)
            raise Cancelled("nobody waits")

    async def give_up() -> None:
        await asyncio.wait_for(Recognizer(Slow()).recognize_async(INK), timeout=0.2)

    assert asyncio.run(Recognizer("fake").recognize_async(INK)) == Recognizer("fake").recognize(INK)
    with pytest.raises(asyncio.TimeoutError):
        asyncio.run(give_up())
    assert stopped, "asyncio waits for its threads at the end of the loop"


def test_a_result_keeps_its_source() -> None:
    assert Recognizer("fake").recognize(INK).source is INK
    assert isinstance(Recognizer("fake").recognize(LISTS).source, list)
    with pytest.raises(ImageError, match="several sources"):
        list(Recognizer("fake").recognize_each({"strokes": LISTS}))  # type: ignore[arg-type]
    with pytest.raises(ImageError, match="several sources"):
        list(Recognizer("fake").recognize_each("photo.jpg"))  # type: ignore[arg-type]


def test_the_documented_examples_are_true(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    page = os.path.relpath(ROOT / "docs" / "recognizer.md", Path(__file__).parent)
    assert doctest.testfile(page, encoding="utf-8") == (0, 21)
    assert doctest.testmod(unimumer.recognizer.recognizer) == (0, 2)


def test_nothing_of_what_was_drawn_is_taken_for_a_blemish():
    bars = [[[x, 0], [x, 60]] for x in (0, 60, 120, 180)]
    dot = [[400.0, 55.0], [401.0, 56.0]]
    one = opened([*bars, [[20, 20], [40, 40]], [[20, 40], [40, 20]], dot])
    assert one.inked is not None
    assert np.array_equal(one.inked > 128, one.picture[..., 0] < 127)
