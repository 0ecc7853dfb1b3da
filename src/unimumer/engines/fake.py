"""An engine without a model: made-up, well-formed answers, the same for the same picture and prompt."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from unimumer.engines.base import (
    AS_RELEASED,
    Answer,
    Cancelled,
    Decoding,
    Defaults,
    Finish,
    Request,
    Stop,
    Text,
    never,
    request_key,
)

_ATOMS = ("x", "y", "z", "a", "b", "n", "1", "2", "3", "7", "\\alpha", "\\pi")
_JOINTS = (" + ", " - ", " = ", " \\times ", " ")
_FORMS = ("{a}", "{a} ^ {{ {b} }}", "{a} _ {{ {b} }}", "\\frac {{ {a} }} {{ {b} }}", "\\sqrt {{ {a} }}")
_DRAWN = 4
"""Different texts that drawing chooses from."""


class FakeEngine:
    """An engine for tests of what stands around a model.

    An answer is a pure function of the request and the decoding, so neither order nor batch matters. `script`
    maps `request_key(request)` to the text to give as best candidate; other requests get a small expression
    made from their hash. Drawing takes one of the four best texts, the better the oftener.
    """

    name = "fake"
    defaults = Defaults(Decoding(), 16, 256, 512 << 20, AS_RELEASED)

    def __init__(self, script: Mapping[str, str] | None = None) -> None:
        self._script = dict(script or {})

    def generate(self, requests: Sequence[Request], decoding: Decoding, stop: Stop = never) -> list[Answer]:
        """Answer every request, in order: `beams` candidates of falling probability, or `samples` drawn ones."""
        if stop():
            raise Cancelled("stopped by its caller")
        return [self._answer(request_key(request), decoding) for request in requests]

    def _answer(self, key: str, decoding: Decoding) -> Answer:
        ranks = _drawn_ranks(key, decoding) if decoding.temperature else range(decoding.beams)
        texts = self._texts(key, max(ranks) + 1)
        cut = len(texts[ranks[0]].split()) >= decoding.max_tokens
        finish: Finish = "length" if cut else "stop"
        return Answer(tuple(_text(key, rank, texts[rank], decoding.max_tokens) for rank in ranks), finish)

    def _texts(self, key: str, count: int) -> list[str]:
        """Different texts, the answer first."""
        texts = dict.fromkeys([self._script[key]] if key in self._script else [])
        draws = _draws(f"text {key}")
        while len(texts) < count:
            texts[_expression(draws)] = None
        return list(texts)


def _drawn_ranks(key: str, decoding: Decoding) -> list[int]:
    draws = _draws(f"draw {decoding.seed} {key}")
    return sorted((next(draws) & next(draws)) % _DRAWN for _ in range(decoding.samples))


def _draws(seed: str) -> Iterator[int]:
    """Numbers 0 to 255 without end; from a hash, so that they are the same on every Python."""
    block = seed.encode()
    while True:
        block = hashlib.sha256(block).digest()
        yield from block


def _expression(draws: Iterator[int]) -> str:
    parts = []
    for _ in range(1 + next(draws) % 3):
        form = _FORMS[next(draws) % len(_FORMS)]
        a, b = (_ATOMS[next(draws) % len(_ATOMS)] for _ in range(2))
        parts.append(form.format(a=a, b=b))
    return _JOINTS[next(draws) % len(_JOINTS)].join(parts)


def _text(key: str, rank: int, text: str, max_tokens: int) -> Text:
    # The end is a token too; a text that leaves no room for it is cut.
    tokens = [*text.split(), ""][:max_tokens]
    total = -(0.05 + 0.7 * rank + next(_draws(f"score {rank} {key}")) / 512)
    kept = text if tokens[-1] == "" else " ".join(tokens)
    return Text(kept, (total / len(tokens),) * len(tokens))
