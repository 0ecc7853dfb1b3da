"""Reads each picture also slightly turned and laid differently, and takes what all readings find probable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import cos, exp, radians, sin
from statistics import mean

import cv2
import numpy as np

from unimumer.engines.base import Answer, Decoding, Engine, EngineError, Picture, Request, Stop, Text, never
from unimumer.imaging import Placement

_COPIES = (
    (0.0, Placement()),
    (0.0, Placement(zoom=1.1, margin=15, down=0.3, across=0.3)),
    (-3.0, Placement(zoom=0.93)),
)
"""Turns of the copies, counterclockwise degrees, the one that is not turned first, and how they are laid on a sheet.

Of all sets of three of 14 copies, one of them not turned, these gave the right texts the highest share on
CROHME 2013 and real pictures together (Nano 0.7, beams of 4; `docs/log.md`, 28 November 2026).
"""
_BEAMS = 4
"""Candidates a copy gives at least: of one each, hardly any would be common to all."""
_ABSENT = 2.0
"""How far below the least probable candidate of a copy a text is taken to be that is not among them."""
_FLATTER = 0.75
"""Power of the candidates' odds that the confidence is a share of: the copies are too much alike for their full odds.

Fitted on CROHME 2013 and real pictures; see `docs/log.md`, 28 November 2026.
"""
_EVEN = 8
"""Levels by which three quarters of the border may differ from its middle where a picture is one plain drawing."""


class TurningEngine:
    """An engine that asks another about three copies of every picture, and joins their candidates.

    Each copy is read with four beams at least, so it takes three times as long as beam search. Texts are ranked by
    the mean of the log-probabilities they have in the copies, with what speaks for them whatever the picture; each is
    given as the least turned copy has it, and its confidence is its share of all candidates' probability by that,
    flattened as fitted on pictures that were read. It does not draw, and needs an engine that searches by beams.
    """

    def __init__(self, engine: Engine) -> None:
        """Join what `engine` says of the copies."""
        self._engine = engine
        self.name = f"{engine.name}+tta"
        self.defaults = engine.defaults

    def generate(self, requests: Sequence[Request], decoding: Decoding, stop: Stop = never) -> list[Answer]:
        """Answer every request, in order; candidates are those of all copies. Raises EngineError when asked to draw."""
        if decoding.temperature:
            raise EngineError("test-time augmentation joins searches, it does not draw: leave out the temperature")
        search = replace(decoding, beams=max(decoding.beams, _BEAMS))
        copies = [replace(_turned(one, angle), placement=how) for angle, how in _COPIES for one in requests]
        answers = self._engine.generate(copies, search, stop)
        return [joined(answers[i :: len(requests)]) for i in range(len(requests))]


def joined(answers: Sequence[Answer]) -> Answer:
    """One answer from those about copies of one picture, the one that is not turned first; blank when that one is."""
    if answers[0].blank:
        return answers[0]
    found = [{text.text: text for text in reversed(answer.candidates)} for answer in answers if not answer.blank]
    texts = {text: candidate for copy in reversed(found) for text, candidate in copy.items()}
    scores = {text: mean(copy[text].logprob if text in copy else _floor(copy) for copy in found) for text in texts}
    scores = {text: score + texts[text].prior for text, score in scores.items()}
    order = sorted(texts, key=lambda text: -scores[text])
    odds = [exp(_FLATTER * (scores[text] - scores[order[0]])) for text in order]
    ends = [answer.finish for answer in answers if answer.best.text == order[0]]
    candidates = tuple(replace(texts[text], calibrated=one / sum(odds)) for text, one in zip(order, odds))
    return Answer(candidates, ends[0] if ends else "stop")


def _floor(copy: dict[str, Text]) -> float:
    return min(text.logprob for text in copy.values()) - _ABSENT


def _turned(request: Request, degrees: float) -> Request:
    return replace(request, picture=turned(request.picture, degrees), ink=None) if degrees else request


def turned(picture: Picture, degrees: float) -> Picture:
    """Turn a picture [h, w, 3] about its middle, on a sheet that holds all of it, counterclockwise when positive.

    What comes in at the corners goes on as the border does; beside a drawing, whose ink may touch its border, it is
    paper.
    """
    height, width = picture.shape[:2]
    c, s = cos(radians(degrees)), sin(radians(degrees))
    new_width, new_height = round(width * abs(c) + height * abs(s)), round(height * abs(c) + width * abs(s))
    turn = np.array([[c, s, 0.0], [-s, c, 0.0]])
    turn[:, 2] = np.array([new_width, new_height]) / 2 - turn[:, :2] @ (np.array([width, height]) / 2)
    border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])
    paper = np.median(border, axis=0)
    even = 4 * np.mean(np.abs(border - paper).max(axis=1) <= _EVEN) >= 3
    mode = cv2.BORDER_CONSTANT if even else cv2.BORDER_REPLICATE
    sheet = cv2.warpAffine(
        picture, turn, (new_width, new_height), flags=cv2.INTER_LINEAR, borderMode=mode, borderValue=paper.tolist()
    )
    return np.asarray(sheet, np.uint8)
