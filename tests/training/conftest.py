"""A made-up collection of ink, and a model that trains on it in seconds."""

from __future__ import annotations

from compose.conftest import corpus, structures, write_inkml

__all__ = ["TINY", "corpus", "structures", "write_inkml"]

TINY = {"vision_depth": 2, "vision_width": 64, "vision_heads": 2, "vision_hidden": 96}
TINY |= {"text_depth": 2, "text_width": 64, "text_heads": 4, "text_kv_heads": 2, "text_hidden": 96}
"""Sizes of a model that trains in no time."""
