"""Runs a file of prompts through an engine: in bounded memory, resumable, never stopped by one picture."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from unimumer.batch.errors import BatchError
from unimumer.batch.journal import Journal, Outcome, Settings
from unimumer.batch.pictures import load_ahead
from unimumer.batch.predictions import write_json_list
from unimumer.batch.prompts import PromptsFile, Record
from unimumer.data import read_prompts
from unimumer.engines.base import Answer, Decoding, Engine, EngineError, Picture, Request
from unimumer.environment import own_version
from unimumer.errors import UnimumerError
from unimumer.tasks import recognize

SHOWN_FAILURES = 20

_Loaded = tuple[Record, Picture | UnimumerError]


@dataclass(frozen=True, slots=True)
class Plan:
    """How to run files of prompts."""

    engine: Engine
    output: Path
    """Folder of journals and results; it exists."""
    image_root: Path
    """Folder that the paths of pictures start from."""
    decoding: Decoding
    batch_size: int
    """Pictures in one call of the engine, at least 1; all of them are in memory at once."""
    force: bool = False
    """Begin afresh whatever the journal holds."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How a run over one file ended."""

    predictions: Path
    """The file of predictions."""
    report: Path
    """Where the report on them belongs; this room does not know how to score."""
    count: int
    """Records in the file; each is either done, now or before, or failed."""
    done: int
    """Answered by this run."""
    before: int
    """Answered by an earlier run, and not asked again."""
    failed: int
    cut: int
    """Answers, of this and earlier runs, cut off at the limit of tokens or in a loop."""
    seconds: float
    """Wall time spent on the pictures of this run."""
    failures: tuple[Outcome, ...]
    """The first `SHOWN_FAILURES` that failed, with their reasons."""


def run(prompts: PromptsFile, plan: Plan, progress: Callable[[int], object] = lambda _: None) -> Summary:
    """Answer every record of a file of prompts and write `<name>_pred.json`, a list as the released system's.

    The journal `<name>_items.jsonl` beside it holds every finished record; called again after whatever end,
    the run goes on from there and ends with the same bytes. A batch is a fixed stretch of the file: one with
    a record open or failed is asked again as a whole, so that every answer comes from the same batch, and
    only what is new is written. `progress` is told the number of records finished since it was last called.
    Raises BatchError (see `Journal`), DataError (see `read_prompts`) and EngineError; a picture that cannot be
    read, or that the engine fails on, is a failed record with the prediction "".
    """
    journal_path, predictions, report = (
        plan.output / f"{prompts.path.stem}_{kind}" for kind in ("items.jsonl", "pred.json", "results.txt")
    )
    with Journal(journal_path, _settings(prompts, plan), prompts.count, force=plan.force) as journal:
        if not journal.done:
            # What lies there is of another run, and must not look like this one's.
            predictions.unlink(missing_ok=True)
            report.unlink(missing_ok=True)
        before, start = journal.done, time.perf_counter()
        progress(before)
        _answer_all(prompts, plan, journal, progress)
        seconds = time.perf_counter() - start
        write_json_list(predictions, _released(prompts, journal))
        failed = journal.failed()
        shown = (journal.outcome(index) for index in failed[:SHOWN_FAILURES])
        return Summary(
            predictions=predictions,
            report=report,
            count=prompts.count,
            done=journal.done - before,
            before=before,
            failed=len(failed),
            cut=journal.cut,
            seconds=seconds,
            failures=tuple(outcome for outcome in shown if outcome is not None),
        )


def _settings(prompts: PromptsFile, plan: Plan) -> Settings:
    return Settings(
        unimumer=own_version(),
        model=plan.engine.name,
        max_tokens=plan.decoding.max_tokens,
        beams=plan.decoding.beams,
        batch_size=plan.batch_size,
        prompts_sha256=prompts.sha256,
    )


