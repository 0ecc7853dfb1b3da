"""CROHME: pictures, labels and prompts made from the InkML of one split, in the released layout.

Pictures are drawn by `ink.picture` and saved as gray JPEG: every reader that
wants RGB makes the same three channels of it, and it is half the work to write. Order is the archive's (a
folder's sorted names), which is not the order of the released files.
"""

from __future__ import annotations

import os
import shutil
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
from tqdm import tqdm

from unimumer.data.captions import write_captions
from unimumer.data.files import write_list
from unimumer.data.layout import CROHME
from unimumer.data.sample import DataError, Sample
from unimumer.data.sharegpt import write_prompts
from unimumer.data.spread import spread
from unimumer.errors import UnimumerError
from unimumer.ink import label, picture, read_files, read_inkml

JPEG_QUALITY = 95
LIMITS = True
"""Labels have `\\limits` on every sum, integral and limit with a script, as Uni-MuMER scores CROHME. The released
model was trained so: 82 of its 986 answers to CROHME 2014 have it, and none leaves it out."""

CAPTIONS = "caption.txt"
PICTURES = "images"
INVALID = "invalid_record.json"
_CHUNK = 32
_MAX_NAME = 200
"""Bytes of an id; file systems take 255, suffix included."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Ink without a picture or a label."""

    id: str
    """As a file name can be shown: odd characters are escaped in an id that is refused for them."""
    reason: str


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
        write_list(new / INVALID, records)


def _draw_all(source: Path, target: Path, folder: Path, expected: int | None, jobs: int) -> Converted:
    work = partial(_draw_chunk, target=target / PICTURES, folder=folder / PICTURES)
    results: list[Sample | Rejected] = []
    with tqdm(total=expected, unit="ink", disable=None) as bar:
        for chunk in spread(work, _chunks(_named(source)), jobs):
            results += chunk
            bar.update(len(chunk))
    if not results:
        raise DataError(f"{source}: no .inkml file in it")
    samples = tuple(item for item in results if isinstance(item, Sample))
    return Converted(samples, tuple(item for item in results if isinstance(item, Rejected)))


_File = tuple[str, bytes]


def _chunks(files: Iterator[_File | Rejected]) -> Iterator[list[_File | Rejected]]:
    while chunk := list(islice(files, _CHUNK)):
        yield chunk


def _named(source: Path) -> Iterator[_File | Rejected]:
    """Files under ids that can be names of files on every system, each once."""
    seen: set[str] = set()
    for id, data in read_files(source):
        fault, twice = _fault(id), id.casefold() in seen
        seen.add(id.casefold())
        if fault:
            yield Rejected(ascii(id)[1:-1], fault)
        else:
            yield Rejected(id, "the id occurs twice") if twice else (id, data)


def _fault(id: str) -> str:
    """Why an id cannot name a file or stand in a list of captions; empty when it can."""
    if id.strip(" .") == "" or id != id.strip():
        return "the id is empty, dots, or begins or ends with a space"
    if any(c in "/\\:\ufeff" or unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in id):
        return "the id holds a character that a file name or a list cannot"
    return "the id is too long for a file name" if len(id.encode()) > _MAX_NAME else ""


def _draw_chunk(files: Iterable[_File | Rejected], target: Path, folder: Path) -> list[Sample | Rejected]:
    """Write the pictures of some ink to `target`; the samples name them in `folder`, where they will be."""
    return [item if isinstance(item, Rejected) else _draw_one(*item, target, folder) for item in files]


def _draw_one(id: str, data: bytes, target: Path, folder: Path) -> Sample | Rejected:
    name = f"{id}.jpg"
    try:
        ink = read_inkml(data, id)
        expression, drawn = label(ink, limits=LIMITS), picture(ink)
    except UnimumerError as error:
        return Rejected(id, str(error).removeprefix(f"{id}: "))
    jpeg = cv2.imencode(".jpg", drawn, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
    (target / name).write_bytes(jpeg.tobytes())
    return Sample(id, folder / name, expression)
