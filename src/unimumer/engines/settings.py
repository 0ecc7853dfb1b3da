"""How a model is run on this machine: what does not depend on the question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from unimumer.engines.base import EngineError

MAX_PIXELS = 262_144
"""Pixels to which pictures were shrunk in training (`image_max_pixels` of the released run files)."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Settings of all engines; each says which of them it heeds. The defaults suit a first try on any machine."""

    threads: int | None = None
    """nano, hf: processor threads; None: all, at most 4."""
    max_pixels: int = MAX_PIXELS
    """hf, vllm, openai: larger pictures are shrunk to this. A model that states its own scale, as Nano, ignores it."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """hf, vllm: numbers to compute in; auto: bfloat16 on a GPU, float32 on a processor."""
    batch: int = 8
    """hf: texts written at once."""
    tensor_parallel: int = 1
    """vllm: GPUs that share one copy of the model."""
    gpu_memory: float = 0.9
    """vllm: share of each GPU's memory to take, in (0, 1]."""
    max_model_len: int = 4096
    """vllm: tokens of picture, prompt and answer together; at most what the model knows."""
    cpu_cache_gib: int = 2
    """vllm on a processor: GiB for keys and values, unless VLLM_CPU_KVCACHE_SPACE says it."""
    concurrency: int = 8
    """openai: requests under way at once."""
    timeout: float = 120.0
    """openai: seconds for one attempt, from connecting to the last byte."""
    attempts: int = 5
    """openai: tries of one request before it is given up."""

    def __post_init__(self) -> None:
        """Raise EngineError for a setting that no engine could heed."""
        counts = ("max_pixels", "batch", "tensor_parallel", "max_model_len", "cpu_cache_gib", "concurrency", "attempts")
        for name in (*counts, *(["threads"] if self.threads is not None else [])):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise EngineError(f"{name} ({value!r}) must be a whole number of at least 1")
        if not 0 < self.gpu_memory <= 1 or not self.timeout > 0:
            raise EngineError(f"gpu_memory ({self.gpu_memory}) must be in (0, 1], timeout ({self.timeout}) above 0")
