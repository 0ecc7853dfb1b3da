"""Small labelled sets, with pictures that a scripted engine answers wrongly in known ways."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from unimumer import imaging
from unimumer.batch import BatchItem
from unimumer.data.sharegpt import Prompted
from unimumer.engines.base import Request, request_key
from unimumer.engines.fake import FakeEngine
from unimumer.results import Candidate, Result
from unimumer.tasks import recognize

# A label, and what the engine answers instead.
ANSWERS = (
    ("x + 1 = y", "X + 1 = y"),
    ("a ^ { 2 } + b", "a 2 + b"),
    ("\\frac { a } { b } - 1", "\\frac { a } { b } 1"),
    ("\\sqrt { x } + y", "\\sqrt { x } + y"),
    ("c \\leq d + e", "c \\leq d + e + e"),
    ("p q r s t", "p q k s T"),
)


@pytest.fixture
def labelled(tmp_path: Path) -> tuple[Path, FakeEngine]:
    """A file of prompts below `tmp_path`, and the engine that answers as `ANSWERS` has it."""
    records, script = [], {}
    for i, (label, answer) in enumerate(ANSWERS):
        image = tmp_path / f"p{i}.png"
        Image.fromarray(np.random.default_rng(i).integers(0, 256, (6, 9, 3), np.uint8)).save(image)
        script[request_key(Request(imaging.load(image), recognize.prompt()))] = answer
        messages = [
            {"from": "human", "value": f"<image>{recognize.prompt()}"},
            {"from": "gpt", "value": label},
        ]
        records.append({"images": [f"./p{i}.png"], "messages": messages})
    path = tmp_path / "set.json"
    path.write_text(json.dumps(records))
    return path, FakeEngine(script)


def written(index: int, *texts: str) -> Result:
    """What a model wrote about a picture: the greedy text first."""
    candidates = tuple(Candidate(text, None) for text in texts)
    return Result(index, f"i{index}", f"i{index}.png", "", candidates=candidates, finish="stop")


Pairs = Callable[..., tuple[list[BatchItem], list[Result]]]


@pytest.fixture
def pairs() -> Pairs:
    """Make items, and what was drawn for them, of labels and texts."""

    def make(*given: tuple[str, list[str]]) -> tuple[list[BatchItem], list[Result]]:
        items = [BatchItem(i, Prompted(f"i{i}.png", "?", label)) for i, (label, _) in enumerate(given)]
        drawn = [written(i, *(texts or [""])) for i, (_, texts) in enumerate(given)]
        return items, drawn

    return make
