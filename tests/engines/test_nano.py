"""The shipped model: sound files, real answers, and the same answer whatever shares its batch."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from unimumer.engines.base import Cancelled, Decoding, EngineError, Request, RequestError
from unimumer.engines.nano import NanoEngine, _Texts
from unimumer.imaging import load
from unimumer.tasks import recognize

SHIPPED = Path(str(files("unimumer") / "models" / "nano"))
EXAMPLES = Path(__file__).parents[2] / "examples"
GREEDY = Decoding(max_tokens=60)


@pytest.fixture(scope="module")
def engine() -> NanoEngine:
    return NanoEngine.load(threads=2)


@pytest.fixture(scope="module")
def labels() -> dict[str, str]:
    return dict(line.split("\t") for line in (EXAMPLES / "labels.tsv").read_text().splitlines())


def request(name: str) -> Request:
    return Request(load(EXAMPLES / name), recognize.prompt())


def test_no_file_is_too_large_for_version_control() -> None:
    assert all(file.stat().st_size < 16 * 2**20 for file in SHIPPED.iterdir())


def test_it_reads_what_it_has_never_seen(engine: NanoEngine, labels: dict[str, str]) -> None:
    """The examples are not from its training data; a model that had learned nothing would get none right."""
    plain = [name for name in labels if name.endswith(".png")]
    answers = engine.generate([request(name) for name in plain], GREEDY)
    right = sum(answer.best.text == labels[name] for name, answer in zip(plain, answers))
    assert right >= len(plain) // 4


def test_a_neighbor_in_the_batch_changes_nothing(engine: NanoEngine, labels: dict[str, str]) -> None:
    together = engine.generate([request(name) for name in labels], GREEDY)
    for name, answer in list(zip(labels, together))[::4]:
        alone = engine.generate([request(name)], GREEDY)[0]
        assert alone.best.text == answer.best.text
        assert alone.best.logprobs == pytest.approx(answer.best.logprobs, abs=1e-3)


def test_beams_give_alternatives_best_first(engine: NanoEngine) -> None:
    answer = engine.generate([request("circle.png")], Decoding(max_tokens=60, beams=4))[0]
    texts = [candidate.text for candidate in answer.candidates]
    assert 1 < len(texts) == len(set(texts)) <= 4
    ranks = [candidate.rank for candidate in answer.candidates]
    assert ranks == sorted(ranks, reverse=True)


def test_drawing_is_seeded_whatever_shares_the_batch(engine: NanoEngine) -> None:
    drawing = Decoding(max_tokens=60, temperature=2.5, samples=3, seed=7)
    requests = [request("circle.png"), request("mean.png"), request("odd.png")]
    together = engine.generate(requests, drawing)
    assert [len(answer.candidates) for answer in together] == [3, 3, 3]
    alone = engine.generate(requests[1:2], drawing)[0]
    assert [c.text for c in alone.candidates] == [c.text for c in together[1].candidates]
    other = engine.generate(requests, Decoding(max_tokens=60, temperature=2.5, samples=3, seed=8))
    assert [[c.text for c in a.candidates] for a in other] != [[c.text for c in a.candidates] for a in together]


def test_a_loop_is_stopped_cut_and_marked(engine: NanoEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0

    def forever(self: object, *feed: object) -> np.ndarray:
        nonlocal steps
        steps += 1
        scores = np.full((1, 576), -9.0, np.float32)
        scores[0, 300] = -0.1
        return scores

    monkeypatch.setattr("unimumer.engines.nano._Texts._run", forever)
    for decoding in (Decoding(), Decoding(temperature=0.01)):
        steps = 0
        answer = engine.generate([request("sum.png")], decoding)[0]
        assert answer.finish == "repetition" and len(answer.best.logprobs) == len(answer.best.tokens) == 1
        assert steps == 80


def test_a_blank_picture_is_answered_by_nothing(engine: NanoEngine) -> None:
    blank = Request(np.full((60, 90, 3), 255, np.uint8), recognize.prompt())
    blank_answer, real_answer = engine.generate([blank, request("sum.png")], GREEDY)
    assert blank_answer.best.text == "" and blank_answer.best.logprobs == ()
    assert real_answer.best.logprobs


def test_many_pictures_in_one_call_take_the_memory_of_a_few(
    engine: NanoEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    found = engine._search
    monkeypatch.setattr(engine, "_search", lambda pictures, *rest: seen.append(len(pictures)) or found(pictures, *rest))
    engine.generate([request("sum.png")] * 130, Decoding(max_tokens=2))
    assert sorted(seen) == [2, *[16] * 8]


def test_a_small_call_is_shared_by_all_threads(engine: NanoEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    found = engine._search
    monkeypatch.setattr(engine, "_search", lambda pictures, *rest: seen.append(len(pictures)) or found(pictures, *rest))
    engine.generate([request("sum.png")] * 16, Decoding(max_tokens=2))
    assert seen == [2] * 8


def test_threads_change_no_bit(engine: NanoEngine, labels: dict[str, str]) -> None:
    """What shares a batch depends on the call alone, and each batch is the work of one thread."""
    requests = [request(name) for name in labels] * 3
    alone = NanoEngine.load(threads=1).generate(requests, GREEDY)
    assert alone == engine.generate(requests, GREEDY) == engine.generate(requests, GREEDY)


def test_fewer_parts_are_larger_batches_with_the_same_texts(labels: dict[str, str]) -> None:
    requests = [request(name) for name in labels]
    cut, whole = NanoEngine.load(threads=1), NanoEngine.load(threads=1, parts=1)
    seen: list[int] = []
    search = whole._search
    whole._search = lambda pictures, *more: seen.append(len(pictures)) or search(pictures, *more)
    answers = whole.generate(requests, GREEDY)
    assert seen == [16] * (len(requests) // 16) + [len(requests) % 16] * (len(requests) % 16 > 0)
    assert [one.best.text for one in answers] == [one.best.text for one in cut.generate(requests, GREEDY)]


def test_long_answers_outgrow_the_room_made_at_first(engine: NanoEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = engine.generate([request("circle.png"), request("sum.png")], Decoding(max_tokens=60, beams=3))
    monkeypatch.setattr("unimumer.engines.nano._ROOM", 1)
    found = engine.generate([request("circle.png"), request("sum.png")], Decoding(max_tokens=60, beams=3))
    for a, b in zip(expected, found):
        assert [c.text for c in a.candidates] == [c.text for c in b.candidates]
        assert a.best.logprobs == pytest.approx(b.best.logprobs, abs=1e-3)


def test_the_graphs_hold_no_paths_of_the_machine_that_made_them() -> None:
    for file in ("encoder.onnx", "decoder.onnx"):
        content = (SHIPPED / file).read_bytes()
        assert b"site-packages" not in content and b".py" not in content


@pytest.mark.parametrize("settings", [{"beams": 0}, {"max_tokens": 0}])
def test_decoding_that_asks_for_nothing_is_refused(settings: dict[str, int]) -> None:
    with pytest.raises(EngineError, match="at least 1"):
        Decoding(**settings)


@pytest.mark.parametrize("file", ["encoder.onnx", "decoder.onnx", "tokenizer.json"])
def test_a_damaged_file_is_a_clear_error(file: str, tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "nano")
    content = bytearray((tmp_path / "nano" / file).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "nano" / file).write_bytes(bytes(content))
    with pytest.raises(EngineError, match=f"{file}.*damaged"):
        NanoEngine.load(tmp_path / "nano")


def test_a_folder_without_a_model_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="does not hold a Nano model"):
        NanoEngine.load(tmp_path)
    (tmp_path / "nano.json").write_text("{}")
    with pytest.raises(EngineError, match="does not hold a Nano model"):
        NanoEngine.load(tmp_path)


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[dict[str, object]], Path]:
    """Copies the model with other values in its description."""

    def copy(changes: dict[str, object]) -> Path:
        folder = Path(shutil.copytree(SHIPPED, tmp_path / "nano", dirs_exist_ok=True))
        about = json.loads((SHIPPED / "nano.json").read_text())
        (folder / "nano.json").write_text(json.dumps({**about, **changes}))
        return folder

    return copy


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("symbol_pixels", float("nan")),
        ("symbol_pixels", "33"),
        ("max_rows", 0),
        ("max_columns", 2.5),
        ("rope_theta", float("inf")),
        ("sections", [8, 12]),
        ("sections", [8, 12, 13]),
        ("sections", 3),
        ("calibration", [1.0]),
        ("calibration", [1.0, 2.0, float("nan"), 3.0]),
        ("text_head", True),
        ("name", None),
    ],
)
def test_values_no_model_can_have_are_refused(
    name: str, value: object, copied: Callable[[dict[str, object]], Path]
) -> None:
    with pytest.raises(EngineError, match=r"does not hold a Nano model"):
        NanoEngine.load(copied({name: value}))


@pytest.mark.parametrize(("name", "value"), [("vision_head", 32), ("text_layers", 5), ("text_kv_heads", 1)])
def test_graphs_of_another_shape_are_refused(
    name: str, value: int, copied: Callable[[dict[str, object]], Path]
) -> None:
    with pytest.raises(EngineError, match=r"coder.onnx is not the .* that nano.json beside it describes"):
        NanoEngine.load(copied({name: value}))


def test_swapped_graphs_are_refused(copied: Callable[[dict[str, object]], Path]) -> None:
    sums = json.loads((SHIPPED / "nano.json").read_text())["sha256"]
    folder = copied({"sha256": {**sums, "encoder.onnx": sums["decoder.onnx"], "decoder.onnx": sums["encoder.onnx"]}})
    shutil.copy(SHIPPED / "encoder.onnx", folder / "decoder.onnx")
    shutil.copy(SHIPPED / "decoder.onnx", folder / "encoder.onnx")
    with pytest.raises(EngineError, match="is not the encoder"):
        NanoEngine.load(folder)


class _Damaged:
    """A graph whose scores are not numbers."""

    def __init__(self, session: object) -> None:
        self._session = session

    def run(self, names: None, feed: dict[str, object]) -> list[np.ndarray]:
        scores, *others = self._session.run(names, feed)  # type: ignore[attr-defined]
        return [np.full_like(scores, np.nan), *others]


@pytest.mark.parametrize("part", ["_encoder", "_decoder"])
@pytest.mark.parametrize("decoding", [GREEDY, Decoding(beams=4), Decoding(temperature=1.0)])
def test_scores_that_are_no_numbers_are_never_an_answer(part: str, decoding: Decoding) -> None:
    engine = NanoEngine.load(threads=1)
    setattr(engine, part, _Damaged(getattr(engine, part)))
    with pytest.raises(RequestError, match="not finite numbers"):
        engine.generate([request("sum.png")], decoding)


def test_a_call_is_stopped_between_two_steps(engine: NanoEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[None] = []

    def stop() -> bool:
        asked.append(None)
        return len(asked) > 2

    steps: list[None] = []
    advance = _Texts.advance
    monkeypatch.setattr(_Texts, "advance", lambda *given: (steps.append(None), advance(*given))[1])
    with pytest.raises(Cancelled):
        engine.generate([request("sum.png")], GREEDY, stop)
    assert len(steps) == 2


def test_a_file_name_in_the_description_cannot_point_elsewhere(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "nano")
    (tmp_path / "secret").write_text("x")
    about = json.loads((tmp_path / "nano" / "nano.json").read_text())
    about["sha256"] = {"../secret": hashlib.sha256(b"x").hexdigest()}
    (tmp_path / "nano" / "nano.json").write_text(json.dumps(about))
    with pytest.raises(EngineError):
        NanoEngine.load(tmp_path / "nano")
