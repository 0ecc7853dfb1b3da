"""The card of a folder of Parquet sets: with it `datasets.load_dataset` takes each set by its name."""

from __future__ import annotations

from pathlib import Path

from unimumer.files import write_text

_HEAD = """---
task_categories:
- image-to-text
configs:
"""
_TAIL = """---

Conversations about handwritten expressions, made by `unimumer data convert`. Each folder is one set:
`datasets.load_dataset(FOLDER_OF_THIS_FILE, NAME)`. Columns: `image`, `conversations` (`from`, `value`), `id`.
"""


def write_card(folder: Path) -> None:
    """Write `README.md` for the sets that the folder holds now."""
    entries = []
    for path in sorted(folder.glob("[!.]*")):
        splits = {shard.name.partition("-")[0] for shard in path.glob("*.parquet")}
        if splits:
            entries.append(f"- config_name: {path.name}\n  data_files:\n")
        entries += [f"  - split: {split}\n    path: {path.name}/{split}-*\n" for split in sorted(splits)]
    write_text(folder / "README.md", _HEAD + "".join(entries) + _TAIL)
