"""Uni-MuMER, the open system for handwritten mathematics: from pictures and ink to LaTeX."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unimumer.metrics import evaluate
    from unimumer.recognizer import Recognition, Recognizer

__all__ = ["Recognition", "Recognizer", "evaluate"]

_HOMES = {"Recognition": "recognizer", "Recognizer": "recognizer", "evaluate": "metrics"}


def __dir__() -> list[str]:
    """Names that tab completion offers."""
    return [*globals(), *__all__]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that importing the package costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
