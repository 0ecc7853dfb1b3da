"""What LLaMA-Factory makes of a record: the turns of a conversation and their pictures, or nothing, or an error.

Source: LLaMA-Factory 0.9.5, data/parser.py, data/converter.py, data/processor/supervised.py and data/mm_plugin.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from unimumer.files import Place
from unimumer.training import TrainingError

FORMATS = ("alpaca", "sharegpt", "openai")
_COLUMNS = {"prompt": "instruction", "query": "input", "response": "output", "messages": "conversations"}
_TAGS = {
    "role_tag": "from",
    "content_tag": "value",
    "user_tag": "human",
    "assistant_tag": "gpt",
    "observation_tag": "observation",
    "function_tag": "function_call",
    "system_tag": "system",
}
_MEDIA = {"images": "<image>", "videos": "<video>", "audios": "<audio>"}


class LeftOut(TrainingError):
    """LLaMA-Factory passes over the record with a warning; the message says why."""


class Converter:
    """Reads records as the entry of a set in dataset_info.json says.

    The defaults hold only where the entry has no "columns", or no "tags", at all: one that is missing from those given
    is none.
    """

    def __init__(self, entry: Mapping[str, Any]) -> None:
        """Raises TrainingError for an entry that LLaMA-Factory cannot read."""
        self.formatting: str = entry.get("formatting", "alpaca")
        if self.formatting not in FORMATS:
            raise TrainingError(f'"formatting" is {self.formatting!r}; LLaMA-Factory has {", ".join(FORMATS)}')
        self._columns: Mapping[str, str] = entry.get("columns", _COLUMNS)
        self._tags: Mapping[str, str] = entry.get("tags", _TAGS)
        for named in (self._columns, self._tags):
            if not isinstance(named, dict) or not all(isinstance(name, str) for name in named.values()):
                raise TrainingError('"columns" and "tags" of its entry must be objects of names')
        self._types: dict[str, type] = {}
        self._wanted: dict[str, str] = {}
        self._seen: set[str] = set()

    def read(self, record: Mapping[str, Any], place: Place) -> tuple[list[str], list[str]]:
        """The texts of the turns, the answer last, and the pictures they ask for, as they are written.

        Raises LeftOut, and FileError for what ends the training.
        """
        self._seen |= record.keys()
        for column, value in record.items():
            kind = float if type(value) is int else type(value)
            if value is not None and self._types.setdefault(column, kind) is not kind:
                raise place.error(f"{column!r} is of another type here than in the records before")
        texts = self._alpaca(record, place) if self.formatting == "alpaca" else self._messages(record, place)
        if not all(isinstance(text, str) for text in texts):
            raise place.error("what is said in a turn must be a text")
        media = {column: _listed(self._value(record, column)) for column in _MEDIA}
        for (column, mark), given in zip(_MEDIA.items(), media.values()):
            asked = sum(text.count(mark) for text in texts)
            if asked != len(given):
                why = "" if self._columns.get(column) else f'; "columns" of its entry names no {column!r}'
                raise place.error(f"{mark} stands in it {asked} times, but it names {len(given)} {column}{why}")
        if not all(isinstance(picture, str) for picture in media["images"]):
            raise place.error("a picture must be given by its path")
        return texts, media["images"]

    def check_columns(self) -> None:
        """Raise TrainingError for a column or tag that no record read so far has."""
        for name, wanted in self._wanted.items():
            if wanted not in self._seen:
                raise TrainingError(f"no record has {wanted!r}, which is to be its {name!r}")

    def _value(self, record: Mapping[str, Any], name: str) -> Any:
        """What stands in a column, None where the entry names no such column, or the record lacks it."""
        column = self._columns.get(name)
        if column is None:
            return None
        self._wanted[name] = column
        return record.get(column)

    def _alpaca(self, record: Mapping[str, Any], place: Place) -> list[Any]:
        past, response = self._value(record, "history"), self._value(record, "response")
        if isinstance(past, list) and not all(isinstance(pair, list) and len(pair) == 2 for pair in past):
            raise place.error("the history must be pairs of question and answer")
        asked = [value for value in (self._value(record, "prompt"), self._value(record, "query")) if value]
        if not all(isinstance(value, str) for value in asked):
            raise place.error("what is asked must be a text")
        self._value(record, "system"), self._value(record, "tools")
        if not isinstance(response, str):
            raise LeftOut("it has no answer in the column that is its 'response'")
        return [*(text for pair in past or () for text in pair), "\n".join(asked), response]

    def _messages(self, record: Mapping[str, Any], place: Place) -> list[Any]:
        messages = self._value(record, "messages")
        if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
            raise place.error(f"its conversation must be a list of messages in {self._columns.get('messages')!r}")
        role, content = self._tags.get("role_tag"), self._tags.get("content_tag")
        if role is None or content is None:
            raise place.error('"tags" of its entry must name a role_tag and a content_tag')
        self._wanted |= {"role_tag": role, "content_tag": content}
        for message in messages:
            self._seen |= message.keys()
        system = self._tags.get("system_tag")
        if system and messages and messages[0].get(role) == system:
            messages = messages[1:]
        elif self.formatting == "sharegpt":
            self._value(record, "system"), self._value(record, "tools")
        if self.formatting == "openai":
            messages = self._merged(messages, role, place)
        self._check_order([message.get(role) for message in messages])
        return [message.get(content) for message in messages]

    def _check_order(self, roles: Sequence[Any]) -> None:
        asking = self._tags.get("user_tag"), self._tags.get("observation_tag")
        answering = self._tags.get("assistant_tag"), self._tags.get("function_tag")
        for number, role in enumerate(roles):
            if role not in (answering if number % 2 else asking):
                wanted = " or ".join(repr(tag) for tag in (answering if number % 2 else asking) if tag)
                raise LeftOut(f"turn {number + 1} is by {role!r}, not by {wanted or 'anyone that its tags name'}")
        if len(roles) % 2 or not roles:
            raise LeftOut(f"it has {len(roles)} turns; the last must be an answer")

    def _merged(self, messages: Sequence[Mapping[str, Any]], role: str, place: Place) -> list[Mapping[str, Any]]:
        """Messages of tools that stand together as one; a role without a tag ends the training."""
        known = [tag for name, tag in self._tags.items() if name not in ("role_tag", "content_tag")]
        kept: list[Mapping[str, Any]] = []
        for message in messages:
            if message.get(role) not in known:
                raise place.error(f"no tag of its entry is {message.get(role)!r}")
            if not (kept and message[role] == self._tags.get("observation_tag") == kept[-1][role]):
                kept.append(message)
        return kept


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]
