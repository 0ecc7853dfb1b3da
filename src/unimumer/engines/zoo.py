"""The published models: what they are, what they need, and how well they read."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Published:
    """A model that this package can run.

    Names, sizes and scores are those of the model zoo in the authors' README (github.com/BFlameSwift/Uni-MuMER,
    2026-04-13; vLLM 0.19.0, temperature 0.2, no seed). Nano's are measured here (models/nano/README.md).
    """

    name: str
    """As `--model` takes it."""
    backbone: str
    license: str
    """Of the weights it is made from, which binds whoever uses it; its own page may ask for more."""
    parameters: float
    """Billions."""
    crohme: tuple[float, float, float] | None
    """ExpRate in percent on CROHME 2014, 2016 and 2019 (986, 1,147 and 1,199 expressions); None: not published."""
    average: float | None
    """Mean ExpRate in percent over the ten test sets of the zoo."""

    @property
    def weights_gb(self) -> float:
        """Size of the weights in bfloat16, GB."""
        return round(2 * self.parameters, 1)

    @property
    def memory_gb(self) -> int:
        """Memory to plan for, GB: an estimate, weights and a quarter more, and 2 GB for pictures and texts."""
        return math.ceil(2.5 * self.parameters + 2)

    @property
    def fetch(self) -> str:
        """The command that puts it into a folder."""
        return f"hf download {self.name} --local-dir models/{self.name.split('/')[-1]}"


_APACHE = "Apache-2.0"
_RESEARCH = "Qwen Research License (not for commercial use)"

ZOO = (
    Published("phxember/Uni-MuMER-Qwen2.5-VL-3B", "Qwen2.5-VL-3B", _RESEARCH, 3.4, (82.25, 78.29, 79.82), 72.19),
    Published("phxember/Uni-MuMER-Qwen2.5-VL-7B", "Qwen2.5-VL-7B", _APACHE, 8.3, None, None),
    Published("phxember/Uni-MuMER-Qwen3.5-2B", "Qwen3.5-2B", _APACHE, 2.2, (83.98, 81.17, 80.15), 73.09),
    Published("phxember/Uni-MuMER-Qwen3.5-4B", "Qwen3.5-4B", _APACHE, 4.5, (82.56, 78.20, 75.98), 71.60),
    Published("phxember/Uni-MuMER-Qwen3-VL-2B", "Qwen3-VL-2B", _APACHE, 2.1, (83.27, 78.55, 79.40), 72.49),
    Published("phxember/Uni-MuMER-Qwen3-VL-4B", "Qwen3-VL-4B", _APACHE, 4.4, (82.35, 79.34, 78.98), 72.11),
)
