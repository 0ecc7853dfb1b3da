"""Converts one chunk of samples to its part of every set: a step that is done as a whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2

from unimumer.data.conversion import ConversationSet, Conversion
from unimumer.data.inks import draw
from unimumer.data.labels import RELEASED_WHOLE, as_published, normalized
from unimumer.data.parquet import Shard
from unimumer.data.sample import DataError, Rejected, Sample
from unimumer.data.sharegpt import IMAGE, Conversation, record
from unimumer.errors import UnimumerError
from unimumer.files import write_json
from unimumer.imaging import ImageError, load


@dataclass(frozen=True, slots=True)
class SampleChunk:
    """Consecutive samples."""

    number: int
    items: tuple[Sample | Rejected, ...]


def convert_chunk(chunk: SampleChunk, job: Conversion) -> int:
    """Write pictures or shards, and last the file in `job.done`; gives the number of samples."""
    maker = _Maker(job, chunk.number)
    for item in chunk.items:
        maker.take(item)
    maker.close()
    return len(chunk.items)


class _Maker:
    """The parts of one chunk while they are made."""

    def __init__(self, job: Conversion, number: int) -> None:
        self._job, self._number = job, number
        self._rows = {made.name: 0 for made in job.sets}
        self._lists: dict[Path, list[Any]] = {path: [] for path in job.lists}
        prefix = "train" if job.target.layout.training else "test"
        paths = job.folders if job.form == "parquet" else []
        self._shards = {path: Shard(job.new / path / f"{prefix}-{number:05}.parquet") for path in paths}

    def take(self, item: Sample | Rejected) -> None:
        """Put an item into every set that can hold it, else among what is left out."""
        if isinstance(item, Rejected):
            self._reject(item, item.reason, self._job.sets)
            return
        try:
            sample, picture = self._prepared(item)
        except UnimumerError as error:
            self._reject(item, str(error).removeprefix(f"{item.id}: "), self._job.sets)
            return
        labels: list[str] = []
        missed: dict[str, list[ConversationSet]] = {}
        for made in self._job.sets:
            try:
                question, answer, label = self._turns(sample, made)
            except UnimumerError as error:
                missed.setdefault(str(error), []).append(made)
                continue
            self._add(self._job.place(made), sample, picture, question, answer)
            self._rows[made.name] += 1
            labels.append(label)
        for reason, sets in missed.items():
            self._reject(sample, reason, sets)
        if labels and self._job.form == "sharegpt":
            self._lists[self._job.labels].append((sample.id, labels[0]))
            (self._job.new / self._job.images / sample.image).write_bytes(picture)

    def close(self) -> None:
        """Write what is left, and last what says that the chunk is done."""
        for shard in self._shards.values():
            shard.close()
        texts = {path.as_posix(): self._text(path, items) for path, items in self._lists.items()}
        rejected = [f"{one['image_id']}: {one['reason']}" for one in self._lists[self._job.invalid]]
        done = {"rows": self._rows, "rejected": rejected, "lists": texts}
        write_json(self._job.done / f"{self._number:05}.json", done)

    def _prepared(self, sample: Sample) -> tuple[Sample, bytes]:
        """The sample under the name its picture will have, and the picture, which can be decoded."""
        if sample.ink is not None:
            assert self._job.source.label is not None
            return draw(sample, self._job.source.label)
        try:
            picture = sample.image.read_bytes()
            pixels = load(picture)
        except OSError as error:
            raise ImageError(f"the picture {sample.image.name} cannot be read: {error.strerror}") from None
        if self._job.fit is None:
            return replace(sample, image=Path(sample.id + sample.image.suffix.lower())), picture
        fitted = cv2.imencode(".png", self._job.fit(pixels))[1].tobytes()
        return replace(sample, image=Path(f"{sample.id}.png")), fitted

    def _turns(self, sample: Sample, made: ConversationSet) -> tuple[str, str, str]:
        """Question, answer and label."""
        if sample.turns is not None:
            turns = (*sample.turns, "")
        else:
            released = self._job.released and self._job.family not in RELEASED_WHOLE
            label = normalized(sample.label, released=released) if made.normalized else as_published(sample.label)
            turns = (IMAGE + made.kind.prompt(), made.kind.target(label), label)
        try:
            "".join(turns).encode()
        except UnicodeEncodeError:
            raise DataError("the label has half a character, which no text can hold") from None
        return turns

    def _add(self, place: Path, sample: Sample, picture: bytes, question: str, answer: str) -> None:
        if self._shards:
            self._shards[place].add(Conversation(sample.id, sample.image.name, picture, question, answer))
        else:
            image = self._job.out / self._job.images / sample.image
            self._lists[place].append(record(image, question, answer))

    def _reject(self, item: Sample | Rejected, reason: str, sets: Iterable[ConversationSet]) -> None:
        left = {"image_id": item.id, "caption": item.label, "reason": reason, "sets": [made.name for made in sets]}
        self._lists[self._job.invalid].append(left)

    def _text(self, path: Path, items: list[Any]) -> str:
        """Lines of captions, or the items of a JSON list without its brackets, as released files have them."""
        if path.suffix != ".json":
            return "".join(f"{id}\t{label}\n" for id, label in items)
        if path == self._job.labels:
            items = [{"img_id": id, "label": label} for id, label in items]
        return json.dumps(items, indent=4, ensure_ascii=False)[2:-2]
