"""The front door: one model, loaded once, that reads pictures and ink: one, many as they come, or awaited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from unimumer.engines.base import (
    Answer,
    Decoding,
    Engine,
    EngineError,
    Request,
    RequestError,
    Stop,
    ask,
    is_calibrated,
    never,
)
from unimumer.engines.load import EngineSettings, load_engine
from unimumer.engines.turning import TurningEngine
from unimumer.errors import UnimumerError
from unimumer.imaging import SEVERAL, TURNED, UPRIGHT, ImageError, flaws
from unimumer.recognizer.page import Page, expressions
from unimumer.recognizer.recognition import INCOMPLETE, MALFORMED, UNCALIBRATED, Part, Reading, Recognition
from unimumer.recognizer.sources import Opened, Source, is_one, opened
from unimumer.recognizer.upright import UNSURE, upright
from unimumer.tasks import recognize

if TYPE_CHECKING:
    from unimumer.verify import Checks, Verified

_MEMORY = 256 << 20
"""Bytes of decoded pictures that are read together, unless a single one has more."""


class Recognizer:
    """Reads pictures and ink with one model. Load it once; it may be used from several threads.

    >>> from unimumer import Recognizer
    >>> Recognizer().recognize("examples/sum.png").latex
    '2+3=5'
    """

    def __init__(
        self,
        model: str | Path | Engine = "nano",
        settings: EngineSettings | None = None,
        *,
        beams: int | None = None,
        tta: bool = False,
        verify: bool | Checks = False,
    ) -> None:
        """Load `model`, or take an engine that is loaded.

        `beams` is the width of its search: 1 is greedy; more is slower, better, and gives alternatives. Unless said,
        the engine chooses: Nano takes four, other engines one.

        `settings` say how it runs on this machine. `tta` (test-time augmentation) reads each picture also turned by
        six degrees either way, with four beams at least, and takes what all three readings find probable: three
        times as long, most often right (docs/inference.md). `verify` holds every reading against what the model says
        when asked in other ways, with all checks or those given; it takes several times as long (docs/verify.md).
        Raises EngineError when the model cannot be loaded, or for anything that is not a model.
        """
        if isinstance(model, (str, Path)):
            self._engine = load_engine(str(model), settings)
        elif hasattr(model, "generate"):
            self._engine = model
        else:
            raise EngineError(f"a model is its name, its folder or an engine, not {type(model).__name__}")
        self._checks = None if verify is False else _checks(verify)
        if not isinstance(tta, bool):
            raise EngineError(f"tta is True or False, not {type(tta).__name__}")
        self._answering: Engine = TurningEngine(self._engine) if tta else self._engine
        self._decoding = Decoding(beams=self._engine.defaults.beams if beams is None else beams)
        # With `tta` a confidence is the reading's share among all that were found, and needs no calibration.
        self.doubts = () if tta or is_calibrated(self._engine) else (UNCALIBRATED,)
        """What makes every reading of this model doubtful; each has it among its warnings."""

    def recognize(self, source: Source, stop: Stop = never) -> Recognition:
        """Read one picture or ink.

        Raises ImageError when it cannot be decoded or holds no ink, InkError for unusable ink, RequestError when the
        model fails on it, EngineError when the model cannot be run, and Cancelled once `stop` says True.
        """
        (result,) = self.recognize_each([source], stop)
        if isinstance(result, UnimumerError):
            raise result
        return result

    async def recognize_async(self, source: Source) -> Recognition:
        """Do what `recognize` does in a thread of its own; the work ends when the awaiting task is cancelled."""
        import asyncio  # late, as verification below: it takes as long to load as a picture to read

        gone = Event()
        try:
            return await asyncio.to_thread(self.recognize, source, gone.is_set)
        finally:
            gone.set()

    def recognize_each(
        self, sources: Iterable[Source | UnimumerError], stop: Stop = never
    ) -> Iterator[Recognition | UnimumerError]:
        """Read any number of sources, several together; give a result or an error for each, in order.

        An error among the sources, of what could not be had, comes back in its place. They are taken as they are
        needed, and of each only what it was given as is kept with its result, so memory stays bounded however many
        there are. Raises EngineError when the model cannot be run at all, and Cancelled once `stop` says True.
        """
        if is_one(sources):
            raise ImageError("recognize_each reads several sources; give a list, or use recognize for one")
        return self._each(sources, stop, again=True)

    def _each(
        self, sources: Iterable[Source | Opened | UnimumerError], stop: Stop, again: bool = False
    ) -> Iterator[Recognition | UnimumerError]:
        """Read the sources; with `again` also the single expressions of those that have several, and turned ones."""
        call: list[tuple[Source | UnimumerError, Opened | UnimumerError]] = []
        held = 0
        for source in sources:
            one = _opened(source)
            size = 0 if isinstance(one, UnimumerError) else one.picture.nbytes
            if call and (len(call) >= self._engine.defaults.batch or held + size > _MEMORY):
                yield from self._read(call, stop, again)
                call, held = [], 0
            call.append((source.picture if isinstance(source, Opened) else source, one))
            held += size
            del one
        yield from self._read(call, stop, again)

    def page(self, source: Source, stop: Stop = never) -> Page:
        """Find the expressions of a page, a picture or ink, and read each.

        Raises as `recognize` does for a page that cannot be read, but for the model's failures on single expressions.
        """
        return self._page(opened(source), stop)

    def _page(self, one: Opened, stop: Stop) -> Page:
        found = list(expressions(one))
        results = list(self._each([part for _, part in found], stop))
        parts = [Part(box, result) for (box, _), result in zip(found, results) if isinstance(result, Recognition)]
        unread = [_unread(box, one) for (box, _), one in zip(found, results) if isinstance(one, UnimumerError)]
        return Page(tuple(parts), tuple(unread))

    def _read(
        self, call: list[tuple[Source | UnimumerError, Opened | UnimumerError]], stop: Stop, again: bool
    ) -> Iterator[Recognition | UnimumerError]:
        """What becomes of sources that are asked about together, in order."""
        sound = [
            (source, one)
            for source, one in call
            if not isinstance(source, UnimumerError) and not isinstance(one, UnimumerError)
        ]
        requests = [Request(one.picture, recognize.prompt(), one.inked) for _, one in sound]
        answers = [_with_ink(answer) for answer in ask(self._answering, requests, self._decoding, stop)]
        if self._checks is None:
            read = [one if isinstance(one, UnimumerError) else self._recognition(one) for one in answers]
        else:
            read = list(self._verified(requests, answers, self._checks, stop))
        whole = [_about(result, source, one) for result, (source, one) in zip(read, sound)]
        if again:
            plain = self._answering is self._engine  # what turned copies have in common is no measure for one alone
            calibrated = [plain and isinstance(a, Answer) and a.best.calibrated is not None for a in answers]
            whole = [self._seen_again(*of, stop) for of in zip(whole, (seen for _, seen in sound), calibrated)]
        results = iter(whole)
        return (one if isinstance(one, UnimumerError) else next(results) for _, one in call)

    def _seen_again(
        self, result: Recognition | UnimumerError, one: Opened, calibrated: bool, stop: Stop
    ) -> Recognition | UnimumerError:
        """A result, that of a turned picture set upright, and the single expressions of one that has several."""
        if isinstance(result, UnimumerError):
            return result
        sure = result.confidence or 0.0
        unsure = calibrated and sure < UNSURE
        if one.ink is None and (unsure or TURNED in result.warnings):
            turned = upright(one, sure, unsure, self._engine, stop)
            if turned is not None:
                (read,) = self._read([(turned.picture, turned)], stop, again=False)
                if isinstance(read, Recognition) and (read.confidence or 0.0) > sure:
                    doubts = (one for one in read.warnings if one != TURNED)
                    one, result = turned, replace(read, warnings=(UPRIGHT, *doubts))
        if SEVERAL not in result.warnings:
            return result
        found = self._page(one, stop).parts
        return replace(result, parts=found) if len(found) > 1 else result

    def _recognition(self, answer: Answer) -> Recognition:
        readings = [Reading.of(text.text, text.confidence) for text in answer.candidates]
        best = recognize.choose([reading.tokens for reading in readings])
        others = tuple(reading for i, reading in enumerate(readings) if i != best)
        return self._finished(readings[best], others, answer.finish == "stop")

    def _finished(
        self, best: Reading, others: tuple[Reading, ...], complete: bool, checks: Verified | None = None
    ) -> Recognition:
        doubts = (*(() if complete else (INCOMPLETE,)), *(() if best.well_formed else (MALFORMED,)), *self.doubts)
        return Recognition(best.tokens, best.confidence, others, self._answering.name, doubts, checks)

    def _verified(
        self, requests: list[Request], answers: list[Answer | UnimumerError], checks: Checks, stop: Stop
    ) -> Iterator[Recognition | UnimumerError]:
        """The readings that stand after the checks, which the model is asked as it is, without turned copies."""
        from unimumer.verify import verified

        sound = [(request, one) for request, one in zip(requests, answers) if not isinstance(one, UnimumerError)]
        results = iter(verified(self._engine, [one for one, _ in sound], [one for _, one in sound], checks, stop))
        for answer in answers:
            yield answer if isinstance(answer, UnimumerError) else self._as_verified(answer, next(results))

    def _as_verified(self, answer: Answer, result: Verified) -> Recognition:
        best, *others = (Reading.of(one.latex, one.confidence) for one in result.candidates)
        return self._finished(best, tuple(others), result.changed or answer.finish == "stop", result)


def _checks(verify: bool | Checks) -> Checks:
    from unimumer.verify import Checks

    if verify is not True and not isinstance(verify, Checks):
        raise EngineError(f"verify is True, False or Checks, not {type(verify).__name__}")
    return Checks() if verify is True else verify


def _with_ink(answer: Answer | UnimumerError) -> Answer | UnimumerError:
    return ImageError("no ink found in the picture") if isinstance(answer, Answer) and answer.blank else answer


def _about(result: Recognition | UnimumerError, source: Source, one: Opened) -> Recognition | UnimumerError:
    """A result with its source, and with what about that makes it doubtful."""
    if isinstance(result, UnimumerError):
        return result
    found = () if one.inked is None else flaws(one.inked)
    return replace(result, warnings=(*found, *result.warnings), source=source)


def _unread(box: tuple[float, float, float, float], error: UnimumerError) -> str:
    """A sentence for whoever sent the page: where, and why, without the names of what failed within."""
    why = "the model failed on it" if isinstance(error, RequestError) else error
    return f"The expression at {box[0]:.0f}, {box[1]:.0f} could not be read: {why}."


def _opened(source: Source | Opened | UnimumerError) -> Opened | UnimumerError:
    try:
        return source if isinstance(source, (Opened, UnimumerError)) else opened(source)
    except UnimumerError as error:
        return error
