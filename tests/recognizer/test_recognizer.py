from __future__ import annotations

import importlib
import math
from pathlib import Path

import numpy as np
import pytest

from unimumer.engines.base import Answer, Cancelled, EngineError, Text
from unimumer.engines.fake import FakeEngine
from unimumer.imaging import UPRIGHT, ImageError, load
from unimumer.ink import Ink, InkError, read_ink
from unimumer.ink import picture as picture_of
from unimumer.recognizer import Recognizer
from unimumer.recognizer.sources import Opened
from unimumer.tasks import count, find_errors, recognize, tree
from unimumer.verify import Checks


@pytest.fixture
def reader() -> Recognizer:
    return Recognizer("fake")


def picture() -> np.ndarray:
    page = np.full((40, 40, 3), 255, np.uint8)
    page[10:30, 18:22] = 0
    return page


def answered(monkeypatch: pytest.MonkeyPatch, *texts: Text, finish: str = "stop") -> Recognizer:
    """A recognizer whose model always gives these candidates."""
    monkeypatch.setattr(
        FakeEngine, "generate", lambda self, requests, decoding, stop=None: [Answer(texts, finish)] * len(requests)
    )  # type: ignore[arg-type]
    return Recognizer("fake")


@pytest.mark.parametrize(
    ("texts", "finish", "reading", "others", "doubts"),
    [
        ([Text("x + 1", (math.log(0.5), math.log(0.8)))], "stop", ("x + 1", 0.4), [], []),
        # What does not parse yields to the next that does.
        (
            [Text(r"\frac { a", (-0.1,)), Text(" a ", (-0.5,)), Text("b", (-0.9,))],
            "stop",
            ("a", math.exp(-0.5)),
            [r"\frac { a", "b"],
            [],
        ),
        ([Text("{ {", (-0.1,))], "length", ("{ {", math.exp(-0.1)), [], ["incomplete", "malformed"]),
        ([Text("x", ())], "stop", ("x", None), [], []),  # a server that gives no probabilities
    ],
)
def test_candidates_become_a_reading_and_its_alternatives(
    monkeypatch: pytest.MonkeyPatch,
    texts: list[Text],
    finish: str,
    reading: tuple[str, float | None],
    others: list[str],
    doubts: list[str],
) -> None:
    result = answered(monkeypatch, *texts, finish=finish).recognize(picture())
    assert result.tokens == reading[0] and result.confidence == (reading[1] and pytest.approx(reading[1]))
    assert [other.tokens for other in result.alternatives] == others
    assert [warning.kind for warning in result.warnings] == doubts
    assert (result.complete, result.well_formed) == ("incomplete" not in doubts, "malformed" not in doubts)


def test_a_blank_page_is_an_error_not_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImageError, match="no ink"):
        answered(monkeypatch, Text("", ())).recognize(picture())


def test_verify_puts_readings_to_the_vote(monkeypatch: pytest.MonkeyPatch) -> None:
    says = {count.prompt(): count.target("X"), tree.prompt(): tree.target("X"), find_errors.prompt("x"): "x x"}
    monkeypatch.setattr(
        FakeEngine,
        "generate",
        lambda self, requests, decoding, stop=None: [
            Answer((Text(says.get(r.prompt, "x"), (-0.5,)),), "stop") for r in requests
        ],
    )
    result = Recognizer("fake", verify=True).recognize(picture())
    assert result.latex == "X" and result.confidence is None and result.well_formed and result.complete
    assert [other.latex for other in result.alternatives] == ["x"]
    assert result.checks is not None and result.checks.changed_by == ("count", "tree")
    plain = Recognizer("fake", verify=Checks(tree=False)).recognize(picture())
    assert plain.latex == "x" and plain.checks is not None and not plain.checks.agreed
    assert Recognizer("fake").recognize(picture()).checks is None


def test_several_pictures_keep_their_order(reader: Recognizer) -> None:
    pages = [picture(), 255 - picture(), picture()[:20]]
    together = list(reader.recognize_each(pages))
    assert together == [reader.recognize(page) for page in pages]


def test_ink_is_drawn_and_read_whatever_form_it_comes_in(reader: Recognizer, tmp_path: Path) -> None:
    strokes = Path(__file__).parents[2] / "examples" / "sum.strokes.json"
    ink = read_ink(strokes)
    traces = "".join(f"<trace>{', '.join(f'{x} {y}' for x, y in s.tolist())}</trace>" for s in ink.strokes)
    (tmp_path / "sum.inkml").write_text(f"<ink>{traces}</ink>")
    readings = reader.recognize_each([strokes, str(strokes), ink, tmp_path / "sum.inkml", picture_of(ink)])
    assert len(set(readings)) == 1


