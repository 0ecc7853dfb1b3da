"""Runs a file of prompts: in bounded memory, resumable, shared by any number of processes, stopped by no picture."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from unimumer.batch.answers import Answerer, Chunk, Job
from unimumer.batch.journal import Journal, Settings
from unimumer.batch.outcome import Outcome
from unimumer.batch.predictions import replacing, write_json_list
from unimumer.batch.prompts import PromptsFile, read_chunks
from unimumer.engines.base import Decoding
from unimumer.environment import own_version

SHOWN_FAILURES = 20
MEMORY = 512 << 20
"""Bytes of decoded pictures, unless told otherwise: three of the largest, or 2,000 of CROHME's."""

Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Plan:
    """How to run files of prompts."""

    answerer: Answerer
    output: Path
    """Folder of journals and results; it exists."""
    image_root: Path
    """Folder that the paths of pictures start from."""
    decoding: Decoding
    batch_size: int
    """Records of a chunk, at least 1, and so the most pictures in one call of the engine."""
    memory: int = MEMORY
    """Bound on decoded pictures, bytes; a call takes half of it at most."""
    force: bool = False
    """Begin afresh whatever the journal holds."""
    wait: bool = True
    """Stay until the chunks that other processes work on are done, or take them over when those die."""
    score: Callable[[Path], str] | None = None
    """Makes the report on a file of predictions; this room does not know how."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How a run over one file ended; `done`, `cut`, `skipped`, `failed` and `left` add up to `count`."""

    predictions: Path
    """The file of predictions; the last process to leave writes it."""
    count: int
    """Records in the file."""
    done: int
    """Answered by this run, to the end."""
    cut: int
    """Answered by this run, but cut off: at the limit of tokens, or going in circles."""
    skipped: int
    """Answered by an earlier run or another process."""
    failed: int
    """Without an answer, for a reason."""
    left: int
    """Not done yet, because other processes work on them and this one did not wait."""
    seconds: float
    """Wall time spent on the pictures of this run."""
    failures: tuple[Outcome, ...]
    """The first `SHOWN_FAILURES` that failed, with their reasons."""

    def after(self, earlier: Summary) -> Summary:
        """Both runs as one; `earlier` left something to this one."""
        done, cut = earlier.done + self.done, earlier.cut + self.cut
        skipped = self.skipped - earlier.done - earlier.cut
        return replace(self, done=done, cut=cut, skipped=skipped, seconds=earlier.seconds + self.seconds)


def run(prompts: PromptsFile, plan: Plan, progress: Progress = lambda _: None) -> Summary:
    """Answer every record of a file of prompts and write `<name>_pred.json`, a list as the released system's.

    The journal `<name>_items.jsonl` beside it holds every finished record; called again after whatever end,
    the run goes on from there, and called by several processes at once, they share it. A chunk is a fixed stretch
    of the file: one with a record open or failed is asked again as a whole, so that every answer comes from the
    same call, and only what is new is written. However the work is cut and shared, predictions and report
    (`<name>_results.txt`) are the same bytes. `progress` is told the number of records settled since it was last
    called. Raises BatchError (see `Journal`), DataError (see `read_prompts`) and EngineError; a picture that
    cannot be read, or that the engine fails on, is a failed record with the prediction "".
    """
    journal_path, *results = (
        plan.output / f"{prompts.path.stem}_{kind}" for kind in ("items.jsonl", "pred.json", "results.txt")
    )
    settings = _settings(prompts, plan)
    with Journal(journal_path, settings, prompts.count, force=plan.force, results=results) as journal:
        shift = _Shift(prompts, plan, journal, progress)
        shift.work()
        _finish(prompts, plan, journal, *results)
        return shift.summary(results[0])


def _settings(prompts: PromptsFile, plan: Plan) -> Settings:
    return Settings(
        unimumer=own_version(),
        model=plan.answerer.name,
        decoding=plan.decoding,
        batch_size=plan.batch_size,
        memory=plan.memory,
        prompts_sha256=prompts.sha256,
    )


class _Shift:
    """One process's share of the work on one file."""

    def __init__(self, prompts: PromptsFile, plan: Plan, journal: Journal, progress: Progress) -> None:
        self._prompts, self._plan, self._journal, self._progress = prompts, plan, journal, progress
        self._told = 0
        self._fates: Counter[str] = Counter()
        self._seconds = 0.0

    def work(self) -> None:
        """Answer what nobody else does; then, if the plan is to wait, what others have left undone."""
        self._tell()
        start = time.perf_counter()
        self._pass()
        while self._plan.wait and (first := self._journal.first_unsettled()) is not None:
            self._journal.claims.wait(first // self._plan.batch_size)
            self._journal.catch_up()
            self._tell()
            self._pass()
        self._seconds = time.perf_counter() - start

    def _pass(self) -> None:
        plan, journal = self._plan, self._journal
        job = Job(plan.image_root, plan.decoding, plan.memory, self._prompts.sha256)
        for chunk, outcomes in plan.answerer.answers(self._chunks(), job):
            journal.add(outcomes)
            self._fates.update("cut" if outcome.cut else "done" for outcome in outcomes if outcome.reason is None)
            self._tell()
            if self._is_settled(chunk.number):
                journal.claims.drop(chunk.number)

    def _chunks(self) -> Iterator[Chunk]:
        """Claim chunk after chunk of those with something to do."""
        journal = self._journal
        for number, records in read_chunks(self._prompts, self._plan.batch_size):
            if self._is_settled(number) or not journal.claims.take(number):
                continue
            journal.catch_up()
            if self._is_settled(number):
                journal.claims.drop(number)
                continue
            wanted = frozenset(one.index for one in records if not journal.has_answer(one.index))
            yield Chunk(number, tuple(records), wanted)

    def _is_settled(self, number: int) -> bool:
        size = self._plan.batch_size
        return self._journal.is_settled(number * size, (number + 1) * size)

    def _tell(self) -> None:
        settled = self._journal.settled
        self._progress(settled - self._told)
        self._told = settled

    def summary(self, predictions: Path) -> Summary:
        """Count what became of the records."""
        journal, fates = self._journal, self._fates
        failed = journal.failed()
        shown = (journal.outcome(index) for index in failed[:SHOWN_FAILURES])
        return Summary(
            predictions=predictions,
            count=self._prompts.count,
            done=fates["done"],
            cut=fates["cut"],
            skipped=journal.answered - fates.total(),
            failed=len(failed),
            left=self._prompts.count - journal.answered - len(failed),
            seconds=self._seconds,
            failures=tuple(outcome for outcome in shown if outcome is not None),
        )


def _finish(prompts: PromptsFile, plan: Plan, journal: Journal, predictions: Path, report: Path) -> None:
    """Write the results, unless something is left, others are still there to do it, or they are there already."""
    with journal.claims.writing():
        last = journal.claims.alone()
        if not last:
            journal.claims.leave()
    if not last:
        return
    journal.catch_up()
    if journal.first_unsettled() is not None:
        return
    if not predictions.exists():
        write_json_list(predictions, _released(prompts, journal))
    if plan.score and prompts.count and not report.exists():
        text = plan.score(predictions)
        with replacing(report) as out:
            out.write(text)


def _released(prompts: PromptsFile, journal: Journal) -> Iterator[dict[str, str]]:
    """The items of a released file of predictions."""
    for _, records in read_chunks(prompts, 1024):
        for record in records:
            outcome, item = journal.outcome(record.index), record.prompted
            text = "" if outcome is None else outcome.text
            yield {"gt": item.label, "pred": text, "image_path": item.image, "img_id": item.id}
