"""Puts the parts of a conversion together and moves what came of it into place."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from unimumer.data.card import write_card
from unimumer.data.chunk import part_of
from unimumer.data.job import Job
from unimumer.data.register import PARQUET
from unimumer.files import check_free, swap

_ASSEMBLED = "assembled"


def assemble(job: Job) -> None:
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
    """One file of the parts: a JSON list as `write_list` has it, or lines."""
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


def move(job: Job, force: bool) -> None:
    """Move every output from `job.new` to its place, and remove the folder of the run.

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
    shutil.rmtree(job.work)
