"""Small folders of pictures and prompts, and engines that show what a run does to them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from unimumer.batch import BatchPlan, Local, Prompts, Summary, check_prompts, run
from unimumer.engines.base import Answer, Decoding, Engine, Request, Text
from unimumer.engines.fake import request_key


def record(image: str, label: str = "x + 1") -> dict[str, object]:
    question = {"from": "human", "value": "<image>Please read it."}
    return {"images": [image], "messages": [question, {"from": "gpt", "value": label}]}


class Whole:
    """Answers depend on the whole call, as a real engine's last digits do; it remembers the calls."""

    name = "whole"

    def __init__(self) -> None:
        self.calls: list[int] = []

    def generate(self, requests: Sequence[Request], decoding: Decoding, *_: object) -> list[Answer]:
        self.calls.append(len(requests))
        call = hashlib.sha256("".join(map(request_key, requests)).encode()).hexdigest()
        texts = [hashlib.sha256((call + request_key(one)).encode()).hexdigest()[:6] for one in requests]
        return [Answer((Text(" ".join(text), (-int(text, 16) / 2**24,)),), "stop") for text in texts]


class Bench:
    """A folder with pictures and prompts, and a folder for results."""

    def __init__(self, folder: Path) -> None:
        self.root, self.output = folder / "root", folder / "output"
        self.root.mkdir()
        self.output.mkdir()

    def picture(self, name: str, seed: int = 0) -> str:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(seed).integers(0, 256, (6, 9, 3), np.uint8)
        Image.fromarray(pixels).save(path, "PNG")
        return name

    def prompts(self, images: Sequence[str], name: str = "set.json") -> Prompts:
        path = self.root / name
        path.write_text(json.dumps([record(image) for image in images]), encoding="utf-8")
        return check_prompts(path)

    def pictures(self, count: int) -> Prompts:
        return self.prompts([self.picture(f"p{seed}.png", seed) for seed in range(count)])

    def run(
        self,
        prompts: Prompts,
        engine: Engine,
        *,
        batch_size: int = 4,
        beams: int = 1,
        force: bool = False,
        **others: Any,
    ) -> Summary:
        plan = BatchPlan(Local(engine), self.output, self.root, Decoding(beams=beams), batch_size, force=force)
        return run(prompts, replace(plan, **others))

    def files(self) -> dict[str, bytes]:
        paths = sorted(self.output.iterdir())
        return {path.name: path.read_bytes() for path in paths if path.suffix != ".lock"}

    def items(self, name: str = "set") -> list[dict[str, str]]:
        return list(json.loads((self.output / f"{name}_pred.json").read_text(encoding="utf-8")))

    def journal(self, name: str = "set") -> list[dict[str, object]]:
        lines = (self.output / f"{name}_items.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def whole() -> Callable[[], Whole]:
    return Whole
