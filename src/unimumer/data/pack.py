"""Packs a ShareGPT file and its pictures into a Parquet set: the way into that form for sets made elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from unimumer.data.card import write_card
from unimumer.data.parquet import Shard, require
from unimumer.data.register import PARQUET
from unimumer.data.row import Row
from unimumer.data.sample import DataError
from unimumer.data.sharegpt import read_turns
from unimumer.imaging import ImageError, load

ROWS = 500
"""Of a shard."""


def pack(file: Path, media: Path, data: Path, *, force: bool = False) -> int:
    """Write the records of `file` to `data/parquet/NAME`, NAME being the file's stem; gives their number.

    Pictures are looked for from the folder `media`. All or nothing. Raises DataError, with the item, for a record of
    another form or a picture that cannot be used, and when the set exists and `force` is not given.
    """
    require()
    place = data / PARQUET / file.stem
    if place.exists() and not force:
        raise DataError(f"{place} exists; use --force to replace it")
    work = place.with_name(f".{file.stem}.partial")
    shutil.rmtree(work, ignore_errors=True)
    try:
        work.mkdir(parents=True)
        count = _write(_rows(file, media), work)
        if not count:
            raise DataError(f"{file}: no records in it")
        if place.exists():
            place.rename(work / "old")
            shutil.rmtree(work / "old")
        work.rename(place)
        write_card(place.parent)
    except OSError as error:
        raise DataError(f"{error.filename or place}: cannot be written: {error.strerror}") from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return count


def _write(rows: Iterator[Row], folder: Path) -> int:
    count, shard = 0, None
    for row in rows:
        if count % ROWS == 0:
            if shard:
                shard.close()
            shard = Shard(folder / f"train-{count // ROWS:05}.parquet")
        assert shard is not None
        shard.add(row)
        count += 1
    if shard:
        shard.close()
    return count


def _rows(file: Path, media: Path) -> Iterator[Row]:
    for index, (image, question, answer) in enumerate(read_turns(file)):
        path = PurePosixPath(image.replace("\\", "/"))
        try:
            picture = (media / path).read_bytes()
            load(picture)
        except (OSError, ImageError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise DataError(f"{file}: item {index}: the picture {image} cannot be used: {reason}") from None
        yield Row(path.stem, path.name, picture, question, answer)
