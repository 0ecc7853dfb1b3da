"""The published labels, in every text form."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from unimumer.export import FORMS
from unimumer.latex import normalize, parse, to_latex


@pytest.fixture(scope="module")
def labels(data: Path) -> list[str]:
    files = [data / "labels" / name for name in ("crohme-train.tsv", "crohme-2014.tsv")]
    if not all(file.is_file() for file in files):
        pytest.skip("the published labels are not here")
    return [line.split("\t")[1] for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def test_all_labels_convert(labels: list[str]) -> None:
    rows = [parse(text) for text in labels]
    assert len(rows) == 9821
    for form in FORMS.keys() - {"sympy", "html"}:
        written = [FORMS[form](row) for row in rows]
        assert all(written)
        if form in ("mathml", "omml"):
            for text in written:
                ElementTree.fromstring(text)
        if form == "latex":
            assert [normalize(text).replace(" \\limits", "") for text in written] == [
                to_latex(row).replace(" \\limits", "") for row in rows
            ]
