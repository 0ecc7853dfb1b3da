"""Typst judged by its own compiler."""

from __future__ import annotations

from pathlib import Path

import pytest

from unimumer.export import to_typst
from unimumer.export.symbols import SIGNS
from unimumer.latex import parse
from unimumer.latex.unicode import ACCENTS, ARROWS

typst = pytest.importorskip("typst")


def compiled(equations: list[str], folder: Path) -> str:
    """All equations on one page, as SVG."""
    source = folder / "equations.typ"
    lines = "\n\n".join(f"$ {equation} $" for equation in equations)
    source.write_text(f"#set page(width: auto, height: auto)\n{lines}\n", encoding="utf-8")
    return typst.compile(str(source), format="svg").decode()


def test_every_construct_compiles(tmp_path: Path) -> None:
    from conftest import EXPRESSIONS

    compiled([to_typst(parse(text)) for text in EXPRESSIONS], tmp_path)


def test_every_sign_and_mark_compiles_alone_in_a_function_and_in_scripts(tmp_path: Path) -> None:
    marks = [f"{mark} {{ x + y }} {mark} {{ x }} ^ {{ 2 }} _ {{ 3 }} ; y" for mark in ACCENTS]
    arrows = [f"{arrow} [ a ] {{ x + y }} {arrow} {{ }} ^ {{ 2 }}" for arrow in ARROWS]
    signs = [
        f"{token} \\frac {{ {token} }} {{ x {token} {token} y }} {token} ^ {{ {token} }} _ {{ {token} }}"
        for token in SIGNS
    ]
    compiled([to_typst(parse(text)) for text in (*signs, *marks, *arrows)], tmp_path)


def test_names_are_those_of_the_signs(tmp_path: Path) -> None:
    named = [found for found in SIGNS.values() if found.typst.replace(".", "").isalpha() and len(found.text) == 1]
    source = tmp_path / "names.typ"
    checks = "\n".join(
        f'#assert.eq(repr($ {found.typst} $.body.at("text", default: "")), repr("{found.text}"))' for found in named
    )
    source.write_text(checks, encoding="utf-8")
    typst.compile(str(source), format="svg")
    assert len(named) > 120


def test_code_in_a_label_is_not_run(tmp_path: Path) -> None:
    hostile = [to_typst(parse(text)) for text in ('\\text{#panic("ran")}', "\\frac{#panic(1)}{\\sqrt{#panic(2)}}")]
    compiled(hostile, tmp_path)
    with pytest.raises(Exception, match="panicked"):
        compiled(['#panic("ran")'], tmp_path)


def test_the_labels_compile(data: Path, tmp_path: Path) -> None:
    labels = data / "labels" / "crohme-2014-limits.tsv"
    if not labels.is_file():
        pytest.skip("the published labels are not here")
    texts = [line.split("\t")[1] for line in labels.read_text(encoding="utf-8").splitlines()]
    compiled([to_typst(parse(text)) for text in texts], tmp_path)
