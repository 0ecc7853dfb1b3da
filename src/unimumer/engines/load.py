"""From a model's name, as a person types it, to an engine that runs it."""

from __future__ import annotations

from pathlib import Path

from unimumer.engines.base import Engine, EngineError


def load_engine(model: str, threads: int | None = None) -> Engine:
    """Load a model: `nano` (the embedded one), a folder that holds a `nano.json`, or `fake` (for tests).

    `threads` bounds the processor threads of one call; None leaves it to the engine. Raises EngineError for
    any other model, and for one whose files cannot be used.
    """
    if model == "fake":
        from unimumer.engines.fake import FakeEngine

        return FakeEngine()
    folder = None if model == "nano" else Path(model)
    if folder is not None and not (folder / "nano.json").is_file():
        raise EngineError(
            f"{model!r} is not a model this version can run: give nano, a folder with a nano.json, "
            "or fake (made-up answers, for tests)"
        )
    from unimumer.engines.nano import NanoEngine

    return NanoEngine.load(folder, threads)
