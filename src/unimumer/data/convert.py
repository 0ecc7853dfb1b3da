"""Turns a published dataset into sets of conversations, on all cores, in bounded memory, resumable at any moment.

The samples are cut into chunks of consecutive ones. A chunk is converted by one process, which writes its part of
every set and last a file in `Conversion.done`; a chunk without that file is converted anew. What a chunk gives depends
on nothing but its samples, so a run that was killed and taken up again writes the same bytes.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from tqdm import tqdm

from unimumer.data.chunk import SampleChunk, convert_chunk
from unimumer.data.conversion import Conversion
from unimumer.data.parquet import require, write_card
from unimumer.data.register import INFO, PARQUET, record_sets
from unimumer.data.sample import DataError, Rejected, Sample, named
from unimumer.environment import own_version
from unimumer.files import FileError, check_free, read_object, read_text, spread, swap, write_text

CHUNK = 500
"""Samples of a chunk, and so rows of a shard at most."""
CHUNK_BYTES = 32 * 2**20
"""Ink of a chunk: with large files it ends earlier, so that memory is bounded."""
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Done:
    """What a conversion gave."""

    rows: dict[str, int]
    """By set."""
    rejected: int
    """Entries of the list of what was left out."""
    resumed: int
    """Chunks that an earlier run had done."""
    shown: tuple[str, ...]
    """Id and reason of the first `SHOWN` that were left out."""


def convert(source: Path, job: Conversion, *, jobs: int = 1, force: bool = False) -> Done:
    """Convert the split of a dataset that `source` holds and put it into `job.out`.

    Everything is made in `job.work` and moved into place when complete. A run that was killed goes on where it
    was when it is started again with the same settings. The sets are entered in `job.out/dataset_info.json`. Raises
    FileError when an output exists and `force` is not given, or when something cannot be read or written; DataError
    when an unfinished run had other settings, or when `source` has no sample.
    """
    try:
        _begin(source, job, force)
        resumed = _run(source, job, jobs)
        done = assemble(job, resumed)
        if not any(done.rows.values()) and not done.rejected:
            shutil.rmtree(job.work)
            raise DataError(f"{source}: no sample of {job.family} {job.split} in it; see docs/data.md")
        move(job, force)
        record_sets(job.out / INFO, (job.out / job.place(made) for made in job.sets if done.rows[made.name]))
        shutil.rmtree(job.work)
        return done
    except OSError as error:
        raise FileError(f"{error.filename or job.out}: cannot be written: {error.strerror}") from None


def _begin(source: Path, job: Conversion, force: bool) -> None:
    settings = _settings(source, job)
    path = job.work / "settings.json"
    if job.work.exists():
        if path.exists() and read_text(path) == settings:
            return
        if not force:
            raise DataError(f"{job.work} is of a run with other settings; finish that one, or use --force to drop it")
        shutil.rmtree(job.work)
    check_free((job.out / path for path in job.outputs), force)
    for folder in (job.done, *(job.new / folder for folder in job.folders)):
        folder.mkdir(parents=True)
    write_text(path, settings)


def _settings(source: Path, job: Conversion) -> str:
    """All that decides about a byte of the output."""
    chosen = {
        "source": str(source.absolute()),
        "sets": [made.name for made in job.sets],
        "released": job.released,
        "fit": str(job.fit or ""),
        "version": own_version(),
        "pyarrow": str(require().__version__) if job.form == "parquet" else "",
        "chunks": [CHUNK, CHUNK_BYTES],
    }
    return json.dumps(chosen, indent=2) + "\n"


def _run(source: Path, job: Conversion, jobs: int) -> int:
    """Convert the chunks that are not done; gives how many were."""
    before = {int(path.stem) for path in job.done.glob("*.json")}
    layout = job.target.layout
    with tqdm(total=layout.size, unit="expr", unit_scale=True, desc=layout.name, disable=None) as bar:

        def todo() -> Iterator[SampleChunk]:
            for chunk in chunks(named(job.source.read(source, job.split))):
                if chunk.number in before:
                    bar.update(len(chunk.items))
                else:
                    yield chunk

        for count in spread(partial(convert_chunk, job=job), todo(), jobs):
            bar.update(count)
    return len(before)


def chunks(items: Iterable[Sample | Rejected]) -> Iterator[SampleChunk]:
    """Consecutive items, at most `CHUNK` and about `CHUNK_BYTES` of ink together."""
    held: list[Sample | Rejected] = []
    number = size = 0
    for item in items:
        held.append(item)
        size += len(item.ink or b"") if isinstance(item, Sample) else 0
        if len(held) == CHUNK or size >= CHUNK_BYTES:
            yield SampleChunk(number, tuple(held))
            held, number, size = [], number + 1, 0
    if held:
        yield SampleChunk(number, tuple(held))


def assemble(job: Conversion, resumed: int) -> Done:
    """Count what all chunks gave, and write its lists to `job.new`: only once, however often a run is taken up."""
    flag = job.work / "assembled"
    rows = Counter({made.name: 0 for made in job.sets})
    rejected, shown = 0, list[str]()
    with ExitStack() as stack:
        lists: dict[Path, BinaryIO] = {}
        for path in [] if flag.exists() else job.lists:
            (job.new / path).parent.mkdir(parents=True, exist_ok=True)
            lists[path] = stack.enter_context((job.new / path).open("wb"))
        for part in sorted(job.done.glob("*.json")):
            done = read_object(part)
            rows.update(done["rows"])
            rejected += len(done["rejected"])
            shown += done["rejected"][: SHOWN - len(shown)]
            for path, out in lists.items():
                text = done["lists"][path.as_posix()].encode("utf-8", "backslashreplace")
                if text and path.suffix == ".json":
                    out.write(b",\n" if out.tell() else b"[\n")
                out.write(text)
        for path, out in lists.items():
            if path.suffix == ".json":
                out.write(b"\n]" if out.tell() else b"[]")
    flag.touch()
    return Done(dict(rows), rejected, resumed, tuple(shown))


def move(job: Conversion, force: bool) -> None:
    """Move every output from `job.new` to its place.

    What has been moved is no longer in `job.new`, so that a run killed here goes on too. An empty list of what was
    left out is not kept. Raises FileError when something has come to lie there since, without `force`.
    """
    for path in job.outputs:
        made, place = job.new / path, job.out / path
        if not made.exists():
            continue
        check_free([place], force)
        if path == job.invalid and made.stat().st_size == len("[]"):
            place.unlink(missing_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            swap(made, place)
    if job.form == "parquet":
        write_card(job.out / PARQUET)
