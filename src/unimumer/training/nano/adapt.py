"""Fine-tunes Nano on what one person wrote and corrected, within minutes, without losing what it knew.

A few dozen expressions are learned by heart at once, and what was known is lost as fast. So they are taken apart and
composed anew by `compose`, seen a few times only, and the weights that come out are averaged with those from before:
between two models so near each other the mean keeps most of both (Wortsman and others, 2022).
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from unimumer.compose.corpus import Corpus, person_corpus
from unimumer.compose.formulas import label_of
from unimumer.data.pictured import read_own
from unimumer.data.sample import Rejected
from unimumer.errors import UnimumerError
from unimumer.imaging import clean, fit, load
from unimumer.imaging.scale import CELL
from unimumer.ink import Ink, InkError, label, read_files, read_inks, without_strays
from unimumer.latex import parse
from unimumer.recognizer.symbols import find_symbols
from unimumer.training import TrainingError
from unimumer.training.nano.batches import BatchSource, ExpressionBatch
from unimumer.training.nano.conversation import ConversationWriter
from unimumer.training.nano.model import Nano
from unimumer.training.nano.objective import Objective
from unimumer.training.nano.shape import MAX_COLUMNS, MAX_ROWS, SCALE
from unimumer.training.nano.train import descend, follow, optimizers, set_rate

FEWEST, MOST = 8, 500
"""Expressions that a person has to give, and may give; with more, training is what is wanted."""
_WARM_UP = 10
"""Steps until the rate has its full height."""
_TILT, _SLANT, _GROWTH = 0.03, 0.1, 0.12
"""How far pictures are varied, standard deviations: radians, shear, natural log of the scale."""

Report = Callable[[int, int], None]
"""Told after every step how many pictures have been seen, of how many."""


@dataclass(frozen=True, slots=True)
class AdaptPlan:
    """How far to go. The defaults were chosen on writers of CROHME 2013, others than those reported on."""

    passes: int = 16
    """How often each expression is seen, in one form or another."""
    rate: float = 3e-4
    kept: float = 0.5
    """Share of the old weights in the new ones."""
    cells: int = 1000
    """Visual tokens a step."""
    replay: float = 0.5
    """Share of general expressions among those seen, where a corpus is given."""
    time_budget: float = 600.0
    """Seconds after which no further step is taken."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class OwnExpression:
    """One expression of a person's, as ink or as a picture, with its label."""

    id: str
    label: str
    ink: Ink | None = None
    picture: NDArray[np.uint8] | None = None
    """Cleaned, gray [h, w]; None where there is ink."""


def read_own_expressions(source: Path, left_out: Callable[[str], None]) -> list[OwnExpression]:
    """Labelled expressions: a folder or archive of InkML, each with its LaTeX as its truth, or a folder of pictures.

    Pictures have a list of labels beside them, as `unimumer data convert pictures` reads it. What cannot be read, or
    has no label that Nano could write, is reported to `left_out`. Raises TrainingError for too few or too many, and
    FileError or DataError where `source` is neither.
    """
    is_list = source.is_file() and source.suffix == ".txt"
    has_ink = not is_list and next(read_files(source), None) is not None
    found = list(_inks(source, left_out) if has_ink else _pictures(source, left_out))
    if len(found) < FEWEST:
        raise TrainingError(
            f"{source} has {len(found)} labelled expressions that can be used; {FEWEST} are needed, two dozen do well. "
            'InkML has its LaTeX as <annotation type="truth">, pictures in caption.txt'
        )
    if len(found) > MOST:
        raise TrainingError(
            f"{source} has {len(found)} labelled expressions, more than the {MOST} that a model is adapted to; "
            "train on them with `unimumer train nano --init`"
        )
    return found


def adapt(
    model: Nano,
    tokenizer: Tokenizer,
    own: Sequence[OwnExpression],
    plan: AdaptPlan,
    general: Corpus | None = None,
    report: Report = lambda seen, of: None,
) -> tuple[Nano, int]:
    """Give a model that reads the person better, and how many pictures it saw; `model` stays as it is.

    `general` expressions are seen beside the person's. Raises TrainingError when the loss runs away.
    """
    torch.manual_seed(plan.seed)
    new = copy.deepcopy(model).train()
    objective, average = Objective(new, 1), copy.deepcopy(model)
    movers = optimizers(new, objective.heads, plan.rate)
    wanted = round(plan.passes * len(own) / (1 - (plan.replay if general else 0.0)))
    begun, seen = time.monotonic(), 0
    for step, batch in enumerate(_mixed(tokenizer, own, plan, general)):
        set_rate(movers, plan.rate * min(1.0, (step + 1) / _WARM_UP))
        descend(objective(batch)["text"], new, movers)
        follow(average, new, step)
        seen += len(batch.pictures)
        report(min(seen, wanted), wanted)
        if seen >= wanted or time.monotonic() - begun > plan.time_budget:
            break
    with torch.no_grad():
        for weight, old in zip(average.parameters(), model.parameters()):
            weight.lerp_(old, plan.kept)
    return average.eval(), seen


