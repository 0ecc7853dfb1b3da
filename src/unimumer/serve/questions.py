"""Reads what clients send: JSON, strokes, data URIs, pictures. What is not understood is refused, not passed over."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from unimumer.export import FORMS
from unimumer.files import refuse_constant, refuse_repeated
from unimumer.imaging import ImageError, decoded_size
from unimumer.ink import Ink, InkError, read_inkml, read_strokes
from unimumer.serve.settings import Refusal, ServeSettings

DRAWN = 1 << 20
"""Bytes that a picture drawn of ink takes, about."""
MOST_VALUES = 300_000
"""Values in one JSON text, twice as many as the largest strokes have; commas are counted before it is parsed."""
_DATA_URI = re.compile(r"data:image/[\w.+-]{1,40}(?:;[\w.+=-]{1,80})*;base64,", re.ASCII)
_SHOWN = 40
"""Characters of a client's own text that an error repeats."""
BEAMS = 8
"""Widest beam search that a client may ask for."""
MOST = 32
"""Pictures in one request, at most."""
Outcome = dict[str, Any] | Refusal
"""What becomes of an item."""


class Item(NamedTuple):
    """One thing to be read."""

    source: bytes | Ink
    """A picture's file, or strokes."""
    weight: int = DRAWN
    """Bytes of the picture once decoded, about."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be read, and what the answer shall hold."""

    items: tuple[Item | Refusal, ...]
    """A refusal stands for one of many that is no picture and no ink."""
    many: bool = False
    """Whether it was asked as a list, even of one."""
    formats: tuple[str, ...] = ()
    beams: int = 1
    page: bool = False
    """Whether each is a page, whose expressions are to be found first."""
    symbols: bool = False
    """Whether the answer says where each token is written."""

    @property
    def sound(self) -> list[Item]:
        """What the model is asked about."""
        return [item for item in self.items if isinstance(item, Item)]


def parse(data: bytes) -> dict[str, Any]:
    """The JSON object of a body. Raises Refusal for anything else, for a key that occurs twice, and for NaN."""
    if data.count(b",") > MOST_VALUES:
        raise Refusal(413, f"the JSON has more than {MOST_VALUES:,} values")
    try:
        document = json.loads(data.decode(), parse_constant=refuse_constant, object_pairs_hook=refuse_repeated)
    except RecursionError:
        raise Refusal(400, "the JSON is nested too deeply") from None
    except ValueError:
        raise Refusal(400, "not JSON in UTF-8, or a key occurs twice in one object, or a number is none") from None
    if not isinstance(document, dict):
        raise Refusal(400, "the JSON must be an object")
    return document


def only(document: Mapping[str, Any], allowed: Iterable[str]) -> None:
    """Raise Refusal when an object has another key than those."""
    unknown = sorted(document.keys() - set(allowed))
    if unknown:
        raise Refusal(400, f"unknown: {', '.join(map(quoted, unknown[:3]))}; known: {', '.join(allowed)}")


def quoted(text: object) -> str:
    """A client's own text, shortened, in ASCII."""
    return ascii(text if isinstance(text, str) and len(text) <= _SHOWN else f"{str(text)[:_SHOWN]}…")


def whole(value: object, name: str, most: int) -> int:
    """A whole number from 1 to `most`. Raises Refusal for anything else."""
    if type(value) is not int or not 1 <= value <= most:
        raise Refusal(400, f"{name} must be a whole number from 1 to {most}")
    return value


def picture(uri: object, settings: ServeSettings) -> Item:
    """The picture of a data URI, whose size has been checked. Raises Refusal; no address is ever fetched."""
    start = _DATA_URI.match(uri) if isinstance(uri, str) else None
    if start is None:
        raise Refusal(400, "a picture is given as data:image/…;base64,…; addresses are not fetched")
    try:
        data = base64.b64decode(start.string[start.end() :], validate=True)
    except (binascii.Error, ValueError):
        raise Refusal(400, "the data URI is not base64") from None
    return checked(data, settings)


def checked(data: bytes, settings: ServeSettings) -> Item:
    """A picture, once its header says that it is one, of a usable size. Raises Refusal."""
    try:
        size = decoded_size(data)
    except ImageError as error:
        raise Refusal(422, str(error)) from None
    if size > settings.max_decoded:
        raise Refusal(413, f"a picture may have {settings.max_decoded / 3e6:.0f} megapixels; send a smaller one")
    return Item(data, size)


def ink(document: object) -> Item:
    """Strokes in any form that `ink.read_strokes` takes. Raises Refusal."""
    try:
        return Item(read_strokes(json.dumps(document), "strokes"))
    except InkError as error:
        raise Refusal(422, str(error)) from None
    except RecursionError:
        raise Refusal(400, "the JSON is nested too deeply") from None


def raw(data: bytes, query: Mapping[str, str], settings: ServeSettings) -> Question:
    """A question whose body is a picture or InkML, its options in the query. Raises Refusal."""
    only(query, ("formats", "beams", "page", "symbols"))
    beams = query.get("beams", "1")
    options: dict[str, Any] = {
        "formats": [name for name in query.get("formats", "").split(",") if name],
        "beams": int(beams) if re.fullmatch("[0-9]{1,3}", beams) else None,
        **{name: {"true": True, "false": False}.get(query.get(name, "false")) for name in ("page", "symbols")},
    }
    try:
        is_ink = data.lstrip().startswith((b"<?xml", b"<ink"))
        item = Item(read_inkml(data, "InkML")) if is_ink else checked(data, settings)
    except InkError as error:
        raise Refusal(422, str(error)) from None
    return Question((item,), **_options(options))


def asked(document: dict[str, Any], settings: ServeSettings) -> Question:
    """A question in JSON: one of `image`, `strokes` and `items`, with what the answer shall hold. Raises Refusal."""
    only(document, ("image", "strokes", "items", "formats", "beams", "page", "symbols"))
    options = _options(document)
    kinds = [name for name in ("image", "strokes", "items") if name in document]
    if len(kinds) != 1:
        raise Refusal(400, "give one of image, strokes and items")
    if kinds != ["items"]:
        return Question((_source(document, settings),), **options)
    items, most = document["items"], min(MOST, settings.queue)
    if not isinstance(items, list) or not 1 <= len(items) <= most:
        raise Refusal(400, f"items must be a list of 1 to {most}")
    return Question(tuple(_item(one, settings) for one in items), many=True, **options)


def _item(one: object, settings: ServeSettings) -> Item | Refusal:
    if not isinstance(one, dict) or len(one) != 1:
        raise Refusal(400, "each of items must be an object with image or strokes")
    only(one, ("image", "strokes"))
    try:
        return _source(one, settings)
    except Refusal as refusal:
        return refusal


def _source(document: Mapping[str, Any], settings: ServeSettings) -> Item:
    return picture(document["image"], settings) if "image" in document else ink(document["strokes"])


def _options(document: Mapping[str, Any]) -> dict[str, Any]:
    formats = document.get("formats", [])
    known = isinstance(formats, list) and all(isinstance(name, str) and name in FORMS for name in formats)
    if not known or len(formats) > len(FORMS):
        raise Refusal(400, f"formats must be a list of {', '.join(FORMS)}")
    wanted = {name: document.get(name, False) for name in ("page", "symbols")}
    for name, value in wanted.items():
        if not isinstance(value, bool):
            raise Refusal(400, f"{name} must be true or false")
    if all(wanted.values()):
        raise Refusal(400, "symbols are those of one expression: ask for them without page")
    return {"formats": tuple(formats), "beams": whole(document.get("beams", 1), "beams", BEAMS), **wanted}
