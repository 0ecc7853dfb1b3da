"""Asks a model about the same pictures in the other ways it was trained on, one call of the engine a check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from unimumer.engines.base import Answer, Decoding, Engine, Request, Stop, ask, never
from unimumer.errors import UnimumerError
from unimumer.tasks import answers as texts
from unimumer.tasks import count, find_errors, fix_errors, recognize, tree
from unimumer.tasks.answers import Malformed

_T = TypeVar("_T")
CHECKS: tuple[Literal["count", "tree", "find", "fix"], ...] = ("count", "tree", "find", "fix")
"""Those that ask something, in this order."""
_DECODING = Decoding(max_tokens=1024)
"""A tree takes some four times as many tokens as its LaTeX."""


class VerifyError(UnimumerError):
    """Checks that cannot be run as asked."""


@dataclass(frozen=True, slots=True)
class Checks:
    """Which questions are asked beside the plain one, and so have a vote. Each can be switched on its own."""

    count: bool = True
    """Votes for the candidates that have just the tokens the model counts; its LaTeX is one more candidate."""
    tree: bool = True
    """Votes for the expression of the tree the model draws; its LaTeX is one more candidate."""
    find: bool = True
    """Votes for the plain answer when the model, asked for errors in it, marks nothing."""
    fix: bool = True
    """Votes for what the model corrects a marked answer to, one more candidate; needs `find`."""
    plain: bool = True
    """Whether plain decoding has a vote for its own answer; without one it still wins when all are level."""

    def __post_init__(self) -> None:
        """Raise VerifyError for a fix without a find."""
        if self.fix and not self.find:
            raise VerifyError("the check `fix` corrects what `find` has marked: switch on both, or `fix` off")


@dataclass(frozen=True, slots=True)
class Heard:
    """What a model said about one picture; None where it was not asked."""

    plain: Answer
    count: count.Counting | Malformed | None = None
    tree: tree.TreeReading | Malformed | None = None
    find: find_errors.Marking | Malformed | None = None
    fix: fix_errors.Correction | Malformed | None = None

    @property
    def answer(self) -> str:
        """The reading that plain decoding gives: the best candidate that parses, else the best."""
        return plain_reading(self.plain)

    def only(self, checks: Checks) -> Heard:
        """The part of it that these checks would have asked for."""
        unasked: dict[str, Any] = {name: None for name in CHECKS if not getattr(checks, name)}
        return replace(self, **unasked)


def plain_reading(answer: Answer) -> str:
    """The reading that recognition without checks gives."""
    readings = [recognize.parse(candidate.text) for candidate in answer.candidates]
    return readings[recognize.choose(readings)]


def hear(
    engine: Engine, requests: Sequence[Request], answers: Sequence[Answer], checks: Checks, stop: Stop = never
) -> list[Heard]:
    """Ask all that `checks` names about pictures that have a plain answer, greedily.

    Of `requests` only the pictures are used. Nothing is asked about a picture without ink, nothing is fixed that is
    not marked. Raises EngineError and Cancelled when the engine does.
    """
    # `find` is asked about the answer, so an empty one has nothing to be asked.
    plain = {i: plain_reading(answer) for i, answer in enumerate(answers) if not answer.blank}

    def put(prompts: Mapping[int, str], parse: Callable[[str], _T | Malformed]) -> dict[int, _T | Malformed]:
        """Answers, read, to one kind of question about some of the pictures."""
        asked = [replace(requests[i], prompt=prompt) for i, prompt in prompts.items()]
        return {i: _read(said, parse) for i, said in zip(prompts, ask(engine, asked, _DECODING, stop))}

    counted = put(dict.fromkeys(plain, count.prompt()) if checks.count else {}, count.parse)
    trees = put(dict.fromkeys(plain, tree.prompt()) if checks.tree else {}, tree.parse)
    asked = {i: find_errors.prompt(text) for i, text in plain.items() if text and checks.find}
    found = {i: _about(plain[i], said) for i, said in put(asked, find_errors.parse).items()}
    marked = {i: m.marked for i, m in found.items() if isinstance(m, find_errors.Marking) and m.spans and checks.fix}
    fixed = put({i: fix_errors.prompt(text) for i, text in marked.items()}, fix_errors.parse)
    fixes = {i: _as_logged(marked[i], said) for i, said in fixed.items()}
    return [Heard(answer, counted.get(i), trees.get(i), found.get(i), fixes.get(i)) for i, answer in enumerate(answers)]


def _read(answer: Answer | UnimumerError, parse: Callable[[str], _T | Malformed]) -> _T | Malformed:
    """An answer that was cut off says nothing, even where what is left of it can be read."""
    if isinstance(answer, UnimumerError):
        return Malformed(str(answer))
    if answer.finish != "stop":
        return Malformed(f"the answer was cut off ({answer.finish})")
    return parse(answer.best.text)


def _about(candidate: str, said: find_errors.Marking | Malformed) -> find_errors.Marking | Malformed:
    """Marks count only in the formula that was asked about; one that ends early, or was rewritten, is another."""
    if isinstance(said, find_errors.Marking) and said.candidate != texts.spaced(candidate):
        return Malformed(f"marks are in another formula: {texts.quote(said.candidate)}")
    return said


def _as_logged(marked: str, said: fix_errors.Correction | Malformed) -> fix_errors.Correction | Malformed:
    """A correction whose log says otherwise than its LaTeX is none."""
    if isinstance(said, fix_errors.Correction) and said.changes is not None and not said.agrees(marked):
        return Malformed("the log does not come to the LaTeX", said.latex)
    return said
