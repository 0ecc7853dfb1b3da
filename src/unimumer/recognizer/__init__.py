"""The front door: pictures or ink in any form in, a `Recognition` for each out."""

from unimumer.recognizer.page import Page
from unimumer.recognizer.recognition import SCHEMA, Part, Reading, Recognition, SchemaError
from unimumer.recognizer.recognizer import Recognizer
from unimumer.recognizer.sources import Source
from unimumer.recognizer.symbols import WrittenSymbol

__all__ = [
    "SCHEMA",
    "Page",
    "Part",
    "Reading",
    "Recognition",
    "Recognizer",
    "SchemaError",
    "Source",
    "WrittenSymbol",
]
