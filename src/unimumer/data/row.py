"""One conversation with its picture, on the way into a set."""

from __future__ import annotations

from dataclasses import dataclass

from unimumer.data.sharegpt import Message


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation."""

    id: str
    image: str
    """Name of the picture, or its path in a ShareGPT file."""
    picture: bytes
    """The picture's file."""
    question: str
    """With the mark that stands for the picture."""
    answer: str

    def messages(self) -> list[Message]:
        """The two turns, as both published forms have them."""
        return [{"from": "human", "value": self.question}, {"from": "gpt", "value": self.answer}]
