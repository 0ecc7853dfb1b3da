"""Test-time augmentation: copies of a picture that are turned, and what is made of the answers about them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from unimumer.engines.base import LARGE, Answer, Decoding, EngineError, Picture, Request, Text
from unimumer.engines.pictures import BLANK
from unimumer.engines.turning import TurningEngine, joined, turned


def answer(**logprobs: float) -> Answer:
    texts = sorted(logprobs.items(), key=lambda pair: -pair[1])
    return Answer(tuple(Text(text, (logprob,)) for text, logprob in texts), "stop")


def bar(height: int = 60, width: int = 200) -> Picture:
    """A drawing: a level bar on white."""
    picture = np.full((height, width, 3), 255, np.uint8)
    picture[28:32, 20:180] = 0
    return picture


def test_a_text_that_all_copies_find_probable_wins() -> None:
    best = joined([answer(a=-0.5, b=-1.0), answer(b=-0.2, a=-3.0), answer(b=-0.1, c=-2.0)])
    assert [text.text for text in best.candidates] == ["b", "a", "c"]


def test_a_text_counts_below_the_least_of_a_copy_that_lacks_it() -> None:
    """By the first copy a leads by 1.5; the second, which knows b only, puts it 2 below."""
    assert joined([answer(a=-0.5, b=-2.0), answer(b=-0.1)]).best.text == "b"
    assert joined([answer(a=-0.5, b=-3.0), answer(b=-0.1)]).best.text == "a"


def test_texts_are_given_as_the_least_turned_copy_has_them() -> None:
    best = joined([answer(a=-0.5, b=-1.0), answer(b=-0.2, c=-0.3), answer(c=-0.1, b=-0.2)])
    assert {text.text: text.logprob for text in best.candidates} == {"a": -0.5, "b": -1.0, "c": -0.3}


def test_confidence_is_a_share_of_all_candidates_and_falls_down_the_ranks() -> None:
    copies = [answer(a=-0.5, b=-1.0), answer(a=-0.1, b=-1.0), answer(b=-0.2, a=-0.3)]
    a, b = joined(copies).candidates
    assert (a.text, b.text) == ("a", "b")
    odds = np.exp([0.75 * -0.3, 0.75 * -2.2 / 3])
    assert a.confidence == pytest.approx(odds[0] / odds.sum())
    assert a.confidence + b.confidence == pytest.approx(1)


def test_a_blank_picture_stays_blank_and_a_blank_copy_has_no_say() -> None:
    assert joined([BLANK, answer(a=-1.0), answer(a=-1.0)]).blank
    assert joined([answer(a=-1.0, b=-1.5), BLANK, answer(b=-0.1, a=-2.0)]).best.text == "b"


def test_how_the_best_text_ends_is_said_by_a_copy_that_prefers_it() -> None:
    cut = Answer((Text("long", (-0.1,)),), "length")
    assert joined([cut, cut, answer(a=-5.0)]).finish == "length"
    assert joined([answer(a=-0.1), cut, answer(a=-0.1)]).finish == "stop"


def test_turning_keeps_the_ink_and_adds_paper_only() -> None:
    for degrees in (3.0, -3.0):
        sheet = turned(bar(), degrees)
        assert sheet.dtype == np.uint8 and sheet.shape[0] > 60
        assert (255 - sheet.astype(int)).sum() == pytest.approx((255 - bar().astype(int)).sum(), rel=0.01)
    left, right = (np.flatnonzero((turned(bar(), 3.0)[:, x] < 128).any(axis=1)).mean() for x in (25, 175))
    assert left - right == pytest.approx(150 * np.sin(np.radians(3)), abs=1.5)  # counterclockwise: its right end rises


def test_ink_at_the_border_of_a_drawing_is_not_drawn_out() -> None:
    picture = bar(60, 160)[:, 20:]
    assert (255 - turned(picture, 3.0).astype(int)).sum() <= 1.02 * (255 - picture.astype(int)).sum()


def test_the_light_of_a_photograph_goes_on_beyond_its_border() -> None:
    shade = np.repeat(np.tile(np.linspace(90, 230, 200).astype(np.uint8), (80, 1))[:, :, None], 3, axis=2)
    sheet = turned(shade, 3.0)
    assert sheet[0, 0].max() < 110 and sheet[-1, -1].min() > 210


class _Counting:
    """Tells each copy apart by its shape."""

    name = "counting"
    defaults = LARGE

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []
        self.beams: list[int] = []

    def generate(self, requests: Sequence[Request], decoding: Decoding, *_: object) -> list[Answer]:
        self.beams.append(decoding.beams)
        self.shapes += [request.picture.shape for request in requests]
        return [answer(**{"wide" if request.picture.shape[1] > 150 else "narrow": -1.0}) for request in requests]


def test_answers_go_to_the_pictures_they_are_about() -> None:
    inner = _Counting()
    pictures = [bar(), bar(60, 100), bar()]
    answers = TurningEngine(inner).generate([Request(picture, "?") for picture in pictures], Decoding())
    assert [one.best.text for one in answers] == ["wide", "narrow", "wide"]
    assert inner.beams == [4]
    assert inner.shapes[:3] == [picture.shape for picture in pictures] and len(inner.shapes) == 9


def test_it_has_a_name_of_its_own_and_does_not_draw() -> None:
    engine = TurningEngine(_Counting())
    assert engine.name == "counting+tta"
    with pytest.raises(EngineError, match="does not draw"):
        engine.generate([Request(bar(), "?")], Decoding(temperature=0.5))
    assert engine.generate([], Decoding()) == []
