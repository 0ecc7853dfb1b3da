"""Converts one chunk of samples to its part of every set: a step that is done as a whole or not at all."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import cv2

from unimumer.data.conversion import IMAGES, ConversationSet, Conversion
from unimumer.data.inks import draw
from unimumer.data.labels import RELEASED_WHOLE, as_published, normalized
from unimumer.data.parquet import Shard
from unimumer.data.sample import Rejected, Sample
from unimumer.data.sharegpt import IMAGE, Conversation, written
from unimumer.errors import UnimumerError
from unimumer.files import write_json, write_text
from unimumer.imaging import ImageError, load

_LABELS = "labels"
_REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class SampleChunk:
    """Consecutive samples."""

    number: int
    items: tuple[Sample | Rejected, ...]


class _Part(Protocol):
    def add(self, row: Conversation) -> None: ...
    def close(self) -> None: ...


def part_of(job: Conversion, name: str, number: int) -> Path:
    """The piece of a JSON list that chunk `number` gives; `name` is a set's, or `labels` or `rejected`."""
    return job.work / "parts" / name / f"{number:05}"


def done_flag(job: Conversion, number: int) -> Path:
    """The file that says that a chunk is done, with its number of rows by set."""
    return job.work / "done" / f"{number:05}.json"


def convert_chunk(chunk: SampleChunk, job: Conversion) -> int:
    """Write the chunk's part of every set, and last the flag that it is done; gives its number."""
    maker = _Maker(job, chunk.number)
    for item in chunk.items:
        maker.take(item)
    maker.close()
    return chunk.number


class _Maker:
    """The parts of one chunk while they are written."""

    def __init__(self, job: Conversion, number: int) -> None:
        self._job, self._number = job, number
        self._parts = {made.name: self._part(made) for made in job.sets}
        self._counts = dict.fromkeys(self._parts, 0)
        self._labels: list[object] = []
        self._rejected: list[object] = []

    def take(self, item: Sample | Rejected) -> None:
        if isinstance(item, Rejected):
            self._reject(item.id, item.label, item.reason, [made.name for made in self._job.sets])
            return
        try:
            sample, picture = self._prepared(item)
        except UnimumerError as error:
            reason = str(error).removeprefix(f"{item.id}: ")
            self._reject(item.id, item.label, reason, [made.name for made in self._job.sets])
            return
        self._converse(sample, picture)

    def close(self) -> None:
        for part in self._parts.values():
            part.close()
        _write_part(part_of(self._job, _LABELS, self._number), self._labels)
        _write_part(part_of(self._job, _REJECTED, self._number), self._rejected)
        write_json(done_flag(self._job, self._number), {"rows": self._counts, "rejected": len(self._rejected)})

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

    def _converse(self, sample: Sample, picture: bytes) -> None:
        """Put the sample into every set that can hold it."""
        kept: list[str] = []
        missed: dict[str, list[str]] = {}
        for made in self._job.sets:
            try:
                question, answer, label = self._turns(sample, made)
            except UnimumerError as error:
                missed.setdefault(str(error), []).append(made.name)
                continue
            self._parts[made.name].add(Conversation(sample.id, self._name(sample), picture, question, answer))
            self._counts[made.name] += 1
            kept.append(label)
        for reason, sets in missed.items():
            self._reject(sample.id, sample.label, reason, sets)
        if kept and self._job.labels:
            self._labels.append(_listed(sample.id, kept[0], self._job.labels))
            (self._job.new / self._job.folder / IMAGES / sample.image).write_bytes(picture)

    def _turns(self, sample: Sample, made: ConversationSet) -> tuple[str, str, str]:
        """Question, answer and label."""
        if sample.turns is not None:
            return *sample.turns, ""
        released, text = self._job.released and self._job.family not in RELEASED_WHOLE, sample.label
        label = normalized(text, released=released) if made.normalized else as_published(text)
        return IMAGE + made.kind.prompt(), made.kind.target(label), label

    def _name(self, sample: Sample) -> str:
        if self._job.form == "parquet":
            return sample.image.name
        return written(self._job.out / self._job.folder / IMAGES / sample.image)

    def _part(self, made: ConversationSet) -> _Part:
        job, number = self._job, self._number
        if job.form == "parquet":
            prefix = "train" if job.target.layout.training else "test"
            return Shard(job.new / job.place(made) / f"{prefix}-{number:05}.parquet")
        return _Records(part_of(job, made.name, number))

    def _reject(self, id: str, label: str, reason: str, sets: list[str]) -> None:
        self._rejected.append({"image_id": id, "caption": label, "reason": reason, "sets": sets})


class _Records:
    """The ShareGPT records of one chunk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._records: list[object] = []

    def add(self, row: Conversation) -> None:
        self._records.append({"images": [row.image], "messages": row.messages()})

    def close(self) -> None:
        _write_part(self._path, self._records)


def _listed(id: str, label: str, path: Path) -> object:
    return {"img_id": id, "label": label} if path.suffix == ".json" else f"{id}\t{label}"


def _write_part(path: Path, items: list[object]) -> None:
    """Items of a JSON list without its brackets, as `write_released` has them; lines of text as they are."""
    if items and isinstance(items[0], str):
        text = "\n".join(map(str, items))
    else:
        text = json.dumps(items, indent=4, ensure_ascii=False)[2:-2] if items else ""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)
