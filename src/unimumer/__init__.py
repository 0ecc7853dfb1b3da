"""Uni-MuMER, the open system for handwritten mathematics: from pictures and ink to LaTeX."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unimumer.metrics import evaluate
    from unimumer.recognizer import Recognition, Recognizer

SILENT = {
    "ORT_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "DO_NOT_TRACK": "1",
}
"""Nothing that this package uses reports to its makers. Each library reads its variable when it is imported, in this
process or in one started from here, so they are set before any of them can be; what the user has set stays."""
for _name, _value in SILENT.items():
    os.environ.setdefault(_name, _value)

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