def _records(prompts: PromptsFile) -> Iterator[Record]:
    """The records again; their number is checked, since the journal goes by it."""
    count = 0
    for prompted in read_prompts(prompts.path):
        if count < prompts.count:
            yield Record(count, prompted)
        count += 1
    if count != prompts.count:
        raise BatchError(f"{prompts.path}: changed while it was being read")


def _answer_all(prompts: PromptsFile, plan: Plan, journal: Journal, progress: Callable[[int], object]) -> None:
    loaded = load_ahead(_unfinished(_records(prompts), plan.batch_size, journal), plan.image_root)
    try:
        for _, batch in groupby(loaded, key=lambda pair: pair[0].index // plan.batch_size):
            # No name for the list here: its pictures go when the call is over.
            progress(_add_all(_answers(list(batch), plan), journal))
    finally:
        loaded.close()


def _unfinished(records: Iterable[Record], batch_size: int, journal: Journal) -> Iterator[Record]:
    """The records of those batches of which not every record is done."""
    for _, batch in groupby(records, key=lambda record: record.index // batch_size):
        whole = list(batch)
        if not all(journal.has_answer(record.index) for record in whole):
            yield from whole


def _add_all(outcomes: Iterable[Outcome], journal: Journal) -> int:
    """Write down what is new; give the number of records newly finished."""
    new = 0
    for outcome in outcomes:
        known = journal.has_answer(outcome.index)
        if not known and journal.outcome(outcome.index) != outcome:
            journal.add(outcome)
        new += not known
    journal.sync()
    return new


def _answers(batch: list[_Loaded], plan: Plan) -> Iterator[Outcome]:
    """What becomes of each record of a batch, in order."""
    requests = [
        Request(picture, record.prompted.prompt) for record, picture in batch if not isinstance(picture, UnimumerError)
    ]
    answers = iter(_generate(plan.engine, requests, plan.decoding))
    for record, picture in batch:
        answer = picture if isinstance(picture, UnimumerError) else next(answers)
        yield _outcome(record, answer)


def _outcome(record: Record, answer: Answer | Exception) -> Outcome:
    index, img_id = record.index, record.prompted.id
    if isinstance(answer, UnimumerError):
        return Outcome(index, img_id, reason=str(answer))
    if isinstance(answer, Exception):
        return Outcome(index, img_id, reason=f"the model failed: {type(answer).__name__}: {answer}")
    if not answer.best.logprobs:
        return Outcome(index, img_id, reason="no ink found in the picture")
    texts = [recognize.parse(candidate.text) for candidate in answer.candidates]
    best = recognize.choose(texts)
    confidence = math.exp(answer.candidates[best].logprob)
    return Outcome(index, img_id, texts[best], confidence, answer.finish)


def _generate(engine: Engine, requests: list[Request], decoding: Decoding) -> list[Answer | Exception]:
    """Answers in order; when a call fails, each request is asked alone, and the error is its answer."""
    if not requests:
        return []
    try:
        answers = engine.generate(requests, decoding)
    except EngineError:
        raise
    except MemoryError as error:
        # Asking alone would go on, but with answers of other batches than the same run with more memory.
        raise EngineError(f"out of memory with {len(requests)} pictures at once; use smaller batches") from error
    except Exception as error:  # whatever a runtime raises on one picture must not cost the others
        if len(requests) == 1:
            return [error]
        return [answer for request in requests for answer in _generate(engine, [request], decoding)]
    if len(answers) != len(requests):
        raise EngineError(f"{engine.name} gave {len(answers)} answers to {len(requests)} requests")
    return list(answers)


def _released(prompts: PromptsFile, journal: Journal) -> Iterator[dict[str, str]]:
    """The items of a released file of predictions."""
    for record in _records(prompts):
        outcome, item = journal.outcome(record.index), record.prompted
        text = "" if outcome is None else outcome.text
        yield {"gt": item.label, "pred": text, "image_path": item.image, "img_id": item.id}
