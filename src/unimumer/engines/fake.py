"""An engine without a model: made-up, well-formed answers, the same for the same picture and prompt."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from unimumer.engines.base import Answer, Decoding, Request, Text

_ATOMS = ("x", "y", "z", "a", "b", "n", "1", "2", "3", "7", "\\alpha", "\\pi")
_JOINTS = (" + ", " - ", " = ", " \\times ", " ")
_FORMS = ("{a}", "{a} ^ {{ {b} }}", "{a} _ {{ {b} }}", "\\frac {{ {a} }} {{ {b} }}", "\\sqrt {{ {a} }}")


def request_key(request: Request) -> str:
    """Name a request by its content (picture shape, pixels, prompt), in hex; scripts go by it."""
    height, width = request.picture.shape[:2]
    digest = hashlib.sha256(f"{height} {width} ".encode())
    digest.update(request.picture.tobytes())
    digest.update(request.prompt.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


class FakeEngine:
    """An engine for tests of what stands around a model.

    An answer is a pure function of the request and the decoding, so neither order nor batch matters. `script`
    maps `request_key(request)` to the text to give as best candidate; other requests get a small expression
    made from their hash.
    """

    def __init__(self, script: Mapping[str, str] | None = None) -> None:
        self._script = dict(script or {})

    @property
    def name(self) -> str:
        """`fake`."""
        return "fake"

    def generate(self, requests: Sequence[Request], decoding: Decoding) -> list[Answer]:
        """Answer every request, in order, with `decoding.beams` candidates of falling probability."""
        return [self._answer(request_key(request), decoding) for request in requests]

    def _answer(self, key: str, decoding: Decoding) -> Answer:
        texts = self._texts(key)
        best = next(texts)
        candidates = [
            _text(key, rank, text, decoding.max_tokens) for rank, text in zip(range(1, decoding.beams), texts)
        ]
        cut = len(best.split()) >= decoding.max_tokens
        first = _text(key, 0, best, decoding.max_tokens)
        return Answer((first, *candidates), "length" if cut else "stop")

    def _texts(self, key: str) -> Iterator[str]:
        """Different texts without end, the answer first."""
        given: set[str] = set()
        if key in self._script:
            given.add(self._script[key])
            yield self._script[key]
        draws = _draws(f"text {key}")
        while True:
            text = _expression(draws)
            if text not in given:
                given.add(text)
                yield text


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
