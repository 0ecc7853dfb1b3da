"""Tells LLaMA-Factory which sets a data folder holds: its `dataset_info.json`.

Fields as `data/README.md` of LLaMA-Factory 0.9.5 names them. A set whose `file_name` is a folder is read from all
files in it, so a folder of Parquet shards must hold nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from unimumer.data.sample import DataError
from unimumer.data.sharegpt import read_prompts
from unimumer.errors import UnimumerError
from unimumer.files import read_object, write_json

PARQUET = "parquet"
"""Folder of the Parquet sets below the data folder, each a folder of shards."""
PREFIX = "parquet_"
"""Of the name under which a Parquet set is registered, as the released run file has it."""
INFO = "dataset_info.json"

_SHAREGPT, _SHARDS = {"messages": "messages", "images": "images"}, {"messages": "conversations", "images": "image"}
"""Columns of the released record format, in JSON and in Parquet."""
_TAGS = {"role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt"}


def register(data: Path, out: Path) -> dict[str, dict[str, object]]:
    """Enter every set below the folder `data` in `out`, a `dataset_info.json`; gives the entries of these sets.

    A ShareGPT set is a JSON file in a folder of a family (`data/HME100K/train/hme100k_train.json`) and is named
    after it; a Parquet set is a folder of shards in `data/parquet` and gets `PREFIX`. Paths are relative to `out`,
    whose folder is LLaMA-Factory's `dataset_dir`; other entries stay. Raises DataError when there is no set, or when
    two have one name, and FileError when `out` cannot be read or written.
    """
    sets: dict[str, Path] = {}
    for path in (*_sharegpt(data), *_parquet(data)):
        name = _name(path)
        if name in sets:
            raise DataError(f"{path}: there are two sets called {name}; rename one of the files")
        sets[name] = path
    if not sets:
        raise DataError(f"{data}: no set of conversations in it; make some with `unimumer data convert`")
    return record_sets(out, sets.values())


def record_sets(out: Path, sets: Iterable[Path]) -> dict[str, dict[str, object]]:
    """Enter some sets in a `dataset_info.json`, in which other entries stay; gives those of the sets."""
    entries = {_name(path): _entry(path, out) for path in sets}
    write_json(out, {**(read_object(out) if out.exists() else {}), **entries})
    return entries


def _entry(path: Path, out: Path) -> dict[str, object]:
    """How LLaMA-Factory is told of one set of the released record format."""
    file = Path(os.path.relpath(path, out.parent)).as_posix()
    columns = _SHAREGPT if path.suffix == ".json" else _SHARDS
    return {"file_name": file, "formatting": "sharegpt", "columns": columns, "tags": _TAGS}


def _name(path: Path) -> str:
    return path.stem if path.suffix == ".json" else PREFIX + path.name


def _sharegpt(data: Path) -> Iterator[Path]:
    """The files in which the first item is a conversation; lists of labels or predictions are passed over."""
    for path in sorted(data.glob("[!.]*/[!.]*/*.json")):
        with suppress(UnimumerError):
            if next(read_prompts(path), None) is not None:
                yield path


def _parquet(data: Path) -> Iterator[Path]:
    for folder in sorted((data / PARQUET).glob("[!.]*")):
        if any(folder.glob("*.parquet")):
            yield folder
