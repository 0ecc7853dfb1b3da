"""CROHME: pictures, labels and prompts made from the InkML of one split, in the released layout.

Order is the archive's (a folder's sorted names), which is not the order of the released files.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from unimumer.data.captions import write_captions
from unimumer.data.ids import named
from unimumer.data.inks import draw, ink_samples
from unimumer.data.layout import CROHME
from unimumer.data.sample import DataError, Rejected, Sample
from unimumer.data.sharegpt import write_prompts, write_released
from unimumer.errors import UnimumerError
from unimumer.files import spread
from unimumer.ink import Ink, label

LIMITS = True
"""Labels have `\\limits` on every sum, integral and limit with a script, as Uni-MuMER scores CROHME. The released
model was trained so: 82 of its 986 answers to CROHME 2014 have it, and none leaves it out."""

CAPTIONS = "caption.txt"
PICTURES = "images"
INVALID = "invalid_record.json"
_CHUNK = 32


@dataclass(frozen=True, slots=True)
class Converted:
    """What a conversion gave, in the order of the archive."""

    samples: tuple[Sample, ...]
    rejected: tuple[Rejected, ...]


def convert(source: Path, out: Path, split: str, prompt: str, *, jobs: int = 1, force: bool = False) -> Converted:
    """Write `out/split/{images/,caption.txt}` and `out/prompts/crohme_<split>.json` from InkML.

    The prompts of `train` are written to `out/train` instead, since evaluation takes all of `out/prompts`.
    `source` is a folder or an archive, `split` one of `layout.CROHME`, and `prompt` the question of each
    record. Ink that cannot be read, drawn or labelled is listed in `out/split/invalid_record.json`. All is
    made in `out/.<split>.partial` and moved into place when complete. Raises DataError when the output exists
    and `force` is not given, or cannot be written, and InkError when `source` is not readable.
    """
    layout = CROHME[split]
    folder, prompts = (out / Path(name).relative_to(layout.family) for name in (layout.folder, layout.prompts))
    try:
        with _workplace(out / f".{split}.partial", (folder, prompts), force) as work:
            new = work / "new"
            draft = (new if prompts.parent == folder else work) / prompts.name
            done = _draw_all(source, new, folder, layout.size, jobs)
            _write_lists(done, new, draft, prompt)
            _move(work, folder, prompts)
    except OSError as error:
        raise DataError(f"{error.filename or out}: cannot be written: {error.strerror}") from None
    return done


@contextmanager
def _workplace(work: Path, outputs: tuple[Path, Path], force: bool) -> Iterator[Path]:
    """Make the folder `work` for the time of a run; only a killed run leaves it behind."""
    taken = next((path for path in outputs if os.path.lexists(path)), None)
    if taken is not None and not force:
        raise DataError(f"{taken} exists; use --force to replace it")
    folder, prompts = outputs
    own = {CAPTIONS, PICTURES, INVALID} | ({prompts.name} if prompts.parent == folder else set())
    foreign = sorted(set(os.listdir(folder)) - own) if folder.is_dir() else []
    if foreign:
        raise DataError(f"{folder} holds {foreign[0]!r}, no part of a split; move it away first")
    if work.exists():
        if not force:
            raise DataError(f"{work} is of a run that goes on or was killed; if killed, use --force")
        shutil.rmtree(work)
    (work / "new" / PICTURES).mkdir(parents=True)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _move(work: Path, folder: Path, prompts: Path) -> None:
    apart = prompts.parent != folder
    if apart:
        prompts.parent.mkdir(exist_ok=True)
    if os.path.lexists(folder):
        folder.rename(work / "old")
    (work / "new").rename(folder)
    if apart:
        (work / prompts.name).replace(prompts)


def _write_lists(done: Converted, new: Path, prompts: Path, prompt: str) -> None:
    captions = {sample.id: sample.label for sample in done.samples}
    write_captions(new / CAPTIONS, captions)
    write_prompts(prompts, done.samples, prompt)
    if done.rejected:
        records = [{"image_id": item.id, "reason": item.reason} for item in done.rejected]
        write_released(new / INVALID, records)


def _draw_all(source: Path, target: Path, folder: Path, expected: int | None, jobs: int) -> Converted:
    work = partial(_draw_chunk, target=target / PICTURES, folder=folder / PICTURES)
    results: list[Sample | Rejected] = []
    with tqdm(total=expected, unit="ink", disable=None) as bar:
        for chunk in spread(work, _chunks(named(read(source, ""))), jobs):
            results += chunk
            bar.update(len(chunk))
    if not results:
        raise DataError(f"{source}: no .inkml file in it")
    samples = tuple(item for item in results if isinstance(item, Sample))
    return Converted(samples, tuple(item for item in results if isinstance(item, Rejected)))


def read(source: Path, split: str) -> Iterator[Sample | Rejected]:
    """The inks of one split, all that `source` holds: a folder or archive of InkML, as CROHME publishes them."""
    return ink_samples(source)


def published_label(ink: Ink) -> str:
    """The label of one ink, as Uni-MuMER scores CROHME."""
    return label(ink, limits=LIMITS)


def _chunks(items: Iterator[Sample | Rejected]) -> Iterator[list[Sample | Rejected]]:
    while chunk := list(islice(items, _CHUNK)):
        yield chunk


def _draw_chunk(items: Iterable[Sample | Rejected], target: Path, folder: Path) -> list[Sample | Rejected]:
    """Write the pictures of some ink to `target`; the samples name them in `folder`, where they will be."""
    return [item if isinstance(item, Rejected) else _draw_one(item, target, folder) for item in items]


def _draw_one(item: Sample, target: Path, folder: Path) -> Sample | Rejected:
    try:
        drawn, data = draw(item, published_label)
    except UnimumerError as error:
        return Rejected(item.id, str(error).removeprefix(f"{item.id}: "))
    (target / drawn.image).write_bytes(data)
    return replace(drawn, image=folder / drawn.image)
