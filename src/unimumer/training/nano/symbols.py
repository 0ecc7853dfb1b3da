"""Reads single symbols as ink, a JSON line each: `{"s": name, "k": [[[x, y], …], …]}`, y growing downwards.

That is the form in which Detexify (ODbL 1.0) and mathnote-ocr (Apache-2.0) are at hand here. Detexify names a symbol by
an id; a JSON file beside the lines, `NAME-symbols.json` for `NAME.jsonl.gz`, gives the command of each.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from unimumer.ink import Ink, InkError, Symbol
from unimumer.ink.model import to_stroke
from unimumer.training.nano.alphabet import token_of


def read_symbols(path: Path) -> Iterator[tuple[Ink, str]]:
    """Yield each symbol of the alphabet with its token; others are passed over. Raises InkError with the line."""
    commands = _commands(path)
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            where = f"{path}, line {number}"
            try:
                record = json.loads(line)
                token = token_of(commands.get(record["s"], record["s"]))
                rows = [np.array(stroke, np.float64).reshape(-1, 2).ravel() for stroke in record["k"]]
            except (ValueError, KeyError, TypeError) as error:
                raise InkError(f"{where}: not a symbol as JSON ({error})") from None
            if token is not None:
                strokes = tuple(stroke for row in rows if (stroke := to_stroke(row.tolist(), where)) is not None)
                symbol = Symbol(token, tuple(range(len(strokes))), "")
                yield Ink(f"{path.name.split('.')[0]}-{number}", strokes, (symbol,)), token


def _commands(path: Path) -> dict[str, str]:
    beside = path.with_name(path.name.split(".")[0] + "-symbols.json")
    if not beside.exists():
        return {}
    return {id: about["command"] for id, about in json.loads(beside.read_text(encoding="utf-8")).items()}
