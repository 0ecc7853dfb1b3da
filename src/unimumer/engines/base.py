"""What it means to run a model: pictures and prompts in, scored texts out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from unimumer.errors import UnimumerError

Picture = NDArray[np.uint8]
"""A decoded picture, [height, width, 3] RGB, upright, opaque; what `imaging.load` gives."""


class EngineError(UnimumerError):
    """A model that cannot be run as asked."""


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model."""

    picture: Picture
    prompt: str
    """Text after the picture, as `tasks.*.prompt()` gives it."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """How to search for the answer. The default, greedy, is deterministic; sampling is too, given the seed."""

    max_tokens: int = 256
    beams: int = 1
    """1 is greedy; more is beam search, whose finished hypotheses become the alternatives."""
    temperature: float = 0.0
    """0 takes the most probable token; above it tokens are drawn, from logits divided by it."""
    top_p: float = 1.0
    """Draw from the fewest tokens that hold this much probability, in (0, 1]."""
    top_k: int = 0
    """Draw from this many most probable tokens; 0 from all."""
    samples: int = 1
    """Texts drawn a request; they become the candidates, the most probable first."""
    seed: int = 0
    """Of drawing."""

    def __post_init__(self) -> None:
        """Raise EngineError for settings that ask for nothing, or for two searches at once."""
        if self.max_tokens < 1 or self.beams < 1 or self.samples < 1:
            raise EngineError(
                f"max_tokens ({self.max_tokens}), beams ({self.beams}) and samples ({self.samples}) must be at least 1"
            )
        if not (0 <= self.temperature < math.inf and 0 < self.top_p <= 1 and self.top_k >= 0):
            raise EngineError(
                f"temperature ({self.temperature}) must not be negative, top_p ({self.top_p}) be above 0 and at most "
                f"1, top_k ({self.top_k}) not be negative"
            )
        if self.temperature and self.beams > 1:
            raise EngineError("beam search does not draw: give beams or a temperature, not both")
        if self.samples > 1 and not self.temperature:
            raise EngineError("several samples need a temperature above 0; without one they are all the same")


AS_RELEASED = Decoding(max_tokens=2048, temperature=0.2, top_p=0.8, top_k=50)
"""How the released system draws its answers (its inference script); it gives no seed."""


@dataclass(frozen=True, slots=True)
class Text:
    """One candidate text with the natural-log probability of each of its tokens, end token included."""

    text: str
    logprobs: tuple[float, ...]
    tokens: tuple[str, ...] = ()
    """The text of each token, the end token empty; engines that do not know leave it out."""

    @property
    def logprob(self) -> float:
        """Natural log of the probability of the whole text."""
        return float(sum(self.logprobs))


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's answer to one request: at least one candidate, the most probable first."""

    candidates: tuple[Text, ...]
    finish: Literal["stop", "length"]
    """`length`: the best candidate was cut off at `max_tokens`."""

    @property
    def best(self) -> Text:
        """The candidate the model prefers."""
        return self.candidates[0]


class Engine(Protocol):
    """A model that can be asked. Implementations: `fake`, `nano`; more to come."""

    @property
    def name(self) -> str:
        """Model name and version as results should record it, e.g. `nano-0.1`."""
        ...

    def generate(self, requests: Sequence[Request], decoding: Decoding) -> list[Answer]:
        """Answer every request, in order. The same requests in the same call give the same answers."""
        ...
