"""Whatever a model says, verification gives one of its readings and says why each check is not agreed."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from strategies import noise
from unimumer.engines.base import Decoding, Request
from unimumer.tasks import recognize
from unimumer.verify import Checks, verified

from .conftest import Scripted

TEXTS = st.one_of(
    noise, st.text(max_size=30), st.sampled_from(["x", "<deleted>", "INSERT:x after start\nx", "x: 1\nx"])
)
REQUEST = Request(np.zeros((4, 4, 3), np.uint8), recognize.prompt())


@given(st.lists(TEXTS, min_size=5, max_size=5), st.booleans())
def test_nothing_a_model_says_is_an_error(texts: list[str], own_vote: bool) -> None:
    said = iter(texts)
    engine = Scripted(defaultdict(lambda: next(said)))
    answers = engine.generate([REQUEST], Decoding())
    result = verified(engine, [REQUEST], answers, Checks(plain=own_vote))[0]
    assert result.latex == result.candidates[0].latex
    assert result.plain in [candidate.latex for candidate in result.candidates]
    assert all(
        finding.reason for finding in result.findings if finding.verdict == "malformed" and finding.check != "parse"
    )
    if recognize.well_formed(result.plain):
        assert recognize.well_formed(result.latex)
