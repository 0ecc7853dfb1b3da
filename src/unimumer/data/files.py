"""Text files of a dataset, with errors that name the file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from unimumer.data.sample import DataError


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, a byte order mark dropped, line ends as they are.

    Raises DataError when it cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None


def read_object(path: Path) -> dict[str, Any]:
    """The object that a JSON file holds. Raises DataError when it cannot be read, or holds none."""
    text = read_text(path)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not JSON: {error}") from None
    if not isinstance(content, dict):
        raise DataError(f"{path}: expected a JSON object")
    return content


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 with `\\n` as line end, on every system. Raises DataError when that cannot be done."""
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror}") from None
    except UnicodeEncodeError as error:
        raise DataError(f"{path}: {error.object[error.start]!r} is not a character of UTF-8") from None


def read_list(path: Path) -> list[object]:
    """The list that a JSON file holds. Raises DataError for anything else."""
    text = read_text(path)
    try:
        content: object = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise DataError(f"{path}: not JSON: {error.msg} at {where}") from None
    except (RecursionError, ValueError):
        raise DataError(f"{path}: not usable JSON: nested too deeply or a number too long") from None
    if not isinstance(content, list):
        raise DataError(f"{path}: expected a list")
    return content


def write_list(path: Path, items: Sequence[object]) -> None:
    """Write JSON as the released data files have it: four spaces, text as it is, no line end at the end."""
    write_text(path, json.dumps(list(items), indent=4, ensure_ascii=False))
