"""The front door: one model, loaded once, that reads pictures and ink: one, many as they come, or awaited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import cv2

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
from unimumer.imaging import SEVERAL, TURNED, UPRIGHT, ImageError, flaws, slope
from unimumer.recognizer.page import Page, expressions
from unimumer.recognizer.recognition import INCOMPLETE, MALFORMED, UNCALIBRATED, Part, Reading, Recognition
from unimumer.recognizer.sources import Opened, Source, is_one, opened
from unimumer.tasks import recognize

if TYPE_CHECKING:
    from unimumer.verify import Checks, Verified

_MEMORY = 256 << 20
"""Bytes of decoded pictures that are read together, unless a single one has more."""
_UNSURE = 0.3
"""Confidence below which writing may stand in any position, where the engine is calibrated."""
_LEAST, _SURER = 0.2, 3.0
"""Confidence in another position, at least, and how many times it is that of the position given: on its head
3 = 9 - x is still an equation."""
_LONG = 2.5
"""Ink that is so many times as long as it is broad stands along that direction."""


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

        `settings` say how it runs on this machine. `tta` (test-time augmentation) reads each picture also larger, and
        turned a little, with four beams at least, and takes what all three readings find probable: three times as
        long, and better (docs/inference.md). `verify` holds every reading against what the model says
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
        call: list[tuple[Source, Opened] | UnimumerError] = []
        held = 0
        for source in sources:
            one = _opened(source)
            size = 0 if isinstance(one, UnimumerError) else one[1].picture.nbytes
            if call and (len(call) >= self._engine.defaults.batch or held + size > _MEMORY):
                yield from self._read(call, stop, again)
                call, held = [], 0
            call.append(one)
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
        self, call: list[tuple[Source, Opened] | UnimumerError], stop: Stop, again: bool
    ) -> Iterator[Recognition | UnimumerError]:
        """What becomes of sources that are asked about together, in order."""
        sound = [one for one in call if not isinstance(one, UnimumerError)]
        requests = [Request(one.picture, recognize.prompt(), one.inked) for _, one in sound]
        answers = ask(self._answering, requests, self._decoding, stop)
        checked = self._verified(requests, answers, stop)
        read = [self._result(*of, stop, again) for of in zip(sound, answers, checked)]
        results = iter(read)
        return (one if isinstance(one, UnimumerError) else next(results) for one in call)

    def _verified(
        self, requests: list[Request], answers: list[Answer | UnimumerError], stop: Stop
    ) -> Iterator[Verified | None]:
        """What the checks say to each answer, which ask the model as it is, without turned copies; None unasked."""
        if self._checks is None:
            return repeat(None)
        from unimumer.verify import verified

        sound = {i: one for i, one in enumerate(answers) if not isinstance(one, UnimumerError)}
        asked = [requests[i] for i in sound]
        found = dict(zip(sound, verified(self._engine, asked, [*sound.values()], self._checks, stop)))
        return (found.get(i) for i in range(len(answers)))

    def _result(
        self,
        of: tuple[Source, Opened],
        answer: Answer | UnimumerError,
        checks: Verified | None,
        stop: Stop,
        again: bool,
    ) -> Recognition | UnimumerError:
        """What an answer says of a source, with what makes it doubtful; `again` is that of `_each`."""
        if isinstance(answer, UnimumerError):
            return answer
        if answer.blank:
            return ImageError("no ink found in the picture")
        source, one = of
        if checks is None:
            readings = [Reading.of(text.text, text.confidence) for text in answer.candidates]
            readings.insert(0, readings.pop(recognize.choose([reading.tokens for reading in readings])))
        else:
            readings = [Reading.of(reading.latex, reading.confidence) for reading in checks.candidates]
        best, *others = readings
        doubts = [*(() if one.inked is None else flaws(one.inked))]
        if answer.finish != "stop" and not (checks and checks.changed):
            doubts.append(INCOMPLETE)
        if not best.well_formed:
            doubts.append(MALFORMED)
        result = Recognition(
            best.tokens,
            best.confidence,
            tuple(others),
            self._answering.name,
            (*doubts, *self.doubts),
            checks,
            source=source,
        )
        # What turned copies have in common is no measure for one alone.
        calibrated = self._answering is self._engine and answer.best.calibrated is not None
        return self._seen_again(result, one, calibrated, stop) if again else result

    def _seen_again(self, result: Recognition, one: Opened, calibrated: bool, stop: Stop) -> Recognition:
        """A result, that of a turned picture set upright, and the single expressions of one that has several."""
        sure = result.confidence or 0.0
        unsure = calibrated and sure < _UNSURE
        if one.ink is None and (unsure or TURNED in result.warnings):
            turned = _upright(one, sure, unsure, self._engine, stop)
            if turned is not None:
                (read,) = self._read([(turned.picture, turned)], stop, again=False)
                if isinstance(read, Recognition) and (read.confidence or 0.0) > sure:
                    doubts = (one for one in read.warnings if one != TURNED)
                    one, result = turned, replace(read, warnings=(UPRIGHT, *doubts))
        if SEVERAL not in result.warnings:
            return result
        found = self._page(one, stop).parts
        return replace(result, parts=found) if len(found) > 1 else result


def _checks(verify: bool | Checks) -> Checks:
    from unimumer.verify import Checks

    if verify is not True and not isinstance(verify, Checks):
        raise EngineError(f"verify is True, False or Checks, not {type(verify).__name__}")
    return Checks() if verify is True else verify


def _unread(box: tuple[float, float, float, float], error: UnimumerError) -> str:
    """A sentence for whoever sent the page: where, and why, without the names of what failed within."""
    why = "the model failed on it" if isinstance(error, RequestError) else error
    return f"The expression at {box[0]:.0f}, {box[1]:.0f} could not be read: {why}."


def _opened(source: Source | Opened | UnimumerError) -> tuple[Source, Opened] | UnimumerError:
    """A source with what a model sees of it, or an error."""
    if isinstance(source, Opened):
        return source.picture, source
    try:
        return source if isinstance(source, UnimumerError) else (source, opened(source))
    except UnimumerError as error:
        return error


def _upright(one: Opened, confidence: float, unsure: bool, engine: Engine, stop: Stop) -> Opened | None:
    """The picture in the position in which `engine` reads it surer than with `confidence`; None where that is as given.

    Tried are a tilt that the ink shows, and where the reading is `unsure` the other three sides, one reading each.
    """
    tilt = _tilt(one)
    turns = {turn: confidence for turn in ([-tilt, 180 - tilt] if abs(tilt) > 44 else [-tilt] if tilt else [])}
    if unsure:
        others = [turn - _tilt(one.turned(turn)) for turn in _sides(one)]
        turns = dict.fromkeys(others, max(_LEAST, _SURER * confidence)) | turns
    if not turns:
        return None
    copies = [one.turned(turn) for turn in turns]
    requests = [Request(copy.picture, recognize.prompt(), copy.inked) for copy in copies]
    answers = ask(engine, requests, Decoding(), stop)
    gains = [
        (answer.best.confidence or 0.0) / max(need, 1e-9) if isinstance(answer, Answer) else 0.0
        for answer, need in zip(answers, turns.values())
    ]
    best = max(range(len(gains)), key=gains.__getitem__)
    return copies[best] if gains[best] > 1 else None


def _tilt(one: Opened) -> int:
    return 0 if one.inked is None else slope(one.inked)


def _sides(one: Opened) -> tuple[int, ...]:
    """By how many degrees writing has to be turned that is long, and stands along its length or is on its head."""
    if one.inked is None:
        return ()
    width, height = cv2.boundingRect(one.inked)[2:]
    return (180,) if width > _LONG * height else (90, -90) if height > _LONG * width else (90, 180, -90)
