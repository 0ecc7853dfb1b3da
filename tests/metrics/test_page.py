"""The page of a report: whole, offline, safe against its own labels; and driven in a browser where one is at hand."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from unimumer.latex import parse, to_latex
from unimumer.metrics import Pair, evaluate
from unimumer.metrics.analysis import analyze
from unimumer.metrics.page import _differences, to_html

HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=document.title='owned'>"
PAIRS = [
    Pair("right", "x ^ { 2 }", "x ^ { 2 }", 0.9),
    Pair("symbol", "X + 1", "x + 1", 0.4, "symbol.png"),
    Pair("place", "x ^ { 2 }", "x _ { 2 }", 0.5),
    Pair("table", r"\begin {cases} 中 & \frac { 1 } { 2 } \end {cases}", r"\cancel { a }"),
    Pair("none", "y", None),
    Pair(HOSTILE, HOSTILE, f"{HOSTILE} x", 0.1),
]


def page(pairs: list[Pair], pictures: dict[str, str] | None = None) -> str:
    return to_html([analyze(evaluate(pairs), details=True, cdm=lambda texts: [1.0] * len(texts))], pictures)


def content(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


def test_only_its_own_script_may_run_and_nothing_is_fetched() -> None:
    text = page(PAIRS)
    script = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(script) == 1 and text.count("<script") == 2
    digest = base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode()
    assert f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in text
    assert not re.search(r"""(?:src|href)=["']?(?!#)(?:https?:)?//""", text)
    assert content(text)["items"][5]["label"] == HOSTILE


def test_what_differs_is_marked_where_it_stands() -> None:
    def marked(label: str, prediction: str) -> list[list[tuple[str, int]]]:
        rows = parse(label), parse(prediction)
        return [
            [(to_latex(row).split()[token], kind) for token, kind in sorted(marks.items())]
            for row, marks in zip(rows, _differences(*rows))
        ]

    assert marked("X + 1", "x + 1") == [[("X", 1)], [("x", 1)]]
    assert marked("x ^ { 2 }", "x _ { 2 }") == [[("^", 2), ("2", 2)], [("_", 2), ("2", 2)]]
    assert marked(r"\sqrt { a b }", r"\sqrt { a } b") == [[("b", 2)], [("b", 2)]]
    assert marked(r"\frac { a } { b }", r"\binom { a } { b }") == [[(r"\frac", 2)], [(r"\binom", 2)]]
    assert marked(r"a = \begin {cases} 1 \end {cases}", r"a = \begin {bmatrix} 1 \end {bmatrix}") == [
        [(r"\begin", 2)],
        [(r"\begin", 2)],
    ]


def test_every_expression_is_placed_by_shared_glyphs() -> None:
    found = content(page(PAIRS, {"symbol.png": "data:image/png;base64,AA=="}))
    right, symbol, place, table, none, hostile = found["items"]
    assert right["answer"] is None and symbol["picture"] == "data:image/png;base64,AA==" and right["picture"] == ""
    assert symbol["shown"][:3] != [0, 0, 0] and (len(symbol["shown"]) - 3) % 5 == 0
    assert [symbol["shown"][3 + 4 + 5 * k] for k in range(3)] == [1, 0, 0]
    assert [place["answer"][3 + 4 + 5 * k] for k in range(2)] == [0, 2]
    assert "T中" in found["glyphs"] and table["answer"] is not None
    assert none["answer"] is None and len(hostile["answer"]) > len(hostile["shown"])
    assert len(found["glyphs"]) == len(set(found["glyphs"]))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or pytest.skip("no Chromium here")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (390, "dark")])
def test_in_a_browser(browser: Any, tmp_path: Path, width: int, scheme: str) -> None:
    path = tmp_path / "report.html"
    many = [Pair(f"n{k}", f"x + {k % 10}", f"x + {(k + k % 2) % 10}", k / 10_000) for k in range(10_000)]
    path.write_text(page([*PAIRS, *many]), encoding="utf-8")
    told: list[str] = []
    view = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    view.on("console", lambda message: told.append(message.text))
    view.on("pageerror", lambda error: told.append(str(error)))
    view.on("request", lambda request: told.append(request.url) if not request.url.startswith("file:") else None)
    view.goto(path.as_uri())
    assert view.title() == "Evaluation"
    assert view.locator("#count").inner_text() == "5,005 items"
    assert view.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert view.locator(".item").count() < 25

    # Keyboard: to the last item and into it; the next key moves on inside.
    view.keyboard.press("End")
    assert view.locator(".item[aria-selected=true] b").inner_text() == "n9999"
    view.keyboard.press("Enter")
    assert view.locator("dialog h2").inner_text() == "n9999"
    view.keyboard.press("ArrowUp")
    assert view.locator("dialog h2").inner_text() == "n9997"
    assert view.locator("dialog .shown svg .m1").count() == 2
    view.keyboard.press("Escape")

    # Search, what is shown, and order.
    view.keyboard.press("/")
    view.keyboard.type("SYMBOL")
    view.wait_for_timeout(150)
    assert view.locator(".item b").all_inner_texts() == ["symbol"]
    view.fill("#query", "")
    view.select_option("#kind", "missing")
    assert view.locator(".item b").all_inner_texts() == ["none"]
    view.select_option("#kind", "wrong")
    view.wait_for_timeout(150)
    view.select_option("#order", "sure")
    view.evaluate("document.getElementById('bar').scrollIntoView()")
    view.wait_for_timeout(100)
    assert view.locator(".item b").first.inner_text() == "n9999"
    view.get_by_text("X → x").click()
    assert view.locator("#count").inner_text() == "1 item"

    # What CDM is blind to: its stand-in here finds no error in anything.
    view.locator("#pick").click()
    view.select_option("#kind", "blind")
    view.wait_for_timeout(150)
    assert view.locator("#count").inner_text() == "5,004 items"
    assert view.get_by_text("CDM match (official)").count() == 1
    view.select_option("#kind", "wrong")

    # A label is text, whatever it says.
    view.fill("#query", "owned")
    view.wait_for_timeout(150)
    assert HOSTILE in view.locator(".item").inner_text()
    assert view.title() == "Evaluation" and told == []
    view.close()
