"""What it means to run a model: pictures and prompts in, scored texts out."""

from __future__ import annotations

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
    """How to search for the answer. The default, greedy, is deterministic."""

    max_tokens: int = 256
    beams: int = 1
    """1 is greedy; more is beam search, whose finished hypotheses become the alternatives."""

    def __post_init__(self) -> None:
        """Raise EngineError for settings that ask for nothing."""
        if self.max_tokens < 1 or self.beams < 1:
            raise EngineError(f"max_tokens ({self.max_tokens}) and beams ({self.beams}) must be at least 1")


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
