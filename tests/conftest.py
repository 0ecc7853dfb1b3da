"""What all tests share: which modules can run here, expressions to test on, and where the development data lies."""

from __future__ import annotations

import json
import os
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no failure: tests that promise a time measure it themselves.
settings.register_profile("no clock", deadline=None)
settings.register_profile("few", deadline=None, max_examples=15)  # for what has been proved on another Python
settings.load_profile("no clock")

# Modules that need PyTorch, Ray or vLLM are not collected without it: `make test` runs everything it collects, and
# `make test-all`, `make test-ray` and `make test-vllm`, which ask for a marker, fail when they find none.
collect_ignore_glob = [f"*/test_{package}_*.py" for package in ("torch", "ray", "vllm") if not find_spec(package)]

# In label form, together holding every construct.
EXPRESSIONS = (
    "",
    "x",
    "2 + 2 = 4",
    "a _ { 1 } ^ { 2 } + b _ { k } + c ^ { n }",
    "x ^ { y ^ { z _ { 0 } } }",
    "f ^ { \\prime } ( x ) + g ^ { \\prime \\prime } + y \\prime",
    "\\frac { a + b } { \\frac { c } { d } } - \\frac { } { 2 }",
    "\\sqrt { x } + \\sqrt [ 3 ] { 1 + \\sqrt { y } } ^ { 2 }",
    "\\sqrt [ { \\sqrt [ n ] { 2 } } ] { [ a ] }",
    "\\sum _ { i = 1 } ^ { n } i + \\sum \\limits _ { i } ^ { n } i + \\int \\limits ^ { a } f",
    "\\lim \\limits _ { x \\rightarrow \\infty } \\frac { \\sin x } { x }",
    "\\boxed 6 + \\boxed { 1 2 } - \\textcircled { 1 } \\bot \\surd",
    "\\binom { n } { k } ^ { 2 } + \\hat { x } _ { 0 } + \\overline { a + \\bar { b } }",
    "\\underbrace { 1 + 1 } _ { 2 } + \\vec { v } \\cdot \\dot { u }",
    "\\begin {cases} 1 & x < 0 \\\\ 2 & x \\geq 0 \\\\ 1 & 0 \\end {cases} > 0",
    "\\begin {bmatrix} 1 & 0 \\\\ 0 & 1 \\end {bmatrix} ^ { T } \\begin {matrix} \\end {matrix}",
    "\\begin {array} { } x \\end {array} + \\begin {array} { c c | c } a & _ { b } & \\\\ & \\\\ c \\end {array}",
    "| \\begin {matrix} a \\\\ \\frac { b } { c } \\end {matrix} |",
    "\\sum _ { \\substack { i < n \\\\ j < m } } a _ { i j }",
    "\\overset { ! } { = } \\underset { x } { \\max } \\stackrel { a } { b }",
    "A \\xrightarrow [ x ] { y + 1 } B \\xleftarrow { } C",
    "V ^ { ^ { * } } + { } _ { 1 , 2 } N - R ^ { a } { } _ { b c } { } ^ { d }",
    "_ { 1 } x",
    "a \\not \\equiv b , \\not \\in S ( \\mod 4 ) \\ne \\neq",
    "\\{ x \\} [ y ) \\langle z \\rangle \\parallel w \\parallel \\# \\% \\& \\_ \\$",
    "\\unheardof { } _ { 2 } + \\unheardof",
    '中 ※ я 🙂 < \\backslash " ` @ ; ? !',
)


@pytest.fixture(scope="session", params=[pytest.param(text, id=text[:30]) for text in EXPRESSIONS])
def expression(request: pytest.FixtureRequest) -> str:
    """One expression of the table."""
    return str(request.param)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of the published data; it need not exist."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("UNIMUMER_DATA", beside))


@pytest.fixture(scope="session")
def published(data: Path) -> dict[str, list[str]]:
    """Labels (`gt`) and predictions (`pred`) by file name; the table above, and the data when present."""
    texts = {"built-in": list(EXPRESSIONS)}
    for path in sorted(data.glob("labels/*.tsv")):
        lines = path.read_text(encoding="utf-8").splitlines()
        texts[path.name] = [line.split("\t")[1] for line in lines]
    for path in sorted(data.glob("predictions/*/*_pred.json")):
        records = json.loads(path.read_text(encoding="utf-8"))
        for key in ("gt", "pred"):
            texts[f"{path.name}:{key}"] = [record[key] for record in records]
    return texts
