"""What it means to run a model: pictures and prompts in, scored texts out."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from unimumer.errors import UnimumerError
from unimumer.imaging import CENTERED, Placement

Picture = NDArray[np.uint8]
"""A decoded picture, [height, width, 3] RGB, upright, opaque; what `imaging.load` gives."""


class EngineError(UnimumerError):
    """A model that cannot be run as asked."""


class RequestError(UnimumerError):
    """One request that a model cannot answer, while it may answer others."""


class Cancelled(UnimumerError):
    """A call that its caller has stopped."""


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a model."""

    picture: Picture
    prompt: str
    """Text after the picture, as `tasks.*.prompt()` gives it."""
    ink: NDArray[np.uint8] | None = None
    """What `imaging.inked` finds in the picture, from a caller who knows it: engines that clean need not look again."""
    placement: Placement = CENTERED
    """How the ink is laid on the sheet that a model sees, by engines that clean."""


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
        counts = (self.max_tokens, self.beams, self.top_k, self.samples, self.seed)
        if any(type(one) is not int for one in counts) or any(
            type(one) not in (int, float) for one in (self.temperature, self.top_p)
        ):
            raise EngineError(f"{self} has a value that is not a number of its kind")
        if self.max_tokens < 1 or self.beams < 1 or self.samples < 1:
            raise EngineError(
                f"max_tokens ({self.max_tokens}), beams ({self.beams}) and samples ({self.samples}) must be at least 1"
            )
        if not (0 <= self.temperature < math.inf and 0 < self.top_p <= 1 and self.top_k >= 0):
            raise EngineError(
                f"temperature ({self.temperature}) must be a number of at least 0, top_p ({self.top_p}) above 0 and at "
                f"most 1, top_k ({self.top_k}) at least 0"
            )
        if not 0 <= self.seed < 2**63:
            raise EngineError(f"the seed ({self.seed}) must be from 0 to 2**63 - 1")
        if self.temperature and self.beams > 1:
            raise EngineError("beam search does not draw: give beams or a temperature, not both")
        if self.samples > 1 and not self.temperature:
            raise EngineError("several samples need a temperature above 0; without one they are all the same")


@dataclass(frozen=True, slots=True)
class Defaults:
    """What suits an engine where its caller says nothing."""

    decoding: Decoding
    batch: int
    """Pictures in one call."""
    most: int
    """More pictures in one call than this are of no use to it."""
    memory: int
    """Bound on the decoded pictures that wait for it, bytes."""
    as_released: Decoding
    """How the commands of the released system decode with it."""
    beams: int = 1
    """Width of the search for a single reading, of which an answer soon counts less than a better one."""


AS_RELEASED = Decoding(max_tokens=2048, temperature=0.2, top_p=0.8, top_k=50)
"""Settings of the released system (its `vllm_infer.py`), which has no seed; its n is 1."""
LARGE = Defaults(Decoding(), batch=4096, most=2**31, memory=4096 << 20, as_released=AS_RELEASED)
"""Of the engines that run published models: a call of many pictures keeps a GPU busy."""

NOT_NUMBERS = "the model's scores are not finite numbers: its weights are damaged, or its dtype is too narrow"
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
    prior: float = 0.0
    """What speaks for the text whatever the picture: log-probability by an engine's language model, as weighted."""

    def __post_init__(self) -> None:
        """Raise RequestError for a score that is not a finite number: what comes of damaged weights is no answer."""
        if not all(map(math.isfinite, (*self.logprobs, self.calibrated or 0.0, self.prior))):
            raise RequestError(NOT_NUMBERS)

    @property
    def logprob(self) -> float:
        """Natural log of the probability of the whole text."""
        return float(sum(self.logprobs))

    @property
    def rank(self) -> float:
        """By which candidates are ranked, the highest first."""
        return self.logprob + self.prior

    @property
    def confidence(self) -> float | None:
        """How sure the text is, 0 to 1: calibrated, else its probability; None when the engine knows neither."""
        if self.calibrated is not None:
            return self.calibrated
        return math.exp(self.logprob) if self.logprobs else None


Check = Literal["parse", "count", "tree", "find", "fix"]
"""What an answer is held against (see `verify`); `parse` costs nothing and always runs."""


@dataclass(frozen=True, slots=True)
class CheckFinding:
    """What one check says about an answer."""

    check: Check
    verdict: Literal["agreed", "disagreed", "malformed"]
    reason: str = ""
    """Why it is malformed, or the marked formula of `find`."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's answer to one request: at least one candidate, the most probable first."""

    candidates: tuple[Text, ...]
    finish: Finish
    """How the best candidate ends."""
    findings: tuple[CheckFinding, ...] = ()
    """One for each check that ran; most engines check nothing."""

    @property
    def best(self) -> Text:
        """The candidate the model prefers."""
        return self.candidates[0]

    @property
    def blank(self) -> bool:
        """Whether nothing was asked, since the picture holds no ink; only some engines look for it."""
        return not self.best.text and not self.best.logprobs


Stop = Callable[[], bool]
"""Asked between the steps of a call; from the moment it says True, nobody wants the answers any more."""


def never() -> bool:
    """Let a call go on to its end."""
    return False


class Engine(Protocol):
    """A model that can be asked. Implementations: `fake`, `nano`, `hf`, `vllm`, `openai`.

    It may be called from several threads at once; an engine whose runtime cannot do that answers one call after
    the other.
    """

    @property
    def name(self) -> str:
        """Model name and version as results should record it, e.g. `nano-0.1`."""

    @property
    def defaults(self) -> Defaults:
        """What suits this engine where its caller says nothing."""

    def generate(self, requests: Sequence[Request], decoding: Decoding, stop: Stop = never) -> list[Answer]:
        """Answer every request, in order. The same requests in the same call give the same answers.

        Raises EngineError when the model cannot be run, RequestError when it is one of the requests that it cannot
        answer, and Cancelled, as soon as it can, once `stop` says True.
        """


def is_calibrated(engine: object) -> bool:
    """Whether its confidences need no word of warning: an engine that has to be calibrated says if it is."""
    return bool(getattr(engine, "calibrated", True))


def ask(
    engine: Engine, requests: Sequence[Request], decoding: Decoding, stop: Stop = never
) -> list[Answer | UnimumerError]:
    """Ask about all requests together; when that fails, about each alone, and an error stands for its answer.

    Whatever a runtime raises on one picture must not cost the others. Raises EngineError and Cancelled as the engine
    does, and EngineError when memory is too small for so many pictures: going on alone would give other answers than
    the same call with more memory.
    """
    if not requests:
        return []
    try:
        given = engine.generate(requests, decoding, stop)
    except (EngineError, Cancelled):
        raise
    except MemoryError as error:
        raise EngineError(f"out of memory with {len(requests)} pictures at once; use smaller batches") from error
    except Exception as error:  # runtimes raise almost anything
        if len(requests) > 1:
            return [answer for one in requests for answer in ask(engine, [one], decoding, stop)]
        if isinstance(error, UnimumerError):
            return [error]
        return [RequestError(f"the model failed: {type(error).__name__}: {error}")]
    if len(given) != len(requests):
        raise EngineError(f"{engine.name} gave {len(given)} answers to {len(requests)} requests")
    return list(given)


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
