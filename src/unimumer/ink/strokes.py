"""Plain stroke JSON, as drawing canvases send it: lists of points, nothing about symbols or layout."""

from __future__ import annotations

import json
from typing import NoReturn, TypeGuard

from unimumer.ink.model import Ink, InkError, Stroke
from unimumer.ink.points import to_stroke

MAX_JSON_BYTES = 512 * 2**10


def read_strokes(data: bytes | str, id: str) -> Ink:
    """Read strokes from JSON in UTF-8, coordinates in any unit with y growing downwards.

    Three forms are read: `[[[x, y], …], …]`, `{"strokes": [[[x, y], …], …]}` and
    `{"strokes": [{"x": [x, …], "y": [y, …]}, …]}`; other keys are ignored. The form `[[xs], [ys]]` of Quick,
    Draw! is not: a stroke of two points reads the same both ways. Raises InkError, with the place, for JSON
    that is too large, malformed or too deep, for an empty drawing or stroke, for `x` and `y` of different
    lengths and for a coordinate that is not a finite number of usable size.
    """
    document = _parse(data, id)
    strokes = document.get("strokes") if isinstance(document, dict) else document
    if not isinstance(strokes, list):
        raise InkError(f"{id}: expected a list of strokes, or an object with a list named `strokes`")
    if not strokes:
        raise InkError(f"{id}: no strokes")
    return Ink(id, tuple(_stroke(stroke, f"{id}: stroke {i}") for i, stroke in enumerate(strokes)))


def write_strokes(ink: Ink) -> str:
    """The strokes of `ink` as `{"strokes": [[[x, y], …], …]}`; `read_strokes` gives the same points back."""
    strokes = [[[_number(x), _number(y)] for x, y in stroke.astype(str)] for stroke in ink.strokes]
    return json.dumps({"strokes": strokes}, separators=(",", ":"))


def _number(text: str) -> float:
    """The number of a coordinate's shortest text, whole ones without a trailing `.0`."""
    value = float(text)
    return int(value) if value.is_integer() else value


def _parse(data: bytes | str, id: str) -> object:
    try:
        raw = data if isinstance(data, bytes) else data.encode()
        if len(raw) > MAX_JSON_BYTES:
            raise InkError(f"{id}: stroke JSON of {len(raw)} bytes; at most {MAX_JSON_BYTES} are read")
        return json.loads(
            raw.decode("utf-8-sig"),
            parse_int=float,  # so that `true` is not a number, and a thousand digits are infinity
            parse_constant=_refuse,
            object_pairs_hook=_unique,
        )
    except RecursionError:
        raise InkError(f"{id}: stroke JSON is nested too deeply") from None
    except InkError:
        raise
    except ValueError as error:
        raise InkError(f"{id}: not readable as stroke JSON: {error}") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a coordinate")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice in one object")
    return found


def _stroke(stroke: object, where: str) -> Stroke:
    if isinstance(stroke, dict):
        return to_stroke(_columns(stroke, where), where)
    if isinstance(stroke, list):
        return to_stroke(_rows(stroke, where), where)
    raise InkError(f'{where}: expected a list of points or {{"x": […], "y": […]}}')


def _columns(stroke: dict[str, object], where: str) -> list[float]:
    xs, ys = stroke.get("x"), stroke.get("y")
    if not (_is_numbers(xs) and _is_numbers(ys)):
        raise InkError(f"{where}: `x` and `y` must be lists of numbers")
    if len(xs) != len(ys):
        raise InkError(f"{where}: {len(xs)} values of x but {len(ys)} of y")
    return [value for pair in zip(xs, ys) for value in pair]


def _rows(points: list[object], where: str) -> list[float]:
    values: list[float] = []
    for i, point in enumerate(points):
        if not _is_numbers(point) or len(point) != 2:
            raise InkError(f"{where}, point {i}: expected [x, y]")
        values += point
    return values


def _is_numbers(values: object) -> TypeGuard[list[float]]:
    return isinstance(values, list) and all(type(value) is float for value in values)
