"""Files of predictions, byte for byte in the style of the released ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from unimumer.files import replacing


def write_json_list(path: Path, items: Iterable[Mapping[str, object]]) -> None:
    """Write objects, one after the other, as `json.dumps(items, indent=2, ensure_ascii=False)` would."""
    # A lone surrogate, which UTF-8 cannot hold, comes out as its JSON escape.
    with replacing(path) as part, part.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
        empty = True
        for item in items:
            text = json.dumps(item, indent=2, ensure_ascii=False).replace("\n", "\n  ")
            out.write(("[\n  " if empty else ",\n  ") + text)
            empty = False
        out.write("[]" if empty else "\n]")
