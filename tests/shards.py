"""Reads the Parquet sets that tests have made."""

from __future__ import annotations

from pathlib import Path

from unimumer.data.sharegpt import Conversation


def read_rows(path: Path) -> list[Conversation]:
    """The rows of one Parquet file of the published schema."""
    from pyarrow import parquet

    rows = []
    for item in parquet.read_table(path, columns=["image", "conversations", "id"]).to_pylist():
        question, answer = (message["value"] for message in item["conversations"])
        rows.append(Conversation(item["id"], item["image"]["path"], item["image"]["bytes"], question, answer))
    return rows