def stroke_tokens(ink: Ink, text: str) -> tuple[int, ...] | None:
    """For each stroke the index of the token of the label that it writes; None where geometry does not tell for all."""
    boxes = np.array([np.concatenate([stroke.min(axis=0), stroke.max(axis=0)]) for stroke in ink.strokes], np.float64)
    try:
        symbols = find_symbols(parse(text), boxes)
    except UnimumerError:
        return None
    owner = {stroke: symbol.index for symbol in symbols for stroke in symbol.strokes}
    tokens = text.split()
    sound = all(symbol.strokes and tokens[symbol.index : symbol.index + 1] == [symbol.token] for symbol in symbols)
    return tuple(owner[i] for i in range(len(boxes))) if sound and len(owner) == len(boxes) else None


def _inks(source: Path, left_out: Callable[[str], None]) -> Iterator[OwnExpression]:
    for id, ink in read_inks(source):
        try:
            if isinstance(ink, InkError):
                raise ink
            bare = without_strays(Ink(id, ink.strokes))[0]
            yield OwnExpression(id, _writable(id, label(ink, limits=True)), ink=bare)
        except UnimumerError as error:
            left_out(str(error))


def _pictures(source: Path, left_out: Callable[[str], None]) -> Iterator[OwnExpression]:
    for item in read_own(source, "train"):
        try:
            if isinstance(item, Rejected):
                raise TrainingError(f"{item.id}: {item.reason}")
            yield OwnExpression(item.id, _writable(item.id, item.label), picture=clean(load(item.image)))
        except UnimumerError as error:
            named = str(error) if str(error).startswith(item.id) else f"{item.id}: {error}"
            left_out(named)


def _writable(id: str, text: str) -> str:
    """The label in Nano's form. Raises TrainingError for one that it could not write."""
    found = label_of(text)
    if found is None:
        raise TrainingError(f"{id}: its label does not parse, or has what Nano does not write: {text[:80]!r}")
    return found


def _mixed(
    tokenizer: Tokenizer, own: Sequence[OwnExpression], plan: AdaptPlan, general: Corpus | None
) -> Iterator[ExpressionBatch]:
    """Batches for ever: of the person's ink and pictures by their number, and of general expressions."""
    conversation, random = ConversationWriter(tokenizer), np.random.default_rng(plan.seed)
    inked = [(one.ink, one.label) for one in own if one.ink is not None]
    pictured = [(one.picture, one.label) for one in own if one.picture is not None]
    sources: list[tuple[float, Iterator[ExpressionBatch]]] = []
    if inked:
        corpus = person_corpus([(ink, text, stroke_tokens(ink, text)) for ink, text in inked])
        batches = BatchSource(corpus, conversation, (plan.seed,)).expressions(plan.cells, pool=4 * len(inked))
        sources.append((len(inked), batches))
    if pictured:
        sources.append((len(pictured), _varied(pictured, conversation, plan.cells, random)))
    if general is not None:
        replayed = BatchSource(general, conversation, (plan.seed, 1)).expressions(plan.cells, pool=512)
        sources.append((len(own) * plan.replay / (1 - plan.replay), replayed))
    shares = np.array([share for share, _ in sources])
    while True:
        yield next(sources[random.choice(len(sources), p=shares / shares.sum())][1])


def _varied(
    pictured: Sequence[tuple[NDArray[np.uint8], str]],
    conversation: ConversationWriter,
    cells: int,
    random: np.random.Generator,
) -> Iterator[ExpressionBatch]:
    """All pictures, a little turned, slanted and scaled each time, those of like size together, for ever."""
    while True:
        drawn = sorted(((_vary(picture, random), text) for picture, text in pictured), key=lambda one: one[0].size)
        while drawn:
            count = max(1, cells * CELL**2 // drawn[-1][0].size)
            some, drawn = drawn[-count:], drawn[:-count]
            height, width = (max(picture.shape[axis] for picture, _ in some) for axis in (0, 1))
            pads = [((0, height - one.shape[0]), (0, width - one.shape[1])) for one, _ in some]
            sheets = np.stack([np.pad(one, pad, constant_values=255) for (one, _), pad in zip(some, pads)])
            branches = conversation.branches([text for _, text in some], random)
            nothing = np.zeros((len(some), height * width // CELL**2, 1), np.bool_)
            yield ExpressionBatch(sheets, conversation.before, branches, nothing)


def _vary(picture: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """A cleaned picture as the model sees it, turned and slanted around its middle, symbols of another size."""
    tilt, slant, growth = (random.normal(0, 1, 3).clip(-2, 2) * (_TILT, _SLANT, _GROWTH)).tolist()
    matrix = np.array([[1.0, tilt - slant], [-tilt, 1.0]])
    height, width = picture.shape
    sides = np.abs(matrix) @ (width, height)
    shift = sides / 2 - matrix @ (width / 2, height / 2)
    size = (round(float(sides[0])), round(float(sides[1])))
    turned = cv2.warpAffine(picture, np.column_stack([matrix, shift]), size, flags=cv2.INTER_AREA, borderValue=255)
    symbol = SCALE.symbol_pixels * float(np.exp(growth))
    return fit(np.asarray(turned, np.uint8), symbol, MAX_ROWS * CELL, MAX_COLUMNS * CELL)
