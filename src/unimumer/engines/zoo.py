"""The models that can be run and trained here: what they are made of, what they need, and how well they read."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """What the memory that a model takes depends on."""

    parameters: float
    layers: int
    width: int
    vocabulary: int


@dataclass(frozen=True, slots=True)
class Backbone:
    """A model that Uni-MuMER is trained from, and what the authors' model that came of it reads.

    Names and scores are those of the model zoo in the authors' README (github.com/BFlameSwift/Uni-MuMER,
    2026-04-13; vLLM 0.19.0, temperature 0.2, no seed).
    """

    name: str
    """On the hub, below `Qwen/`, without the ending that says that it follows instructions."""
    license: str
    """Of its weights, which binds whoever uses what is made from them."""
    size: Size
    """Of the language model, from its published configuration; parameters from the published weights (Qwen3.5: counted
    from the configuration, without multi-token prediction)."""
    crohme: tuple[float, float, float] | None = None
    """ExpRate in percent on CROHME 2014, 2016 and 2019 (986, 1,147 and 1,199 expressions); None: not published."""
    average: float | None = None
    """Mean ExpRate in percent over the ten test sets of the zoo."""

    @property
    def model(self) -> str:
        """The authors' model, as `--model` takes it."""
        return f"phxember/Uni-MuMER-{self.name}"

    @property
    def weights_gb(self) -> float:
        """Size of the weights in bfloat16, GB."""
        return round(2e-9 * self.size.parameters, 1)

    @property
    def memory_gb(self) -> int:
        """Memory to plan for, GB: an estimate, weights and a quarter more, and 2 GB for pictures and texts."""
        return math.ceil(2.5e-9 * self.size.parameters + 2)

    @property
    def fetch(self) -> str:
        """The command that puts the model into a folder."""
        return f"hf download {self.model} --local-dir models/{self.model.split('/')[-1]}"


FAMILIES = {"qwen2_5_vl": "Qwen2.5-VL", "qwen3_vl": "Qwen3-VL", "qwen3_5": "Qwen3.5"}
"""Families of backbones by the `model_type` in a model's config.json."""
_APACHE = "Apache-2.0"
_RESEARCH = "Qwen Research License (not for commercial use)"
BACKBONES = {
    "Qwen/Qwen2.5-VL-3B-Instruct": Backbone(
        "Qwen2.5-VL-3B", _RESEARCH, Size(3.75e9, 36, 2048, 151_936), (82.25, 78.29, 79.82), 72.19
    ),
    "Qwen/Qwen2.5-VL-7B-Instruct": Backbone("Qwen2.5-VL-7B", _APACHE, Size(8.29e9, 28, 3584, 152_064)),
    "Qwen/Qwen3.5-2B": Backbone("Qwen3.5-2B", _APACHE, Size(2.21e9, 24, 2048, 248_320), (83.98, 81.17, 80.15), 73.09),
    "Qwen/Qwen3.5-4B": Backbone("Qwen3.5-4B", _APACHE, Size(4.54e9, 32, 2560, 248_320), (82.56, 78.20, 75.98), 71.60),
    "Qwen/Qwen3-VL-2B-Instruct": Backbone(
        "Qwen3-VL-2B", _APACHE, Size(2.13e9, 28, 2048, 151_936), (83.27, 78.55, 79.40), 72.49
    ),
    "Qwen/Qwen3-VL-4B-Instruct": Backbone(
        "Qwen3-VL-4B", _APACHE, Size(4.44e9, 36, 2560, 151_936), (82.35, 79.34, 78.98), 72.11
    ),
}
"""By their names on the hub, as the run files name them."""
