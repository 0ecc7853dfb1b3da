"""The front door: pictures or ink in any form in, a `Recognition` for each out."""

from unimumer.recognizer.recognition import SCHEMA, Reading, Recognition, SchemaError
from unimumer.recognizer.recognizer import Recognizer
from unimumer.recognizer.sources import Source

__all__ = ["SCHEMA", "Reading", "Recognition", "Recognizer", "SchemaError", "Source"]
