"""Files of prompts: records of picture, question and label in the released ShareGPT form."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from unimumer.batch.stream import BatchError, read_objects

IMAGE_TAG = "<image>"
"""What stands for the picture at the start of a question."""


@dataclass(frozen=True, slots=True)
class Record:
    """One picture to be read."""

    index: int
    """Place in the file, from 0: what names the record, since ids may occur twice."""
    image: str
    """Path of the picture as the file has it."""
    prompt: str
    """The question, without the tag that stands for the picture."""
    label: str
    """Space-tokenised LaTeX."""

    @property
    def img_id(self) -> str:
        """The picture's file name without folder and extension, as the released predictions have it."""
        return PurePath(self.image).stem


@dataclass(frozen=True, slots=True)
class PromptsFile:
    """A file of prompts that was read through once and found sound."""

    path: Path
    count: int
    """Records in it."""
    sha256: str
    """Of its bytes, hex."""


def check_prompts(path: Path) -> PromptsFile:
    """Read a file of prompts through, without keeping it. Raises BatchError as `read_prompts` does."""
    count = sum(1 for _ in read_prompts(path))
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return PromptsFile(path, count, digest.hexdigest())


def read_prompts(path: Path) -> Iterator[Record]:
    """Give the records of a file of prompts, one at a time.

    The form, from the authors' files: a list of `{"images": [path], "messages": [{"from": "human", "value":
    "<image>" + question}, {"from": "gpt", "value": label}]}`. Raises BatchError, naming file and item, for
    another.
    """
    for index, item in enumerate(read_objects(path)):
        where = f"{path}: item {index}"
        question, label = _messages(item.get("messages"), where)
        if not question.startswith(IMAGE_TAG):
            raise BatchError(f'{where}: the human message does not start with "{IMAGE_TAG}"')
        prompt = question.removeprefix(IMAGE_TAG).strip()
        yield Record(index, _image(item.get("images"), where), prompt, label)


def _image(images: object, where: str) -> str:
    if not isinstance(images, list) or len(images) != 1 or not isinstance(images[0], str) or not images[0]:
        raise BatchError(f'{where}: "images" is not a list of one path')
    return images[0]


def _messages(messages: object, where: str) -> tuple[str, str]:
    if not isinstance(messages, list) or len(messages) != 2:
        raise BatchError(f'{where}: "messages" is not a list of two, from "human" and from "gpt"')
    return _value(messages[0], "human", where), _value(messages[1], "gpt", where)


def _value(message: object, sender: str, where: str) -> str:
    if isinstance(message, dict) and message.get("from") == sender:
        value = message.get("value")
        if isinstance(value, str):
            return value.strip()
    raise BatchError(f'{where}: expected a message {{"from": "{sender}", "value": text}}')
