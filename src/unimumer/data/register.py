"""Tells LLaMA-Factory which sets a data folder holds: its `dataset_info.json`.

Fields as `data/README.md` of LLaMA-Factory 0.9.5 names them. A set whose `file_name` is a folder is read from all
files in it, so a folder of Parquet shards must hold nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from unimumer.data.sample import DataError
from unimumer.data.sharegpt import read_prompts
from unimumer.errors import UnimumerError
from unimumer.files import write_json

PARQUET = "parquet"
"""Folder of the Parquet sets below the data folder, each a folder of shards."""
PREFIX = "parquet_"
"""Of the name under which a Parquet set is registered, as the released run file has it."""
INFO = "dataset_info.json"

SHAREGPT, SHARDS = {"messages": "messages", "images": "images"}, {"messages": "conversations", "images": "image"}
"""Columns of the released record format, in JSON and in Parquet."""
_TAGS = {"role_tag": "from", "content_tag": "value", "user_tag": "human", "assistant_tag": "gpt"}


def entry(file: str, columns: dict[str, str]) -> dict[str, object]:
    """How LLaMA-Factory is told of one set of the released record format; `file` is relative to the registry."""
    return {"file_name": file, "formatting": "sharegpt", "columns": columns, "tags": _TAGS}


def register(data: Path, out: Path) -> dict[str, dict[str, object]]:
    """Write `out`, a `dataset_info.json`, for every set below the folder `data`; gives what it holds.

    A ShareGPT set is a JSON file in a folder of a family (`data/HME100K/train/hme100k_train.json`) and is named
    after it; a Parquet set is a folder of shards in `data/parquet` and gets `PREFIX`. Paths are relative to `out`,
    whose folder is LLaMA-Factory's `dataset_dir`. Raises DataError when there is no set, when two have one name,
    or when `out` cannot be written.
    """
    sets: dict[str, dict[str, object]] = {}
    for name, path, columns in (*_sharegpt(data), *_parquet(data)):
        if name in sets:
            raise DataError(f"{path}: there are two sets called {name}; rename one of the files")
        sets[name] = entry(Path(os.path.relpath(path, out.parent)).as_posix(), columns)
    if not sets:
        raise DataError(f"{data}: no set of conversations in it; make some with `unimumer data convert`")
    write_json(out, sets)
    return sets


_Found = tuple[str, Path, dict[str, str]]


def _sharegpt(data: Path) -> Iterator[_Found]:
    for path in sorted(data.glob("[!.]*/[!.]*/*.json")):
        if _is_conversations(path):
            yield path.stem, path, SHAREGPT


def _parquet(data: Path) -> Iterator[_Found]:
    for folder in sorted((data / PARQUET).glob("[!.]*")):
        if any(folder.glob("*.parquet")):
            yield PREFIX + folder.name, folder, SHARDS


def _is_conversations(path: Path) -> bool:
    """Whether the first item is a conversation; lists of labels, predictions and invalid records are not."""
    try:
        return next(read_prompts(path), None) is not None
    except UnimumerError:
        return False
