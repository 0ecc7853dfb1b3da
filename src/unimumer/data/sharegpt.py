"""Conversations in the format of the released data: one picture, one question, one answer a record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from unimumer.files import Place, read_objects, slashed, write_json

IMAGE = "<image>"
"""Stands for the picture in a question; the released files put it first."""


@dataclass(frozen=True, slots=True)
class Prompted:
    """One question about one picture, as read from a file of prompts."""

    image: str
    """As written; the released files mean it relative to the working directory."""
    prompt: str
    """The text that goes with the picture, without the mark that stands for it."""
    label: str
    """The answer expected; in files of prompts the space-tokenized LaTeX."""

    @property
    def id(self) -> str:
        """The picture's stem, which the released system takes for the id."""
        return PurePosixPath(slashed(self.image)).stem


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation with its picture, as a row of a Parquet set."""

    id: str
    image: str
    """Name of the picture."""
    picture: bytes
    """The picture's file."""
    question: str
    """With the mark that stands for the picture."""
    answer: str


def messages(question: str, answer: str) -> list[dict[str, str]]:
    """The two turns as both published forms have them; the question has the mark that stands for the picture."""
    return [{"from": "human", "value": question}, {"from": "gpt", "value": answer}]


def record(image: Path, question: str, answer: str) -> dict[str, Any]:
    """A conversation of a ShareGPT file. A relative path is written as `./data/CROHME/2014/images/514_em_341.jpg`."""
    path = image.as_posix() if image.is_absolute() else f"./{image.as_posix()}"
    return {"images": [path], "messages": messages(question, answer)}


def write_released(path: Path, items: Sequence[object]) -> None:
    """Write a JSON list byte for byte as the released data files have it. Raises FileError."""
    write_json(path, items, indent=4, end="")


def read_prompts(path: Path) -> Iterator[Prompted]:
    """Yield the records of a file of prompts, holding one at a time in memory.

    The form, from the authors' files: a list of `{"images": [path], "messages": [{"from": "human", "value":
    "<image>" + question}, {"from": "gpt", "value": label}]}`. Raises FileError, with the item's index from 0,
    for a file or a record of another form; those before it were given.
    """
    for image, question, answer in read_turns(path):
        yield Prompted(image, question.strip().removeprefix(IMAGE).strip(), answer.strip())


def read_turns(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield picture, question with its mark, and answer of the same records, as they are written.

    Some prompts end in a space, which a model is trained on.
    """
    for place, item in read_objects(path):
        yield turns(item, place)


def turns(item: dict[str, object], place: Place) -> tuple[str, str, str]:
    """Picture, question with its mark, and answer of one record. Raises FileError for one of another form."""
    images, messages = item.get("images"), item.get("messages")
    if not isinstance(images, list) or len(images) != 1 or not isinstance(images[0], str) or not images[0]:
        raise place.error('"images" must be a list of one path')
    if not isinstance(messages, list) or len(messages) != 2:
        raise place.error('"messages" must be two, from "human" and from "gpt"')
    question, answer = _said(messages[0], "human", place), _said(messages[1], "gpt", place)
    if not question.strip().startswith(IMAGE):
        raise place.error(f'the message from "human" must begin with {IMAGE}')
    return images[0], question, answer


def _said(message: object, speaker: str, place: Place) -> str:
    if isinstance(message, dict) and message.get("from") == speaker and isinstance(message.get("value"), str):
        return str(message["value"])
    raise place.error(f'expected a message from "{speaker}" whose "value" is text')
