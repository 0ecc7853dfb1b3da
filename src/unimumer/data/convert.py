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
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from unimumer.data.chunk import SampleChunk, convert_chunk, part_of
from unimumer.data.conversion import IMAGES, Conversion
from unimumer.data.parquet import require, write_card
from unimumer.data.register import INFO, PARQUET, record_sets
from unimumer.data.sample import DataError, Rejected, Sample, named
from unimumer.environment import own_version
from unimumer.files import FileError, check_free, read_object, read_objects, read_text, spread, swap, write_text

CHUNK = 500
"""Samples of a chunk, and so rows of a shard at most."""
CHUNK_BYTES = 32 * 2**20
"""Ink of a chunk: with large files it ends earlier, so that memory is bounded."""
SHOWN = 20
_SETTINGS = "settings.json"
_ASSEMBLED = "assembled"


@dataclass(frozen=True, slots=True)
class Done:
    """What a conversion gave."""

    rows: dict[str, int]
    """By set."""
    rejected: int
    """Entries of the list of what was left out."""
    resumed: int
    """Chunks that an earlier run had done."""
    shown: tuple[str, ...] = ()
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
        done = _counted(job, resumed)
        if not any(done.rows.values()) and not done.rejected:
            shutil.rmtree(job.work)
            raise DataError(f"{source}: no sample of {job.family} {job.split} in it; see docs/data.md")
        assemble(job)
        move(job, force)
        record_sets(job.out / INFO, (job.out / job.place(made) for made in job.sets if done.rows[made.name]))
        shutil.rmtree(job.work)
        listed = read_objects(job.out / job.invalid) if done.rejected else iter(())
        shown = (f"{item['image_id']}: {item['reason']}" for _, item in islice(listed, SHOWN))
        return replace(done, shown=tuple(shown))
    except OSError as error:
        raise FileError(f"{error.filename or job.out}: cannot be written: {error.strerror}") from None


def _begin(source: Path, job: Conversion, force: bool) -> None:
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


def _settings(source: Path, job: Conversion) -> str:
    """All that decides about a byte of the output."""
    chosen = {
        "source": str(source.absolute()),
        "sets": [made.name for made in job.sets],
        "released": job.released,
        "fit": str(job.fit or ""),
        "version": own_version(),
        "pyarrow": require() if job.form == "parquet" else "",
        "chunk": [CHUNK, CHUNK_BYTES],
    }
    return json.dumps(chosen, indent=2) + "\n"


def _written_settings(work: Path) -> str:
    path = work / _SETTINGS
    return read_text(path) if path.exists() else ""


def _run(source: Path, job: Conversion, jobs: int) -> int:
    """Convert the chunks that are not done; gives how many were."""
    before = {int(path.stem) for path in (job.work / "done").glob("*.json")}
    size = job.target.layout.size
    with tqdm(total=size, unit="expr", unit_scale=True, desc=job.target.layout.name, disable=None) as bar:

        def todo() -> Iterator[SampleChunk]:
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


def _counted(job: Conversion, resumed: int) -> Done:
    rows: Counter[str] = Counter({made.name: 0 for made in job.sets})
    rejected = 0
    for flag in sorted((job.work / "done").glob("*.json")):
        counts = read_object(flag)
        rows.update(counts["rows"])
        rejected += counts["rejected"]
    return Done(dict(rows), rejected, resumed)


def assemble(job: Conversion) -> None:
    """Write the lists, which all parts make together, to `job.new`; once only, however often a run is taken up."""
    flag = job.work / _ASSEMBLED
    if flag.exists():
        return
    numbers = sorted(int(path.stem) for path in (job.work / "done").glob("*.json"))
    lists = {"rejected": job.invalid}
    if job.labels:
        lists |= {"labels": job.labels, **{made.name: job.place(made) for made in job.sets}}
    for name, path in lists.items():
        parts = (part_of(job, name, number) for number in numbers)
        _join([part for part in parts if part.stat().st_size], job.new / path)
    if job.form == "parquet":
        for made in job.sets:
            (job.new / job.place(made)).mkdir(parents=True, exist_ok=True)
    flag.touch()


def _join(parts: Iterable[Path], path: Path) -> None:
    """One file of the parts: a JSON list as `write_released` has it, or lines."""
    parts = list(parts)
    lines = path.suffix != ".json"
    begin, between, end = ("", "\n", "\n") if lines else ("[\n", ",\n", "\n]")
    if not parts:
        begin, end = ("", "") if lines else ("[", "]")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        out.write(begin.encode())
        for index, part in enumerate(parts):
            out.write(between.encode() if index else b"")
            with part.open("rb") as stream:
                shutil.copyfileobj(stream, out)
        out.write(end.encode())


def move(job: Conversion, force: bool) -> None:
    """Move every output from `job.new` to its place.

    What has been moved is no longer in `job.new`, so that a run killed here goes on too. An empty list of what was
    left out is not kept. Raises FileError when something has come to lie there since, without `force`.
    """
    for path in job.outputs():
        made, place = job.new / path, job.out / path
        if not made.exists():
            continue
        check_free([place], force)
        if path == job.invalid and made.stat().st_size <= len("[]"):
            place.unlink(missing_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            swap(made, place)
    if job.form == "parquet":
        write_card(job.out / PARQUET)
