"""Writes the confusions that Nano's find and fix conversations are drawn from.

    python scripts/confusions.py runs/errors/confusions.json

The file is one that `unimumer errors build` has written (docs/errors.md). Kept are symbols that two candidates or more
show; structures are left out, since a formula that lacks a brace cannot be marked.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from unimumer.files import read_object, write_text

OUT = Path(__file__).parents[1] / "src/unimumer/training/nano/confusions.json"
TABLES = frozenset(("&", "\\\\", "[", "]"))
"""What `errors build` counts among the symbols, and a formula's structure is made of as well."""

if __name__ == "__main__":
    found = [one for one in read_object(Path(sys.argv[1]))["confusions"] if one["found"] >= 2 and not one["structure"]]
    rows = [[one["label"], one["read"], one["found"]] for one in found if not TABLES & {one["label"], one["read"]}]
    rows.sort(key=lambda row: (-row[2], row[:2]))
    write_text(OUT, "[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")
    print(f"{len(rows)} confusions in {OUT}")
