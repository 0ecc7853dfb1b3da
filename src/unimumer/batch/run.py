"""Runs a set of prompts: in bounded memory, resumable, shared by any number of processes, stopped by no picture."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from unimumer import imaging
from unimumer.batch.answers import Answerer, BatchChunk
from unimumer.batch.journal import Journal, RunSettings
from unimumer.batch.prompts import Prompts
from unimumer.engines.base import Decoding
from unimumer.environment import own_version
from unimumer.files import find_file, replacing, write_text
from unimumer.results import Result

SHOWN_FAILURES = 20
MEMORY = 512 << 20
"""Bytes of decoded pictures, unless told otherwise: three of the largest, or 2,000 of CROHME's."""

Progress = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """How to run sets of prompts."""

    answerer: Answerer
    output: Path
    """Folder of journals and results; it exists."""
    image_root: Path
    """Folder that the paths of pictures start from."""
    decoding: Decoding
    batch_size: int
    """Items of a chunk, at least 1, and so the most pictures in one call of the engine."""
    memory: int = MEMORY
    """Bound on decoded pictures, bytes; a call takes half of it at most."""
    force: bool = False
    """Begin afresh whatever the journal holds."""
    wait: bool = True
    """Stay until the chunks that other processes work on are done, or take them over when those die."""
    score: Callable[[Path], str] | None = None
    """Makes the report on a file of predictions; this room does not know how."""
    suffix: str = "_pred"
    """What the name of a file of predictions has after the set's."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How a run over one set ended; `done`, `cut`, `skipped`, `failed` and `left` add up to `count`."""

    predictions: Path
    """The file of predictions; the last process to leave writes it."""
    count: int
    """Items in the set."""
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
    failures: tuple[Result, ...]
    """The first `SHOWN_FAILURES` that failed, with their reasons."""

    def after(self, earlier: Summary) -> Summary:
        """Both runs as one; `earlier` left something to this one."""
        done, cut = earlier.done + self.done, earlier.cut + self.cut
        skipped = self.skipped - earlier.done - earlier.cut
        return replace(self, done=done, cut=cut, skipped=skipped, seconds=earlier.seconds + self.seconds)


def run(prompts: Prompts, plan: BatchPlan, progress: Progress = lambda _: None) -> Summary:
    """Answer every item of a set and write `<name><suffix>.json`, a list as the released system's.

    The journal `<name>_items.jsonl` beside it holds the result of every finished item; called again after whatever
    end, the run goes on from there, and called by several processes at once, they share it. An item whose picture
    has been replaced since is asked again. A chunk is a fixed stretch of the set: one with an item open or failed is
    asked again as a whole, so that every answer comes from the same call, and only what is new is written. However
    the work is cut and shared, predictions and report (`<name>_results.txt`) are the same bytes; they are written
    anew from the journal each time. `progress` is told the number of items settled since it was last called.
    Raises BatchError (see `Journal`), FileError (see `read_prompts`) and EngineError; a picture that cannot be read,
    or that the engine fails on, is a failed item with the prediction "".
    """
    journal_path, *results = (
        plan.output / f"{prompts.name}{end}" for end in ("_items.jsonl", f"{plan.suffix}.json", "_results.txt")
    )
    settings = RunSettings(
        own_version(),
        plan.answerer.name,
        plan.decoding,
        plan.batch_size,
        plan.memory,
        prompts.sha256,
        plan.image_root,
    )
    with Journal(journal_path, settings, prompts.count, force=plan.force, results=results) as journal:
        shift = _Shift(prompts, plan, journal, progress)
        shift.work(settings)
        _finish(prompts, plan, journal, *results)
        return shift.summary(results[0])


