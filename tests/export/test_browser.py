"""MathML judged by a browser: what it makes of the page is what was written."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from conftest import EXPRESSIONS
from unimumer.export import to_html, to_mathml
from unimumer.latex import parse

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
HOSTILE = ("<script>alert(1)</script>", "\\text{]]>} \\& amp ; <!-- x -->")


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_browser_reads_every_element_and_character(tmp_path: Path) -> None:
    rows = [parse(text) for text in (*EXPRESSIONS, *HOSTILE)]
    written = [form(row) for row in rows for form in (to_mathml, to_html)]
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><meta charset=utf-8>" + "\n".join(written), encoding="utf-8")
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", page.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    read = re.findall(r"<math .*?</math>", shown, re.DOTALL)
    assert len(read) == len(written)
    for ours, theirs in zip(written, read):
        theirs = theirs.replace("&nbsp;", "\u00a0")
        assert ElementTree.canonicalize(theirs) == ElementTree.canonicalize(ours)
