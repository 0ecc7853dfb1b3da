"""What it means to run a model: pictures and prompts in, scored texts out."""

from __future__ import annotations

import hashlib
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
    """Texts drawn a request; they become the candidates, the most probable first. Equal ones are kept: how often a
    text is drawn says something, and whoever wants different ones can leave out the others."""
    seed: int = 0
    """Of drawing, at least 0. What is drawn follows from it, the request and the number of the sample; which other
    requests are in the call does not matter, but for rounding."""

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
        if not 0 <= self.seed < 2**63:
            raise EngineError(f"the seed ({self.seed}) must be from 0 to 2**63 - 1")
        if self.temperature and self.beams > 1:
            raise EngineError("beam search does not draw: give beams or a temperature, not both")
        if self.samples > 1 and not self.temperature:
            raise EngineError("several samples need a temperature above 0; without one they are all the same")


AS_RELEASED = Decoding(max_tokens=2048, temperature=0.2, top_p=0.8, top_k=50)
"""Settings of the released system (its `vllm_infer.py`), which has no seed; its n is 1."""

Finish = Literal["stop", "length", "repetition"]
"""Why a text ends: by itself, at `max_tokens`, or in a loop that was cut (see `repetition`)."""


@dataclass(frozen=True, slots=True)
class Text:
    """One candidate text with the natural-log probability of each of its tokens, end token included."""

    text: str
    logprobs: tuple[float, ...]
    """By the model itself, before temperature; none from an engine that does not know."""
    tokens: tuple[str, ...] = ()
    """The text of each token, the end token empty; engines that do not know leave it out."""
    calibrated: float | None = None
    """How often such texts are right, 0 to 1, where the engine has been calibrated."""

    @property
    def logprob(self) -> float:
        """Natural log of the probability of the whole text."""
        return float(sum(self.logprobs))

    @property
    def confidence(self) -> float | None:
        """How sure the text is, 0 to 1: calibrated, else its probability; None when the engine knows neither."""
        if self.calibrated is not None:
            return self.calibrated
        return math.exp(self.logprob) if self.logprobs else None


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's answer to one request: at least one candidate, the most probable first."""

    candidates: tuple[Text, ...]
    finish: Finish
    """How the best candidate ends."""

    @property
    def best(self) -> Text:
        """The candidate the model prefers."""
        return self.candidates[0]

    @property
    def blank(self) -> bool:
        """Whether nothing was asked, since the picture holds no ink; only some engines look for it."""
        return not self.best.text and not self.best.logprobs


class Engine(Protocol):
    """A model that can be asked. Implementations: `fake`, `nano`, `hf`, `vllm`, `openai`."""

    @property
    def name(self) -> str:
        """Model name and version as results should record it, e.g. `nano-0.1`."""
        ...

    def generate(self, requests: Sequence[Request], decoding: Decoding) -> list[Answer]:
        """Answer every request, in order. The same requests in the same call give the same answers."""
        ...


def request_key(request: Request) -> str:
    """Name a request by its content (picture shape, pixels, prompt), in hex."""
    height, width = request.picture.shape[:2]
    digest = hashlib.sha256(f"{height} {width} ".encode())
    digest.update(request.picture.tobytes())
    digest.update(request.prompt.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def request_seed(request: Request, seed: int) -> int:
    """Seed of what is drawn for one request, 0 to 2**62 - 1: the decoding's, mixed with the request's content."""
    return int(hashlib.sha256(f"{seed} {request_key(request)}".encode()).hexdigest()[:16], 16) % 2**62