class _Shift:
    """One process's share of the work on one file."""

    def __init__(self, prompts: Prompts, plan: BatchPlan, journal: Journal, progress: Progress) -> None:
        self._prompts, self._plan, self._journal, self._progress = prompts, plan, journal, progress
        self._told = 0
        self._fates: Counter[str] = Counter()
        self._seconds = 0.0

    def work(self, settings: RunSettings) -> None:
        """Answer what nobody else does; then, if the plan is to wait, what others have left undone."""
        self._reopen_replaced()
        start = time.perf_counter()
        self._pass(settings)
        while self._plan.wait and (first := self._journal.first_unsettled()) is not None:
            self._journal.claims.wait(first // self._plan.batch_size)
            self._journal.catch_up()
            self._pass(settings)
        self._seconds = time.perf_counter() - start

    def _reopen_replaced(self) -> None:
        """Have items asked again whose picture is another than the one answered; one that is gone keeps its answer."""
        if not self._journal.answered:
            return
        for item in self._prompts.items():
            result = self._journal.result(item.index)
            if result is not None and result.reason is None:
                try:
                    content = imaging.read(find_file(self._plan.image_root, item.prompted.image))
                except imaging.ImageError:
                    continue
                if hashlib.sha256(content).hexdigest() != result.picture:
                    self._journal.reopen(item.index)

    def _pass(self, settings: RunSettings) -> None:
        journal = self._journal
        self._tell()
        for chunk, results in self._plan.answerer.answers(self._chunks(), settings):
            journal.add(results)
            self._fates.update("cut" if result.cut else "done" for result in results if result.reason is None)
            self._tell()
            if self._is_settled(chunk.number):
                journal.claims.drop(chunk.number)

    def _chunks(self) -> Iterator[BatchChunk]:
        """Claim chunk after chunk of those with something to do."""
        journal = self._journal
        for number, items in self._prompts.chunks(self._plan.batch_size):
            if self._is_settled(number) or not journal.claims.take(number):
                continue
            journal.catch_up()
            if self._is_settled(number):
                journal.claims.drop(number)
                continue
            wanted = frozenset(one.index for one in items if not journal.has_answer(one.index))
            yield BatchChunk(number, tuple(items), wanted)

    def _is_settled(self, number: int) -> bool:
        size = self._plan.batch_size
        return self._journal.first_unsettled(number * size, (number + 1) * size) is None

    def _tell(self) -> None:
        settled = self._journal.settled
        self._progress(settled - self._told)
        self._told = settled

    def summary(self, predictions: Path) -> Summary:
        """Count what became of the items."""
        journal, fates = self._journal, self._fates
        failed = journal.failed()
        shown = (journal.result(index) for index in failed[:SHOWN_FAILURES])
        return Summary(
            predictions=predictions,
            count=self._prompts.count,
            done=fates["done"],
            cut=fates["cut"],
            skipped=journal.answered - fates.total(),
            failed=len(failed),
            left=self._prompts.count - journal.answered - len(failed),
            seconds=self._seconds,
            failures=tuple(result for result in shown if result is not None),
        )


def _finish(prompts: Prompts, plan: BatchPlan, journal: Journal, predictions: Path, report: Path) -> None:
    """Write the results, unless something is left or others are still there to do it."""
    with journal.claims.writing():
        if not journal.claims.alone():
            journal.claims.leave()
            return
    journal.catch_up()
    if journal.first_unsettled() is not None:
        return
    write_json_list(predictions, _released(prompts, journal))
    if plan.score and prompts.count and prompts.labelled:
        write_text(report, plan.score(predictions))


def write_json_list(path: Path, items: Iterable[Mapping[str, object]]) -> None:
    """Write objects, one after the other, as `json.dumps(items, indent=2, ensure_ascii=False)` would."""
    # A lone surrogate, which UTF-8 cannot hold, comes out as its JSON escape.
    with replacing(path) as part, part.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
        empty = True
        for item in items:
            text = json.dumps(item, indent=2, ensure_ascii=False).replace("\n", "\n  ")
            out.write(("[\n  " if empty else ",\n  ") + text)
            empty = False
        out.write("[]" if empty else "\n]")


def _released(prompts: Prompts, journal: Journal) -> Iterator[dict[str, str]]:
    """The items of a released file of predictions."""
    for item in prompts.items():
        result, asked = journal.result(item.index), item.prompted
        text = "" if result is None else result.latex
        yield {"gt": asked.label, "pred": text, "image_path": asked.image, "img_id": asked.id}
