"""What became of one record, and the line of the journal that says so."""

from __future__ import annotations

import json
from dataclasses import dataclass

from unimumer.engines.base import Finish


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record: an answer, or the reason why there is none."""

    index: int
    img_id: str
    text: str = ""
    confidence: float | None = None
    """Probability of the whole text, 0 to 1."""
    finish: Finish | None = None
    """`stop`: the model ended it; else it was cut off, at the limit of tokens or because it went in circles."""
    reason: str | None = None
    """Why it failed; None when there is an answer."""

    @property
    def cut(self) -> bool:
        """Whether it is an answer that was cut off."""
        return self.reason is None and self.finish != "stop"

    def to_json(self) -> str:
        """One line, without its end, in ASCII."""
        head = {"index": self.index, "img_id": self.img_id}
        if self.reason is not None:
            return json.dumps({**head, "status": "failed", "reason": self.reason})
        answer = {"text": self.text, "confidence": self.confidence, "finish": self.finish}
        return json.dumps({**head, "status": "done", **answer})


def read_outcome(line: bytes, count: int) -> Outcome:
    """Read a line; raises ValueError, KeyError or TypeError for one no journal of `count` records holds."""
    content = json.loads(line)
    index, img_id = content["index"], content["img_id"]
    if not 0 <= index < count:
        raise ValueError(index)
    if content["status"] == "failed":
        return Outcome(index, img_id, reason=str(content["reason"]))
    return Outcome(index, img_id, content["text"], content["confidence"], content["finish"])
