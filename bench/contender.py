"""Reads pictures with one engine and prints texts and times as JSON; `bench_nano.py` starts it in other environments.

    python bench/contender.py nano|hf|vllm MODEL PICTURES [--threads N] [--count N]

`hf` is transformers' own batched `generate`, with the model and processor that its Auto classes load; `vllm` is
vLLM's offline engine, all pictures in one call; `nano` is our runtime, likewise. Every contender gets the raw pictures
and prepares them as the model wants; loading, and a first small batch, are not timed.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from unimumer.engines.base import Decoding, Picture, Request
from unimumer.imaging import load
from unimumer.tasks import recognize

BATCH = 16
DECODING = Decoding(max_tokens=256)
Reader = Callable[[Sequence[Request]], list[str]]


def nano(model: str, threads: int) -> Reader:
    """Our runtime; `model` is a folder of graphs, or `nano` for the package's own."""
    from unimumer.engines.nano import NanoEngine

    engine = NanoEngine.load(None if model == "nano" else Path(model), threads)
    return lambda requests: [answer.best.text for answer in engine.generate(requests, DECODING)]


def vllm(model: str, threads: int) -> Reader:
    """Load vLLM in this process, so that its processor time counts."""
    os.environ |= {"VLLM_ENABLE_V1_MULTIPROCESSING": "0", "OMP_NUM_THREADS": str(threads)}
    from unimumer.engines.load import EngineSettings
    from unimumer.engines.vllm import VllmEngine

    engine = VllmEngine(model, EngineSettings(threads=threads, max_model_len=1024))
    return lambda requests: [answer.best.text for answer in engine.generate(requests, DECODING)]


def huggingface(model: str, threads: int) -> Reader:
    """Load with transformers' Auto classes; pictures of like size share a batch."""
    import torch
    from transformers import AutoModelForImageTextToText, AutoProcessor

    from unimumer.engines.checkpoint import find_checkpoint

    torch.set_num_threads(threads)
    checkpoint = find_checkpoint(model)
    processor = AutoProcessor.from_pretrained(model, padding_side="left")
    weights = AutoModelForImageTextToText.from_pretrained(model, dtype=torch.float32).eval()

    def read_batch(pictures: Sequence[Picture], prompts: Sequence[str]) -> list[str]:
        chats = [[{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": p}]}] for p in prompts]
        texts = processor.apply_chat_template(chats, tokenize=False, add_generation_prompt=True)
        inputs = processor(text=texts, images=[[p] for p in pictures], padding=True, return_tensors="pt")
        with torch.inference_mode():
            ids = weights.generate(**inputs, max_new_tokens=DECODING.max_tokens, do_sample=False)
        return list(processor.batch_decode(ids[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True))

    def read(requests: Sequence[Request]) -> list[str]:
        pictures = [checkpoint.prepared(request, 262_144) for request in requests]
        order = sorted(range(len(requests)), key=lambda i: pictures[i].size)
        found: dict[int, str] = {}
        for begin in range(0, len(order), BATCH):
            members = order[begin : begin + BATCH]
            texts = read_batch([pictures[i] for i in members], [requests[i].prompt for i in members])
            found |= zip(members, texts)
        return [found[i] for i in range(len(requests))]

    return read


RUNNERS = {"nano": nano, "hf": huggingface, "vllm": vllm}


def main() -> None:
    """Print one JSON object: texts, seconds, and seconds of processor time."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("runner", choices=RUNNERS)
    arguments.add_argument("model")
    arguments.add_argument("pictures", type=Path)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--count", type=int, default=200)
    given = arguments.parse_args()
    files = sorted(p for p in given.pictures.iterdir() if p.suffix in (".png", ".jpg"))[: given.count]
    requests = [Request(load(path), recognize.prompt()) for path in files]
    read = RUNNERS[given.runner](given.model, given.threads)
    read(requests[:4])
    begun, used = time.perf_counter(), time.process_time()
    texts = read(requests)
    spent = {"seconds": time.perf_counter() - begun, "processor": time.process_time() - used}
    print(json.dumps({"texts": texts, **spent}))


if __name__ == "__main__":
    main()
