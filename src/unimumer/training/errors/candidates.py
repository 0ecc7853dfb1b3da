"""Draws candidates from a model for the pictures of its fold; a killed run goes on where its journal ends."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import BinaryIO

from unimumer import imaging
from unimumer.data.sample import DataError
from unimumer.data.sharegpt import Prompted
from unimumer.engines.base import Answer, Decoding, Engine, EngineError, Picture, Request
from unimumer.errors import UnimumerError

FORMAT = 1
AS_PUBLISHED = Decoding(temperature=0.95, top_p=0.7, top_k=50, samples=10)
"""Settings of the authors' error corpus; of n it is known only that it was 10 at least once."""


@dataclass(frozen=True, slots=True)
class Item:
    """One labelled picture, and its place in the file of prompts, which names it."""

    index: int
    prompted: Prompted


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a model wrote about one picture, or the reason why there is nothing."""

    index: int
    best: str = ""
    """By greedy decoding: what the model would answer, and the measure of how good it is."""
    texts: tuple[str, ...] = ()
    """Drawn, the most probable first; equal ones are kept."""
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the candidates of a fold depend on, beside the pictures themselves."""

    model: str
    """As it was asked for: a name or a folder."""
    decoding: Decoding
    batch_size: int
    """Pictures in one call: it can change the last digits of probabilities, and so a text."""
    items_sha256: str

    def header(self) -> dict[str, object]:
        """The first line of a journal."""
        return {"candidates": FORMAT, **asdict(self)}


def draw_fold(
    path: Path,
    items: Sequence[Item],
    settings: Settings,
    load: Callable[[], Engine],
    image_root: Path,
    progress: Callable[[int], object] = lambda _: None,
) -> tuple[Drawn, ...]:
    """Draw candidates for every item, or finish what the journal at `path` has; `load` is called only when needed.

    The journal has its settings in the first line, then a line an item, in order. A batch that was cut short is
    asked again as a whole, so that a resumed run ends with the same bytes. `progress` is told the number of items
    finished since it was last called. Raises DataError for a journal of other settings, or a damaged one, and
    EngineError; an item that fails has its reason in the journal.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        done = _resume(file, path, settings, len(items))
        progress(len(done))
        if len(done) < len(items):
            engine = load()
            for start in range(len(done), len(items), settings.batch_size):
                fresh = _ask(engine, items[start : start + settings.batch_size], settings.decoding, image_root)
                _append(file, (json.dumps(asdict(one)) for one in fresh))
                done += fresh
                progress(len(fresh))
    return tuple(done)


def _resume(file: BinaryIO, path: Path, settings: Settings, count: int) -> list[Drawn]:
    """Read whole batches of a journal, cut off what follows them, and begin it when there is nothing."""
    file.seek(0)
    lines = [line for line in file.read().splitlines(keepends=True) if line.endswith(b"\n")]
    try:
        header, *rest = [dict(json.loads(line)) for line in lines] or [settings.header()]
        done = [Drawn(one["index"], one["best"], tuple(one["texts"]), one["reason"]) for one in rest]
    except (ValueError, KeyError, TypeError):
        raise DataError(f"{path} is damaged; remove it to draw its candidates again") from None
    _check(header, path, settings)
    kept = len(done) if len(done) >= count else len(done) // settings.batch_size * settings.batch_size
    file.truncate(sum(map(len, lines[: kept + 1])) if lines else 0)
    if not lines:
        _append(file, [json.dumps(header)])
    return done[:kept]


def _check(header: dict[str, object], path: Path, settings: Settings) -> None:
    ours: dict[str, object] = json.loads(json.dumps(settings.header()))
    changed = [
        f"{name} {header.get(name)!r} there, {ours[name]!r} now" for name in ours if header.get(name) != ours[name]
    ]
    if changed:
        raise DataError(
            f"{path}: drawn under other settings ({'; '.join(changed)}); use the same, another folder, or remove it"
        )


def _append(file: BinaryIO, lines: Iterable[str]) -> None:
    file.write("".join(f"{line}\n" for line in lines).encode())
    file.flush()
    os.fsync(file.fileno())


def _ask(engine: Engine, items: Sequence[Item], decoding: Decoding, image_root: Path) -> list[Drawn]:
    """What becomes of each item, in order: one greedy answer and the drawn ones."""
    loaded = [_load(image_root / item.prompted.image) for item in items]
    requests = [
        Request(picture, item.prompted.prompt)
        for item, picture in zip(items, loaded)
        if not isinstance(picture, UnimumerError)
    ]
    greedy = replace(decoding, temperature=0.0, top_p=1.0, top_k=0, samples=1)
    answers = zip(_generate(engine, requests, greedy), _generate(engine, requests, decoding))
    return [
        Drawn(item.index, reason=str(picture))
        if isinstance(picture, UnimumerError)
        else _drawn(item.index, *next(answers))
        for item, picture in zip(items, loaded)
    ]


def _drawn(index: int, best: Answer | Exception, texts: Answer | Exception) -> Drawn:
    for answer in (best, texts):
        if isinstance(answer, Exception):
            return Drawn(index, reason=f"the model failed: {type(answer).__name__}: {answer}")
        if not answer.best.text and not answer.best.logprobs:
            return Drawn(index, reason="no ink found in the picture")
    assert isinstance(best, Answer) and isinstance(texts, Answer)
    return Drawn(index, best.best.text, tuple(candidate.text for candidate in texts.candidates))


def _generate(engine: Engine, requests: Sequence[Request], decoding: Decoding) -> Iterator[Answer | Exception]:
    """Answers in order; when a call fails, each request is asked alone, and the error is its answer."""
    try:
        yield from engine.generate(requests, decoding) if requests else ()
    except (EngineError, MemoryError):
        raise
    except Exception as error:  # whatever a runtime raises on one picture must not cost the others
        if len(requests) == 1:
            yield error
        else:
            for request in requests:
                yield from _generate(engine, [request], decoding)


def _load(path: Path) -> Picture | UnimumerError:
    try:
        return imaging.load(path)
    except imaging.ImageError as error:
        return error
