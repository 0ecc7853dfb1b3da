"""The front door: a picture in, its LaTeX out, with a confidence and the alternatives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from unimumer.engines.base import Answer, Decoding, Engine, Picture, Request
from unimumer.engines.load import load_engine
from unimumer.engines.turning import TurningEngine
from unimumer.imaging import ImageError, load
from unimumer.ink import INK_READERS, Ink, picture, read_ink, without_strays
from unimumer.tasks import recognize
from unimumer.verify import Checks, Verified, verified

Source = bytes | str | Path | Picture | Ink
"""A picture (encoded bytes, a file, or pixels [h, w, 3] or [h, w]), a file of ink (`.inkml`, `.json`), or ink."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One reading of a picture."""

    latex: str
    confidence: float | None
    """Probability the model gives to this reading as a whole, 0 to 1; None from a server that does not say."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a picture says."""

    latex: str
    """Space-tokenized LaTeX."""
    confidence: float | None
    """Probability the model gives to this reading as a whole, 0 to 1; None from a server that does not say."""
    alternatives: tuple[Alternative, ...]
    """Other readings, best first."""
    well_formed: bool
    """Whether the reading parses as an expression."""
    complete: bool
    """False when the model was stopped before it had finished."""
    model: str
    """Name of the model that read it."""
    checks: Verified | None = None
    """What the checks said; None when none were asked for."""


class Recognizer:
    """Reads pictures with one model. Safe to reuse; load it once.

    >>> from unimumer import Recognizer
    >>> Recognizer().recognize("examples/sum.png").latex  # doctest: +SKIP
    '2 + 3 = 5'
    """

    def __init__(
        self,
        model: str = "nano",
        *,
        beams: int = 1,
        threads: int | None = None,
        tta: bool = False,
        verify: bool | Checks = False,
    ) -> None:
        """Load `model`. More than one beam is slower, a little better, and gives alternatives.

        `tta` (test-time augmentation) reads each picture also turned by six degrees either way, with four beams at
        least, and takes what all three readings find probable: six times as long, most often right
        (docs/inference.md).
        `verify` holds every reading against what the model says when asked in other ways, with all checks or those
        given; it takes several times as long (docs/verify.md). Raises EngineError when the model cannot be loaded.
        """
        engine = load_engine(model, threads)
        self._engine: Engine = TurningEngine(engine) if tta else engine
        self._decoding = Decoding(beams=beams)
        self._checks = Checks() if verify is True else verify or None

    def recognize(self, source: Source) -> Recognition:
        """Read one picture. Raises ImageError when it cannot be decoded or holds no ink, InkError for unusable ink."""
        return self.recognize_all([source])[0]

    def recognize_all(self, sources: Iterable[Source]) -> list[Recognition]:
        """Read several pictures together. Raises ImageError or InkError for the first that cannot be read."""
        requests = [Request(_picture(source), recognize.prompt()) for source in sources]
        answers = self._engine.generate(requests, self._decoding)
        if any(answer.blank for answer in answers):
            raise ImageError("no ink found in the picture")
        if self._checks is None:
            return [self._recognition(answer) for answer in answers]
        results = verified(self._engine, requests, answers, self._checks)
        return [self._as_verified(answer, result) for answer, result in zip(answers, results)]

    def _recognition(self, answer: Answer) -> Recognition:
        readings = [Alternative(recognize.parse(c.text), c.confidence) for c in answer.candidates]
        best = recognize.choose([reading.latex for reading in readings])
        return Recognition(
            latex=readings[best].latex,
            confidence=readings[best].confidence,
            alternatives=tuple(r for i, r in enumerate(readings) if i != best),
            well_formed=recognize.well_formed(readings[best].latex),
            complete=answer.finish == "stop",
            model=self._engine.name,
        )

    def _as_verified(self, answer: Answer, result: Verified) -> Recognition:
        best, *others = result.candidates
        return Recognition(
            latex=best.latex,
            confidence=best.confidence,
            alternatives=tuple(Alternative(other.latex, other.confidence) for other in others),
            well_formed=best.well_formed,
            complete=result.changed or answer.finish == "stop",
            model=self._engine.name,
            checks=result,
        )


def _picture(source: Source) -> Picture:
    """Decode a picture, or draw ink."""
    if isinstance(source, (str, Path)) and Path(source).suffix.lower() in INK_READERS:
        source = read_ink(Path(source))
    return load(picture(without_strays(source)[0]) if isinstance(source, Ink) else source)
