"""Turns a published dataset into sets of conversations, on all cores, in bounded memory, resumable at any moment.

The samples are cut into chunks of consecutive ones. A chunk is converted by one process, which writes its part of
every set and then a flag; parts of a chunk without a flag are written anew. What a chunk gives depends on nothing but
its samples, so a run that was killed and taken up again writes the same bytes.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tqdm import tqdm

from unimumer.data.assemble import assemble, move
from unimumer.data.chunk import Chunk, convert_chunk
from unimumer.data.ids import named
from unimumer.data.job import IMAGES, Job
from unimumer.data.parquet import require
from unimumer.data.sample import DataError, Rejected, Sample
from unimumer.environment import own_version
from unimumer.files import check_free, read_object, read_text, spread, write_text

CHUNK = 500
"""Samples of a chunk, and so rows of a shard at most."""
CHUNK_BYTES = 32 * 2**20
"""Ink of a chunk: with large files it ends earlier, so that memory is bounded."""
_SETTINGS = "settings.json"


@dataclass(frozen=True, slots=True)
class Done:
    """What a conversion gave."""

    rows: dict[str, int]
    """By set."""
    rejected: int
    """Entries of the list of what was left out."""
    resumed: int
    """Chunks that an earlier run had done."""


def convert(source: Path, job: Job, *, jobs: int = 1, force: bool = False) -> Done:
    """Convert the split of a dataset that `source` holds and put it into `job.out`.

    Everything is made in `job.work` and moved into place when complete. A run that was killed goes on where it
    was when it is started again with the same settings. Raises DataError when an output exists and `force` is
    not given, when an unfinished run had other settings, when `source` has no sample, or when nothing can be
    written.
    """
    try:
        _begin(source, job, force)
        resumed = _run(source, job, jobs)
        done = _counted(job, resumed)
        if not any(done.rows.values()) and not done.rejected:
            shutil.rmtree(job.work)
            raise DataError(f"{source}: no sample of {job.family} {job.split} in it; see docs/data.md")
        assemble(job)
        move(job, force)
    except OSError as error:
        raise DataError(f"{error.filename or job.out}: cannot be written: {error.strerror}") from None
    return done


def _begin(source: Path, job: Job, force: bool) -> None:
    settings = _settings(source, job)
    if job.work.exists():
        if _written_settings(job.work) == settings:
            return
        if not force:
            raise DataError(f"{job.work} is of a run with other settings; finish that one, or use --force to drop it")
        shutil.rmtree(job.work)
    check_free((job.out / path for path in job.outputs()), force)
    for folder in ("done", "parts", "new"):
        (job.work / folder).mkdir(parents=True)
    if job.labels:
        (job.new / job.folder / IMAGES).mkdir(parents=True)
    write_text(job.work / _SETTINGS, settings)


def _settings(source: Path, job: Job) -> str:
    """All that decides about a byte of the output."""
    chosen = {
        "source": str(source.absolute()),
        "sets": [made.name for made in job.sets],
        "released": job.released,
        "version": own_version(),
        "pyarrow": require() if job.form == "parquet" else "",
        "chunk": [CHUNK, CHUNK_BYTES],
    }
    return json.dumps(chosen, indent=2) + "\n"


def _written_settings(work: Path) -> str:
    path = work / _SETTINGS
    return read_text(path) if path.exists() else ""


def _run(source: Path, job: Job, jobs: int) -> int:
    """Convert the chunks that are not done; gives how many were."""
    before = {int(path.stem) for path in (job.work / "done").glob("*.json")}
    size = job.target.layout.size
    with tqdm(total=size, unit="expr", unit_scale=True, desc=job.target.layout.name, disable=None) as bar:

        def todo() -> Iterator[Chunk]:
            for chunk in chunks(named(job.source.read(source, job.split))):
                if chunk.number in before:
                    bar.update(len(chunk.items))
                else:
                    sizes[chunk.number] = len(chunk.items)
                    yield chunk

        sizes: dict[int, int] = {}
        for number in spread(partial(convert_chunk, job=job), todo(), jobs):
            bar.update(sizes.pop(number))
    return len(before)


def chunks(items: Iterable[Sample | Rejected]) -> Iterator[Chunk]:
    """Consecutive items, at most `CHUNK` and about `CHUNK_BYTES` of ink together."""
    held: list[Sample | Rejected] = []
    number = size = 0
    for item in items:
        held.append(item)
        size += len(item.ink or b"") if isinstance(item, Sample) else 0
        if len(held) == CHUNK or size >= CHUNK_BYTES:
            yield Chunk(number, tuple(held))
            held, number, size = [], number + 1, 0
    if held:
        yield Chunk(number, tuple(held))


def _counted(job: Job, resumed: int) -> Done:
    rows: Counter[str] = Counter({made.name: 0 for made in job.sets})
    rejected = 0
    for flag in sorted((job.work / "done").glob("*.json")):
        counts = read_object(flag)
        rows.update(counts["rows"])
        rejected += counts["rejected"]
    return Done(dict(rows), rejected, resumed)
