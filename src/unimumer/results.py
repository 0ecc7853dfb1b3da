"""What a model answered to one item: one typed, versioned record, which is written and read as a line of JSON here."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from unimumer.engines.base import CheckFinding, Finish
from unimumer.files import FileError, readable, refuse_constant

FORMAT = 3
"""Version of the record, in the first line of every journal. 1 and 2 kept one candidate and no hash of the picture."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One expression that a picture may show."""

    latex: str
    """Space-tokenized LaTeX."""
    confidence: float | None
    """Probability that the model gives to it as a whole, 0 to 1; None from a server that does not say."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one item: an answer with all its candidates, or the reason why there is none."""

    index: int
    """Place of the item in its set, from 0: what names it, since ids may occur twice."""
    id: str
    image: str
    """Path of the picture, as the set has it."""
    label: str
    """What the picture shows, as the set has it; empty when nobody knows."""
    picture: str = ""
    """SHA-256 of the picture's file, hex; empty when it could not be read."""
    candidates: tuple[Candidate, ...] = ()
    """All of them, in the model's order."""
    chosen: int = 0
    """Index of the candidate that stands: the first that parses, else the first."""
    finish: Finish | None = None
    """`stop`: the model ended its text; else it was cut off, at the limit of tokens or because it went in circles."""
    findings: tuple[CheckFinding, ...] = ()
    """What the checks said, one for each that ran."""
    reason: str | None = None
    """Why there is no answer; None when there is one."""

    @property
    def latex(self) -> str:
        """The expression that stands; empty without an answer."""
        return self.candidates[self.chosen].latex if self.candidates else ""

    @property
    def cut(self) -> bool:
        """Whether it is an answer that was cut off."""
        return self.reason is None and self.finish != "stop"

    def to_json(self) -> str:
        """One line, without its end, in ASCII."""
        # `asdict` of the whole would copy every string, at a quarter of the cost of a run.
        content = {name: getattr(self, name) for name in self.__slots__}
        content["candidates"] = [{"latex": one.latex, "confidence": one.confidence} for one in self.candidates]
        content["findings"] = [asdict(one) for one in self.findings]
        return json.dumps(content, allow_nan=False)

    @classmethod
    def from_json(cls, line: str | bytes) -> Result:
        """Read a line that `to_json` gave. Raises ValueError for any other."""
        try:
            content: dict[str, Any] = json.loads(line, parse_constant=refuse_constant)
            candidates = tuple(Candidate(**one) for one in content.pop("candidates"))
            findings = tuple(CheckFinding(**one) for one in content.pop("findings"))
            result = cls(**content, candidates=candidates, findings=findings)
            sound = result.index >= 0 and (result.reason is not None or 0 <= result.chosen < len(candidates))
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"not a result ({error!r})") from None
        if not sound:
            raise ValueError("a result without an answer and without a reason")
        return result


def read_results(path: Path) -> list[Result]:
    """Read a journal, `NAME_items.jsonl`: the results in the order of the items, the newest of each.

    Damaged lines are passed over, as a resumed run does, which asks about their items again. Raises FileError when
    the file cannot be read or is no journal of this format.
    """
    found: dict[int, Result] = {}
    with readable(path), path.open("rb") as lines:
        check_header(next(lines, b""), path)
        for line in lines:
            with suppress(ValueError):
                result = Result.from_json(line)
                found[result.index] = result
    return [found[index] for index in sorted(found)]


def check_header(line: bytes, path: Path) -> dict[str, Any]:
    """Give the settings in the first line of a journal. Raises FileError when it is not one of this format."""
    try:
        settings: dict[str, Any] = json.loads(line)
        version = settings.pop("journal")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise FileError(f"{path}: not a journal of results") from None
    if version != FORMAT:
        raise FileError(
            f"{path}: a journal of format {version}, which another version of unimumer has written; this one reads and "
            f"writes format {FORMAT}"
        )
    return settings
