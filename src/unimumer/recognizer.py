"""The front door: pictures or ink in, LaTeX out, each with a confidence, alternatives and, if asked for, checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from unimumer.engines.base import Answer, Decoding, Engine, EngineError, Picture, Request, Stop, ask, never
from unimumer.engines.load import EngineSettings, load_engine
from unimumer.engines.turning import TurningEngine
from unimumer.errors import UnimumerError
from unimumer.imaging import Flaw, ImageError, flaws, load
from unimumer.ink import INK_READERS, Ink, picture, read_ink, without_strays
from unimumer.results import Candidate
from unimumer.tasks import recognize
from unimumer.verify import Checks, Verified, verified

Readable = bytes | str | Path | Picture | Ink
"""A picture (encoded bytes, a file, or pixels [h, w, 3] or [h, w]), a file of ink (`.inkml`, `.json`), or ink."""
_MEMORY = 256 << 20
"""Bytes of decoded pictures that are read together, unless a single one has more."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a picture says."""

    latex: str
    """Space-tokenized LaTeX."""
    confidence: float | None
    """Probability the model gives to this reading as a whole, 0 to 1; None from a server that does not say."""
    alternatives: tuple[Candidate, ...]
    """Other readings, best first."""
    well_formed: bool
    """Whether the reading parses as an expression."""
    complete: bool
    """False when the model was stopped before it had finished."""
    model: str
    """Name of the model that read it."""
    checks: Verified | None = None
    """What the checks said; None when none were asked for."""
    warnings: tuple[Flaw, ...] = ()
    """What about the picture makes the reading doubtful."""


class Recognizer:
    """Reads pictures with one model. Load it once; it may be used from several threads.

    >>> from unimumer import Recognizer
    >>> Recognizer().recognize("examples/sum.png").latex  # doctest: +SKIP
    '2 + 3 = 5'
    """

    def __init__(
        self,
        model: str | Path | Engine = "nano",
        settings: EngineSettings | None = None,
        *,
        beams: int = 1,
        tta: bool = False,
        verify: bool | Checks = False,
    ) -> None:
        """Load `model`, or take an engine that is loaded. More than one beam is slower, better, and gives alternatives.

        `settings` say how it runs on this machine. `tta` (test-time augmentation) reads each picture also turned by
        six degrees either way, with four beams at least, and takes what all three readings find probable: six times
        as long, most often right (docs/inference.md). `verify` holds every reading against what the model says when
        asked in other ways, with all checks or those given; it takes several times as long (docs/verify.md). Raises
        EngineError when the model cannot be loaded, or for anything that is not a model.
        """
        if isinstance(model, (str, Path)):
            self._engine = load_engine(str(model), settings)
        elif hasattr(model, "generate"):
            self._engine = model
        else:
            raise EngineError(f"a model is its name, its folder or an engine, not {type(model).__name__}")
        if not isinstance(verify, (bool, Checks)):
            raise EngineError(f"verify is True, False or Checks, not {type(verify).__name__}")
        self._answering: Engine = TurningEngine(self._engine) if tta else self._engine
        self._decoding = Decoding(beams=beams)
        self._checks = Checks() if verify is True else verify or None

    def recognize(self, source: Readable) -> Recognition:
        """Read one picture.

        Raises ImageError when it cannot be decoded or holds no ink, InkError for unusable ink, RequestError when the
        model fails on it, and EngineError when the model cannot be run.
        """
        (result,) = self.recognize_each([source])
        if isinstance(result, UnimumerError):
            raise result
        return result

    def recognize_each(self, sources: Iterable[Readable], stop: Stop = never) -> Iterator[Recognition | UnimumerError]:
        """Read any number of pictures, several together; give a result or an error for each, in order.

        `sources` are taken as they are needed, so memory stays bounded however many there are. Raises EngineError
        when the model cannot be run at all, and Cancelled once `stop` says True.
        """
        if isinstance(sources, (str, bytes, Path, np.ndarray, Ink)):
            raise ImageError("recognize_each reads several pictures; give a list, or use recognize for one")
        call: list[Picture | UnimumerError] = []
        held = 0
        for source in sources:
            one = _picture(source)
            size = 0 if isinstance(one, UnimumerError) else one.nbytes
            if call and (len(call) >= self._engine.defaults.batch or held + size > _MEMORY):
                yield from self._read(call, stop)
                call, held = [], 0
            call.append(one)
            held += size
            del one
        yield from self._read(call, stop)

    def _read(self, call: list[Picture | UnimumerError], stop: Stop) -> Iterator[Recognition | UnimumerError]:
        """What becomes of pictures that are asked about together, in order."""
        requests = [Request(one, recognize.prompt()) for one in call if not isinstance(one, UnimumerError)]
        answers = [_with_ink(answer) for answer in ask(self._answering, requests, self._decoding, stop)]
        if self._checks is None:
            read = [one if isinstance(one, UnimumerError) else self._recognition(one) for one in answers]
        else:
            read = list(self._verified(requests, answers, self._checks, stop))
        results = iter(read)
        return (one if isinstance(one, UnimumerError) else _with_warnings(next(results), one) for one in call)

    def _recognition(self, answer: Answer) -> Recognition:
        readings = [Candidate(recognize.parse(text.text), text.confidence) for text in answer.candidates]
        best = recognize.choose([reading.latex for reading in readings])
        return Recognition(
            latex=readings[best].latex,
            confidence=readings[best].confidence,
            alternatives=tuple(reading for i, reading in enumerate(readings) if i != best),
            well_formed=recognize.well_formed(readings[best].latex),
            complete=answer.finish == "stop",
            model=self._answering.name,
        )

    def _verified(
        self, requests: list[Request], answers: list[Answer | UnimumerError], checks: Checks, stop: Stop
    ) -> Iterator[Recognition | UnimumerError]:
        """The readings that stand after the checks, which the model is asked as it is, without turned copies."""
        sound = [(request, one) for request, one in zip(requests, answers) if not isinstance(one, UnimumerError)]
        results = iter(verified(self._engine, [one for one, _ in sound], [one for _, one in sound], checks, stop))
        for answer in answers:
            yield answer if isinstance(answer, UnimumerError) else self._as_verified(answer, next(results))

    def _as_verified(self, answer: Answer, result: Verified) -> Recognition:
        best, *others = result.candidates
        return Recognition(
            latex=best.latex,
            confidence=best.confidence,
            alternatives=tuple(Candidate(other.latex, other.confidence) for other in others),
            well_formed=best.well_formed,
            complete=result.changed or answer.finish == "stop",
            model=self._answering.name,
            checks=result,
        )


def _with_ink(answer: Answer | UnimumerError) -> Answer | UnimumerError:
    return ImageError("no ink found in the picture") if isinstance(answer, Answer) and answer.blank else answer


def _with_warnings(result: Recognition | UnimumerError, picture: Picture) -> Recognition | UnimumerError:
    return result if isinstance(result, UnimumerError) else replace(result, warnings=flaws(picture))


def _picture(source: Readable) -> Picture | UnimumerError:
    """Decode a picture, or draw ink; give the error of what is neither."""
    try:
        if isinstance(source, (str, Path)) and Path(source).suffix.lower() in INK_READERS:
            source = read_ink(Path(source))
        return load(picture(without_strays(source)[0]) if isinstance(source, Ink) else source)
    except UnimumerError as error:
        return error