def test_each_item_has_a_result_or_an_error_of_its_own(reader: Recognizer, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[")
    sources = [b"<html>", picture(), tmp_path / "a.json", tmp_path / "missing.inkml", 7, picture()]
    *errors, first, last = sorted(reader.recognize_each(sources), key=lambda one: not isinstance(one, Exception))
    assert [type(error) for error in errors] == [ImageError, InkError, InkError, ImageError]
    assert first == last == reader.recognize(picture())


class Watched(FakeEngine):
    """Notes what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[list[str]] = []

    def generate(self, requests, decoding, *more):  # type: ignore[no-untyped-def]
        self.calls.append([request.prompt for request in requests])
        return super().generate(requests, decoding, *more)


def test_pictures_are_taken_as_they_are_needed_in_bounded_calls() -> None:
    engine, taken = Watched(), []

    def pages():  # type: ignore[no-untyped-def]
        for index in range(40):
            taken.append(index)
            yield np.full((2000, 5000, 3), 255, np.uint8) if index == 20 else picture()

    results = Recognizer(engine).recognize_each(pages())
    next(results)
    assert len(taken) == 17
    assert len(list(results)) == 39
    assert [len(call) for call in engine.calls] == [16, 16, 8]
    big = [np.full((4000, 5000, 3), 255, np.uint8)] * 6
    assert len(list(Recognizer(engine).recognize_each(big))) == 6
    assert [len(call) for call in engine.calls[3:]] == [4, 2], "60 MB each, of 256 MiB"


def test_the_questions_of_the_checks_are_not_asked_about_turned_copies() -> None:
    engine = Watched()
    Recognizer(engine, tta=True, verify=Checks(find=False, fix=False)).recognize(picture())
    assert [(len(call), call[0]) for call in engine.calls] == [
        (3, recognize.prompt()),
        (1, count.prompt()),
        (1, tree.prompt()),
    ]


def test_a_call_can_be_stopped() -> None:
    with pytest.raises(Cancelled):
        list(Recognizer("fake").recognize_each([picture()], stop=lambda: True))


@pytest.mark.parametrize(
    ("model", "options"),
    [
        (7, {}),
        (None, {}),
        ("fake", {"beams": "4"}),
        ("fake", {"beams": 0}),
        ("fake", {"beams": 1.5}),
        ("fake", {"verify": "all"}),
        ("fake", {"tta": "yes"}),
        ("fake", {"settings": 5}),
        ("no-such-model", {}),
    ],
)
def test_what_is_no_model_or_no_setting_is_an_engine_error(model: object, options: dict[str, object]) -> None:
    with pytest.raises(EngineError):
        Recognizer(model, **options)  # type: ignore[arg-type]


def test_a_tap_far_away_changes_no_reading_and_a_single_point_is_refused(reader: Recognizer) -> None:
    strokes = tuple(np.array(line, np.float32) for line in ([(0, 0), (10, 10)], [(0, 10), (10, 0)]))
    tapped = Ink("a", (*strokes, np.array([(900, 700)], np.float32)))
    assert reader.recognize(tapped) == reader.recognize(Ink("a", strokes))
    with pytest.raises(InkError, match="a single point is no expression"):
        reader.recognize(Ink("b", (np.zeros((1, 2), np.float32),)))


def test_what_is_wrong_with_a_picture_is_said_with_its_reading(reader: Recognizer) -> None:
    assert reader.recognize(picture()).warnings == ()
    page = picture()
    page[20:, 18:22] = 0
    assert [warning.kind for warning in reader.recognize(page).warnings] == ["cut"]


@pytest.mark.parametrize("degrees", [20, -20, 90, -90, 180, 110])
def test_a_turned_picture_is_set_upright_where_that_reads_better(degrees: int) -> None:
    level = load(Path(__file__).parents[2] / "examples" / "odd.png")
    reader = Recognizer()
    expected = reader.recognize(level)
    result = reader.recognize(Opened(level).turned(degrees).picture)
    assert result.tokens == expected.tokens and not expected.warnings
    assert result.warnings == (UPRIGHT,)
    low, high = np.array([symbol.box for symbol in result.symbols]).reshape(-1, 2, 2).transpose(1, 0, 2)
    width, height = high.max(axis=0) - low.min(axis=0)
    assert width > 3 * height  # places are those of the upright picture


def test_a_picture_is_cleaned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cleaning = importlib.import_module("unimumer.imaging.clean")
    seen = []
    monkeypatch.setattr(cleaning, "without_lines", lambda depth: seen.append(depth) or depth)
    assert Recognizer(beams=2).recognize("examples/sum.png").latex == "2+3=5"
    assert len(seen) == 1
