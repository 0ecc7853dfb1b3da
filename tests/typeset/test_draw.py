"""Typeset expressions as SVG and PNG."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from unimumer.typeset import TypesetError, to_png, to_svg

SVG = "{http://www.w3.org/2000/svg}"


def pixels(text: str, size: float = 64) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(to_png(text, size)))) < 128


def test_svg_is_well_formed_and_has_one_shape_a_box() -> None:
    root = ElementTree.fromstring(to_svg("\\frac { a < b } { \\cancel { 2 } }"))
    assert [child.tag.removeprefix(SVG) for child in root] == ["rect", "path", "path", "path", "polygon", "path"]
    assert root.get("fill") == "currentColor"
    assert all(child.get("d", "M").startswith("M") for child in root)


def test_tokens_can_be_colored() -> None:
    root = ElementTree.fromstring(to_svg("x ^ { 2 }", colors={3: '"><script>'}))
    assert [child.get("fill") for child in root] == [None, '"><script>']


def test_what_the_font_lacks_is_text_in_svg_and_a_frame_in_png() -> None:
    root = ElementTree.fromstring(to_svg("最 < x"))
    assert root[0].tag == SVG + "text" and root[0].text == "最"
    assert pixels("最").any()


def test_a_minus_is_a_bar_of_ink_on_white() -> None:
    ink = pixels("-", 100)
    rows, columns = ink.any(1), ink.any(0)
    # STIX Two Math: the minus sign is 0.54 em wide and 0.07 em thick.
    assert columns.sum() == pytest.approx(54, abs=8) and rows.sum() == pytest.approx(7, abs=2)
    assert ink[rows][:, columns].all()
    assert not ink[0].any() and not ink[:, 0].any()


def test_holes_stay_white_and_overlapping_parts_black() -> None:
    zero = pixels("0", 100)
    middle = zero[zero.shape[0] // 2]
    assert np.diff(middle.astype(int)).tolist().count(1) == 2  # two strokes with a hole between
    tall = pixels("( \\begin{matrix} 1 \\\\ 2 \\\\ 3 \\\\ 4 \\\\ 5 \\\\ 6 \\end{matrix} )", 40)
    left = tall[:, : tall.shape[1] // 4]
    assert np.diff(left.any(1).astype(int)).tolist().count(1) == 1  # the bracket has no gaps
    assert left.any(1).sum() > 0.85 * tall.shape[0]


def test_pictures_have_a_largest_size() -> None:
    with pytest.raises(TypesetError, match="fewer pixels an em"):
        to_png("x", 20_000)
