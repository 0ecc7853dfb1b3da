"""Labels before and after the normalization, where the published ones are at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def raw_and_normalized(data: Path) -> list[tuple[str, str]]:
    """Labels before and after the released normalization, where it changed them: ours, and MathWriting's."""
    pairs = [
        (
            "\\bar { { x } } \\le [ \\begin{matrix} { 1 } \\\\ \\end{matrix} ]",
            "\\bar { x } \\leq \\begin {bmatrix} 1 \\end {bmatrix}",
        )
    ]
    for path in data.glob("predictions/*/mathwriting_test_normalized_pred.json"):
        raw = json.loads(path.with_name("mathwriting_test_pred.json").read_text(encoding="utf-8"))
        before = {record["img_id"]: record["gt"] for record in raw}
        after = json.loads(path.read_text(encoding="utf-8"))
        pairs += [(before[record["img_id"]], record["gt"]) for record in after]
    return [(old, new) for old, new in pairs if old != new]
