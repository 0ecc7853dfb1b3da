"""Pictures, and a model that says what a test wants it to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from unimumer.engines.base import LARGE, Answer, Decoding, Finish, Request, Text
from unimumer.tasks import count, find_errors, fix_errors, recognize, tree

Said = str | tuple[str, Finish]


class Scripted:
    """Says one thing to each prompt, the same about every picture; what it is not told to say, it cannot be asked."""

    name = "scripted"
    defaults = LARGE

    def __init__(self, script: Mapping[str, Said]) -> None:
        self.script = script
        self.calls: list[tuple[list[Request], Decoding]] = []

    def generate(self, requests: Sequence[Request], decoding: Decoding, *_: object) -> list[Answer]:
        self.calls.append((list(requests), decoding))
        return [self._answer(self.script[request.prompt]) for request in requests]

    def _answer(self, said: Said) -> Answer:
        text, finish = (said, "stop") if isinstance(said, str) else said
        return Answer((Text(text, (-0.5,)),), finish)


def says(plain: str, **other: Said) -> Scripted:
    """A model whose checks all agree with `plain`, but for what `other` names; `fix` is asked about `find`."""
    counted, drawn, found = (other.get(name) for name in ("count", "tree", "find"))
    marked = found if isinstance(found, str) else plain
    script: dict[str, Said] = {
        recognize.prompt(): plain,
        count.prompt(): count.target(plain) if counted is None else counted,
        tree.prompt(): tree.target(plain) if drawn is None else drawn,
        find_errors.prompt(plain): plain if found is None else found,
    }
    if "fix" in other:
        script[fix_errors.prompt(marked)] = other["fix"]
    return Scripted(script)


@pytest.fixture
def pictures() -> list[Request]:
    random = np.random.default_rng(0)
    return [Request(random.integers(0, 256, (4, 4, 3), np.uint8), recognize.prompt()) for _ in range(3)]
