from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from unimumer.cli.main import cli
from unimumer.engines.base import RequestError
from unimumer.engines.fake import FakeEngine
from unimumer.imaging import ImageError, load
from unimumer.ink import Ink, read_ink
from unimumer.recognizer import Page, Part, Recognition, Recognizer

EXAMPLES = Path(__file__).parents[2] / "examples"
BOX = (0.0, 0.0, 1.0, 1.0)


def page() -> np.ndarray:
    """The examples `sum` and `root` below each other."""
    pictures = [load(EXAMPLES / name) for name in ("sum.png", "root.png")]
    width = max(picture.shape[1] for picture in pictures)
    wide = [np.pad(p, ((20, 20), (20, 20 + width - p.shape[1]), (0, 0)), constant_values=255) for p in pictures]
    return np.concatenate(wide)


@pytest.fixture(scope="module")
def reader() -> Recognizer:
    return Recognizer()


def test_a_page_is_read_expression_by_expression(reader: Recognizer) -> None:
    read = reader.page(page())
    assert [part.recognition.tokens for part in read.parts] == [
        reader.recognize(EXAMPLES / name).tokens for name in ("sum.png", "root.png")
    ]
    first, second = (part.box for part in read.parts)
    assert first[3] < second[1] and read.unread == ()


def test_two_expressions_of_a_plain_call_are_warned_of_and_read_as_parts(reader: Recognizer) -> None:
    result = reader.recognize(page())
    assert "several" in [warning.kind for warning in result.warnings]
    assert result.parts[0].recognition.latex == "2+3=5" and len(result.parts) == 2
    content = json.loads(json.dumps(result.to_dict()))
    assert content["parts"][0]["latex"] == "2+3=5" and Recognition.from_dict(content) == result
    assert reader.recognize(EXAMPLES / "sum.png").parts == ()


def test_a_page_of_ink_is_cut_into_its_strokes(reader: Recognizer) -> None:
    ink = read_ink(EXAMPLES / "sum.strokes.json")
    below = [
        stroke + np.array([0, 3 * np.ptp(np.concatenate(ink.strokes)[:, 1])], np.float32) for stroke in ink.strokes
    ]
    read = reader.page(Ink("both", (*ink.strokes, *below)))
    assert [part.recognition.latex for part in read.parts] == ["2+3=5", "2+3=5"]
    assert read.parts[0].box[1] < read.parts[1].box[1]
    assert len(read.parts[1].recognition.symbols) == 5


def test_one_expression_that_cannot_be_read_is_named_and_the_others_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    generate = FakeEngine.generate

    def picky(self: FakeEngine, requests, decoding, *more):  # type: ignore[no-untyped-def]
        if len(requests) > 1 or requests[0].picture.shape[0] > 100:
            raise RequestError("too high")
        return generate(self, requests, decoding, *more)

    monkeypatch.setattr(FakeEngine, "generate", picky)
    heights = [load(EXAMPLES / name).shape[0] for name in ("sum.png", "root.png")]
    read = Recognizer("fake").page(page())
    assert len(read.parts) + len(read.unread) == 2, heights
    said = re.compile(r"The expression at \d+, \d+ could not be read: the model failed on it\.")
    assert read.unread and all(map(said.fullmatch, read.unread))
    with pytest.raises(ImageError, match="no ink"):
        Recognizer("fake").page(np.full((80, 80), 255, np.uint8))


def test_the_forms_of_a_page() -> None:
    texts = (r"x ^ { 2 } = 4", r"\sqrt { a = b }", r"\frac { 1 }")
    parts = tuple(Part(BOX, Recognition(text, 0.5, (), "fake")) for text in texts)
    read = Page(parts[:2])
    assert read.text == "x^{2}=4\n\\sqrt{a=b}"
    assert read.markdown == "$$\nx^{2}=4\n$$\n\n$$\n\\sqrt{a=b}\n$$"
    assert read.latex() == "\\[ x^{2}=4 \\]\n\\[ \\sqrt{a=b} \\]"
    assert read.latex(aligned=True) == "\\begin{aligned}\nx^{2}&=4 \\\\\n\\sqrt{a=b}\n\\end{aligned}"
    assert read.to_dict()["parts"][0]["box"] == [0, 0, 1, 1]
    assert parts[2].recognition.latex in Page(parts).latex(aligned=True)


def test_pages_on_the_command_line(tmp_path: Path) -> None:
    from PIL import Image

    Image.fromarray(page()).save(tmp_path / "page.png")
    (tmp_path / "bad.png").write_bytes(b"")

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, ["recognize", "--model", "fake", "--page", *words])
        return done.exit_code, done.stdout

    code, out = run(str(tmp_path / "page.png"))
    assert code == 0 and out.count("\n") == 2
    code, out = run("--json", str(tmp_path / "bad.png"), str(tmp_path / "page.png"))
    bad, good = map(json.loads, out.splitlines())
    assert code == 1 and bad["error"] and [len(part["box"]) for part in good["parts"]] == [4, 4]
    assert run("--format", "markdown", str(tmp_path / "page.png"))[1].count("$$") == 4
    assert "\\begin{aligned}" in run("--format", "aligned", str(tmp_path / "page.png"))[1]
    assert run("--format", "csv", str(tmp_path / "page.png"))[0] == 2
    assert CliRunner().invoke(cli, ["recognize", "--format", "aligned", str(tmp_path / "page.png")]).exit_code == 2
