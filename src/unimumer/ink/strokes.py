"""Plain stroke JSON, as drawing canvases send it: lists of points, nothing about symbols or layout."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn, TypeGuard

import numpy as np

from unimumer.files import refuse_repeated
from unimumer.ink.model import Ink, InkError, to_stroke

MAX_JSON_BYTES = 512 * 2**10


def read_strokes(data: bytes | str | Sequence[Any] | Mapping[str, Any], id: str) -> Ink:
    """Read strokes from JSON in UTF-8, coordinates in any unit with y growing downwards.

    Lists and dictionaries, also with NumPy arrays in them, are read as the document they are.
    The document is a list of strokes, or an object that has it as `strokes`. A stroke is
    - a list of points `[x, y]` or `{"x": x, "y": y}`,
    - an object that has such a list as `points`, as signature_pad's `toData()` gives it,
    - or an object of lists, `{"x": [x, …], "y": [y, …]}`.
    All strokes may also stand in one object, `{"x": [[x, …], …], "y": [[y, …], …]}`, below one or two `strokes`,
    as Mathpix takes them. A third value of a point is its time or pressure; it is left out, as are other keys.
    Strokes without points are left out.

    Lists of x and of y, `[[x, …], [y, …]]` as in Quick, Draw!, are not read: two points, or three with a third
    value, look the same. Raises InkError, with the place, where that is so, for JSON that is too large, malformed
    or too deep, for a drawing without points, for `x` and `y` of different lengths, and for a coordinate that is
    not a finite number of usable size.
    """
    document = _parse(data, id)
    for _ in range(2):
        document = document.get("strokes", document) if isinstance(document, dict) else document
    strokes = list(_columns_of_all(document, id)) if isinstance(document, dict) else document
    if not isinstance(strokes, list):
        raise InkError(f"{id}: expected a list of strokes, or an object with a list named `strokes`")
    rows = [_values(stroke, f"{id}: stroke {i}") for i, stroke in enumerate(strokes)]
    _refuse_ambiguous(strokes, id)
    found = [to_stroke(values, f"{id}: stroke {i}") for i, values in enumerate(rows)]
    ink = tuple(stroke for stroke in found if stroke is not None)
    if not ink:
        raise InkError(f"{id}: no strokes with points")
    return Ink(id, ink)


def write_strokes(ink: Ink) -> str:
    """The strokes of `ink` as `{"strokes": [[[x, y], …], …]}`; `read_strokes` gives the same points back."""
    strokes = [[[_number(x), _number(y)] for x, y in stroke.astype(str)] for stroke in ink.strokes]
    return json.dumps({"strokes": strokes}, separators=(",", ":"))


def _number(text: str) -> float:
    """The number of a coordinate's shortest text, whole ones without a trailing `.0`."""
    value = float(text)
    return int(value) if value.is_integer() else value


def _parse(data: bytes | str | Sequence[Any] | Mapping[str, Any], id: str) -> object:
    try:
        given = isinstance(data, (bytes, str))
        text = data if isinstance(data, (bytes, str)) else json.dumps(data, default=_listed)
        raw = text if isinstance(text, bytes) else text.encode()
        if given and len(raw) > MAX_JSON_BYTES:
            raise InkError(f"{id}: stroke JSON of {len(raw)} bytes; at most {MAX_JSON_BYTES} are read")
        return json.loads(
            raw.decode("utf-8-sig"),
            parse_int=float,  # so that `true` is not a number, and a thousand digits are infinity
            parse_constant=_refuse,
            object_pairs_hook=refuse_repeated,
        )
    except RecursionError:
        raise InkError(f"{id}: stroke JSON is nested too deeply") from None
    except InkError:
        raise
    except (ValueError, TypeError) as error:
        raise InkError(f"{id}: not readable as stroke JSON: {error}") from None


def _listed(value: object) -> object:
    """A NumPy array or number in Python's own types."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is no list of numbers")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a coordinate")


def _columns_of_all(document: dict[str, object], id: str) -> Iterator[object]:
    """Strokes of `{"x": [[…], …], "y": [[…], …]}`, each as an object of its own."""
    xs, ys = document.get("x"), document.get("y")
    if not (isinstance(xs, list) and isinstance(ys, list) and all(isinstance(x, list) for x in [*xs, *ys])):
        raise InkError(f"{id}: expected a list of strokes, or an object with a list named `strokes`")
    if len(xs) != len(ys):
        raise InkError(f"{id}: {len(xs)} strokes of x but {len(ys)} of y")
    yield from ({"x": x, "y": y} for x, y in zip(xs, ys))


def _values(stroke: object, where: str) -> list[float]:
    """The coordinates x, y, x, y, … of one stroke."""
    if isinstance(stroke, dict) and "points" in stroke:
        if "x" in stroke or "y" in stroke:
            raise InkError(f"{where}: `points` or `x` and `y`, not both")
        stroke = stroke["points"]
    elif isinstance(stroke, dict):
        return _columns(stroke, where)
    if not isinstance(stroke, list):
        raise InkError(f'{where}: expected a list of points or {{"x": […], "y": […]}}')
    return [value for i, point in enumerate(stroke) for value in _position(point, f"{where}, point {i}")]


def _columns(stroke: dict[str, object], where: str) -> list[float]:
    xs, ys = stroke.get("x"), stroke.get("y")
    if not (_is_numbers(xs) and _is_numbers(ys)):
        raise InkError(f"{where}: `x` and `y` must be lists of numbers")
    if len(xs) != len(ys):
        raise InkError(f"{where}: {len(xs)} values of x but {len(ys)} of y")
    return [value for pair in zip(xs, ys) for value in pair]


def _position(point: object, where: str) -> list[float]:
    values = [point.get("x"), point.get("y")] if isinstance(point, dict) else point
    if not _is_numbers(values) or len(values) not in (2, 3):
        raise InkError(f'{where}: expected [x, y], [x, y, time] or {{"x": x, "y": y}}')
    return values[:2]


def _refuse_ambiguous(strokes: list[object], id: str) -> None:
    """Points with a third value must be told from lists of x, of y and perhaps of time, three values long."""
    lists = [stroke for stroke in strokes if isinstance(stroke, list) and stroke]
    widths = {len(point) for stroke in lists for point in stroke if isinstance(point, list)}
    if len(widths) > 1:
        raise InkError(f"{id}: some points have a third value and some have none; are these lists of x and of y?")
    if widths == {3} and all(len(stroke) in (2, 3) for stroke in lists):
        raise InkError(
            f"{id}: points [x, y, time], or lists of x and of y? Strokes of two or three points can be read both "
            'ways; send {"x": […], "y": […]}'
        )


def _is_numbers(values: object) -> TypeGuard[list[float]]:
    return isinstance(values, list) and all(type(value) is float for value in values)
