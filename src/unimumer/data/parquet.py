"""Parquet files of conversations in the published schema, which `datasets` shows with their pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from unimumer.data.sample import DataError
from unimumer.data.sharegpt import Conversation, messages
from unimumer.files import write_text

ROWS = 100
"""Conversations of a group, the unit a reader loads; the hub's tools want few for pictures."""
GROUP_BYTES = 32 * 2**20
"""Pictures of a group: with large ones it ends earlier, so that memory is bounded."""

_REPEATED = ["conversations.list.element.from", "conversations.list.element.value"]
"""Columns with the same value again and again; looking for repeated pictures would be lost work."""
_FEATURES = {
    "image": {"_type": "Image"},
    "conversations": [{key: {"dtype": "string", "_type": "Value"} for key in ("from", "value")}],
    "id": {"dtype": "string", "_type": "Value"},
}
"""As `datasets` describes the columns, in the form that all its versions read."""
_HEAD = """---
task_categories:
- image-to-text
configs:
"""
_TAIL = """---

Conversations about handwritten expressions, made by `unimumer data convert`. Each folder is one set:
`datasets.load_dataset(FOLDER_OF_THIS_FILE, NAME)`. Columns: `image`, `conversations` (`from`, `value`), `id`.
"""


class Shard:
    """One Parquet file while it is written. What a killed process has left of it is written over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: list[Conversation] = []
        self._bytes = 0
        self._writer: Any = None

    def add(self, row: Conversation) -> None:
        """Take one more row."""
        self._rows.append(row)
        self._bytes += len(row.picture)
        if len(self._rows) == ROWS or self._bytes >= GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Write what is left; of no rows there is no file."""
        self._flush()
        if self._writer is not None:
            self._writer.close()

    def _flush(self) -> None:
        if not self._rows:
            return
        table = _table(self._rows)
        if self._writer is None:
            self._writer = require().parquet.ParquetWriter(self._path, table.schema, use_dictionary=_REPEATED)
        self._writer.write_table(table)
        self._rows, self._bytes = [], 0


def require() -> Any:
    """The module `pyarrow` with its `parquet`. Raises DataError, saying how to install it, when it is missing."""
    try:
        import pyarrow.parquet
    except ImportError:
        raise DataError("Parquet needs pyarrow: pip install 'unimumer[data]'") from None
    return pyarrow


def _table(rows: list[Conversation]) -> Any:
    pa = require()
    text = pa.string()
    schema = pa.schema(
        [
            ("image", pa.struct([("bytes", pa.binary()), ("path", text)])),
            ("conversations", pa.list_(pa.struct([("from", text), ("value", text)]))),
            ("id", text),
        ],
        metadata={"huggingface": json.dumps({"info": {"features": _FEATURES}})},
    )
    columns = [
        [{"bytes": row.picture, "path": row.image} for row in rows],
        [messages(row.question, row.answer) for row in rows],
        [row.id for row in rows],
    ]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema)]
    return pa.table(arrays, schema=schema)


def write_card(folder: Path) -> None:
    """Write `README.md` for the sets in a folder: with it `datasets.load_dataset` takes each by its name."""
    entries = []
    for path in sorted(folder.glob("[!.]*")):
        splits = {shard.name.partition("-")[0] for shard in path.glob("*.parquet")}
        if splits:
            entries.append(f"- config_name: {path.name}\n  data_files:\n")
        entries += [f"  - split: {split}\n    path: {path.name}/{split}-*\n" for split in sorted(splits)]
    write_text(folder / "README.md", _HEAD + "".join(entries) + _TAIL)
