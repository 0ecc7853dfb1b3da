"""Office Math judged by pandoc, which reads it out of a document and writes LaTeX."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from unimumer.export import to_omml
from unimumer.latex import parse, to_latex

needs_pandoc = pytest.mark.skipif(shutil.which("pandoc") is None, reason="pandoc is not installed")
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MATH = "http://schemas.openxmlformats.org/officeDocument/2006/math"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def document(equations: list[str], path: Path) -> None:
    """The smallest `.docx` with one equation a paragraph."""
    body = "".join(f"<w:p>{equation}</w:p>" for equation in equations)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{MAIN}"/></Types>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{OFFICE}" Target="word/document.xml"/></Relationships>',
        )
        archive.writestr(
            "word/document.xml",
            f'<w:document xmlns:w="{WORD}" xmlns:m="{MATH}"><w:body>{body}</w:body></w:document>',
        )


def equations(part: Any) -> Iterator[str]:
    """The LaTeX of all equations in pandoc's tree of a document."""
    if isinstance(part, dict):
        if part.get("t") == "Math":
            yield part["c"][1]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from equations(inner)


def read_back(texts: list[str], folder: Path) -> list[str]:
    """Label form of what pandoc reads, without the spaces of no width that hold a place and without `\\limits`.

    A hat and a wide hat are one character in Office Math, and so are a vector and a long arrow.
    """
    path = folder / "equations.docx"
    document([to_omml(parse(text)) for text in texts], path)
    answer = subprocess.run(["pandoc", "-f", "docx", "-t", "json", path], capture_output=True, check=True)
    found = list(equations(json.loads(answer.stdout)["blocks"]))
    assert len(found) == len(texts)
    read = (to_latex(parse(latex.replace("\u200b", ""))).replace(" \\limits", "") for latex in found)
    return [text.replace("\\widehat", "\\hat").replace("\\overrightarrow", "\\vec") for text in read]


@needs_pandoc
def test_pandoc_reads_the_same_expressions(tmp_path: Path) -> None:
    texts = [
        "x = \\frac { - b \\pm \\sqrt { b ^ { 2 } - 4 a c } } { 2 a }",
        "\\sum _ { i = 1 } ^ { n } i ^ { 2 } = \\int _ { 0 } ^ { 1 } f ( x ) d x - \\prod _ { k }",
        "\\sin ^ { 2 } \\theta + \\lim _ { x \\rightarrow 0 } \\log _ { 2 } x \\sin \\cos y",
        "\\sqrt [ 3 ] { x } \\hat { a } \\vec { v } \\overline { A B }",
        "\\begin {pmatrix} a & b \\\\ c & d \\end {pmatrix} | x | \\{ 1 , 2 \\} [ 0 , 1 ) ] 0 , 1 [",
        "\\alpha _ { 1 } ^ { \\prime } \\leq \\infty \\neq \\partial \\times \\div \\ldots \\cdots",
    ]
    assert read_back(texts, tmp_path) == texts


@needs_pandoc
def test_pandoc_reads_all_labels_back(data: Path, tmp_path: Path) -> None:
    labels = data / "labels" / "crohme-2014.tsv"
    if not labels.is_file():
        pytest.skip("the published labels are not here")
    texts = [line.split("\t")[1] for line in labels.read_text(encoding="utf-8").splitlines()]
    wanted = [to_latex(parse(text)) for text in texts]
    assert read_back(texts, tmp_path) == wanted


def test_word_is_given_no_empty_place_to_fill() -> None:
    for text in ("\\sin", "\\frac { } { }", "{ } ^ { 2 }", "\\sum _ { i }", "( )", "\\sqrt { }"):
        written = to_omml(parse(text))
        assert "<m:e></m:e>" not in written and "<m:num></m:num>" not in written
        assert "\u200b" in written
    assert '<m:degHide m:val="1"/>' in to_omml(parse("\\sqrt { 2 }"))
    assert "<m:func><m:fName>" in to_omml(parse("\\sin x"))
