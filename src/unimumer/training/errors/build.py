"""Builds the error corpus of a labelled set in four steps, each of which leaves its files: a killed run goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from unimumer.batch import BatchItem, BatchPlan, Local, Prompts, run
from unimumer.compose.corpus import load_corpus
from unimumer.data.families import error_set
from unimumer.data.sharegpt import IMAGE, read_prompts, record, write_released
from unimumer.engines.base import Answer, Decoding, Defaults, Engine, Request, Stop, never
from unimumer.engines.load import EngineSettings, load_engine
from unimumer.files import read_text, replacing, write_json, write_text
from unimumer.results import Result, read_results
from unimumer.tasks import find_errors, fix_errors
from unimumer.tasks.kinds import SUFFIXES
from unimumer.training import TrainingError
from unimumer.training.errors.entries import Entry, balance, collect
from unimumer.training.errors.folds import assign, pack_ink, train_fold
from unimumer.training.errors.report import markdown, plot, score, summary

INVALID = "invalid_record.json"
AS_PUBLISHED = Decoding(temperature=0.95, top_p=0.7, top_k=50, samples=10)
"""Settings of the authors' error corpus; of n it is known only that it was 10 at least once."""
Progress = Callable[[str, int, int], object]
"""Told what is drawn, how many more are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to build, and how."""

    prompts: Path
    out: Path
    image_root: Path = Path()
    """Folder that the paths of pictures start from."""
    folds: int = 3
    seed: int = 0
    models: tuple[str, ...] = ()
    """Names as `load_engine` takes them, one a fold, or one for all; where there are none Nano is trained on `ink`."""
    ink: Path | None = None
    train_budget: float = 3600.0
    """Seconds that the model of a fold is trained."""
    train_workers: int = 1
    decoding: Decoding = AS_PUBLISHED
    batch_size: int = 16
    threads: int | None = None
    single_find: bool = False
    """One error a record to find errors in, instead of all of a candidate's."""
    single_fix: bool = True
    """The same of records to fix errors in. Both defaults are the authors'."""
    log: bool = True
    """Corrections begin with the correction log."""
    size: int | None = None
    """Records of each kind; None: as many as there are pictures."""
    right_share: float = 0.0
    """Share of the records whose candidate is right. The authors kept none."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a run has made."""

    folds: tuple[int, ...]
    """Pictures of each fold."""
    left_out: tuple[str, ...]
    """Ink that could not be packed."""
    finds: int
    """Records to find errors in."""
    fixes: int
    """Records to fix errors in."""
    invalid: int
    """Pictures and candidates without a record, listed in `invalid_record.json`."""


class GreedyAndDrawn:
    """An engine whose first candidate is what a model would answer, by greedy decoding, and the others are drawn.

    The model is loaded when it is first asked, so a fold that is done costs no loading. Equal texts are kept.
    """

    def __init__(self, name: str, load: Callable[[], Engine]) -> None:
        """`name` is that of the model as it was asked for, a name or a folder."""
        self.name, self._load = name, load

    @cached_property
    def _engine(self) -> Engine:
        return self._load()

    @property
    def defaults(self) -> Defaults:
        """Those of the model."""
        return self._engine.defaults

    def generate(self, requests: Sequence[Request], decoding: Decoding, stop: Stop = never) -> list[Answer]:
        """Answer every request, in order, by two calls of the model."""
        greedy = replace(decoding, temperature=0.0, top_p=1.0, top_k=0, samples=1)
        best = self._engine.generate(requests, greedy, stop)
        drawn = self._engine.generate(requests, decoding, stop)
        return [replace(one, candidates=(one.best, *more.candidates)) for one, more in zip(best, drawn)]


def build(plan: Plan, writers: dict[str, str], progress: Progress = lambda name, done, of: None) -> Built:
    """Take the steps of a plan, leaving out what is done; see docs/errors.md for the files.

    Raises TrainingError for a damaged file or one of another plan, and EngineError for a model that cannot be run.
    """
    plan.out.mkdir(parents=True, exist_ok=True)
    items = [BatchItem(i, prompted) for i, prompted in enumerate(read_prompts(plan.prompts))]
    if not items:
        raise TrainingError(f"{plan.prompts} has no records")
    packed: Path | None = None
    left_out: list[str] = []
    if plan.ink and not plan.models:
        packed, known, left_out = pack_ink(plan.ink, plan.out / "corpus.npz")
        writers = {**known, **writers}
    fold_of = _folds(plan, items, writers, packed)
    parts = [[item for item in items if fold_of[item.prompted.id] == fold] for fold in range(plan.folds)]
    models = _models(plan, packed, fold_of)
    named = [_short(model, plan.out) for model in models]
    drawn = []
    (plan.out / "candidates").mkdir(exist_ok=True)
    for fold, part in enumerate(parts):
        load = partial(load_engine, models[fold], EngineSettings(threads=plan.threads))
        drawn.append(draw(plan, fold, part, GreedyAndDrawn(named[fold], load), progress))
    scores = [score(fold, named[fold], part, drawn[fold]) for fold, part in enumerate(parts)]
    return _write(plan, parts, drawn, scores, tuple(left_out))


def _folds(plan: Plan, items: Sequence[BatchItem], writers: dict[str, str], packed: Path | None) -> dict[str, int]:
    """The fold of every id; written once, since models are trained by it."""
    ids = {item.prompted.id for item in items}
    if packed is not None:
        ids |= set(load_corpus(packed).ids)
    fold_of = assign(ids, plan.folds, plan.seed, writers)
    text = json.dumps({"folds": plan.folds, "seed": plan.seed, "fold_of": fold_of}, indent=1) + "\n"
    path = plan.out / "folds.json"
    if path.exists() and read_text(path) != text:
        raise TrainingError(f"{path} is of another set, or of other folds, seed or writers; build in another folder")
    write_text(path, text)
    return fold_of


def _models(plan: Plan, packed: Path | None, fold_of: dict[str, int]) -> list[str]:
    """The model of every fold: those given, or trained now."""
    if packed is None:
        return list(plan.models) if len(plan.models) == plan.folds else list(plan.models) * plan.folds
    how = {"time_budget": plan.train_budget, "seed": plan.seed, "workers": plan.train_workers}
    folders = [plan.out / "models" / f"fold{fold}" for fold in range(plan.folds)]
    return [str(train_fold(packed, fold_of, i, out, plan.threads or 1, how)) for i, out in enumerate(folders)]


def draw(plan: Plan, fold: int, items: Sequence[BatchItem], engine: Engine, progress: Progress) -> list[Result]:
    """Draw candidates for the pictures of a fold, or finish what its journal has.

    An item that fails has its reason in its result. Raises BatchError for a journal of other settings, TrainingError
    for one of an earlier version, and EngineError.
    """
    asked = "".join(json.dumps([item.index, item.prompted.image, item.prompted.prompt]) for item in items)
    name, digest = f"fold{fold}", hashlib.sha256(asked.encode()).hexdigest()
    prompts = Prompts(name, len(items), digest, lambda: (item.prompted for item in items))
    folder, decoding = plan.out / "candidates", replace(plan.decoding, seed=plan.seed)
    if (old := folder / f"{name}.jsonl").exists():
        raise TrainingError(f"{old} was drawn by an earlier version of unimumer; remove it to draw anew")
    how = BatchPlan(Local(engine), folder, plan.image_root, decoding, plan.batch_size)
    run(prompts, how, lambda n: progress(f"fold {fold}", n, len(items)))
    return read_results(folder / f"{name}_items.jsonl")


def _write(
    plan: Plan,
    parts: Sequence[Sequence[BatchItem]],
    drawn: Sequence[Sequence[Result]],
    scores: Sequence[dict[str, Any]],
    left_out: tuple[str, ...],
) -> Built:
    """Choose and write the records, and report on them."""
    pairs = sorted(((a, b) for p, d in zip(parts, drawn) for a, b in zip(p, d)), key=lambda pair: pair[0].index)
    items, results = [item for item, _ in pairs], [one for _, one in pairs]
    pools = {single: collect(items, results, single, plan.log) for single in {plan.single_find, plan.single_fix}}
    chosen = {
        single: balance(pool, plan.size or len(pairs), plan.right_share, plan.seed) for single, pool in pools.items()
    }
    finds, fixes = chosen[plan.single_find], chosen[plan.single_fix]
    name = error_set(plan.prompts.stem)
    write_released(plan.out / f"{name}{SUFFIXES['find']}.json", [_find(entry) for entry in finds])
    write_released(plan.out / f"{name}{SUFFIXES['fix']}.json", [_fix(entry, plan.log) for entry in fixes])
    pool, other = pools[plan.single_find], pools[plan.single_fix]
    invalid = [*pool.invalid, *(one for one in other.invalid if one not in pool.invalid)]
    write_released(plan.out / INVALID, [{"image_id": id, "reason": reason} for id, reason in invalid])
    figures = summary(pool, finds, fixes, scores)
    write_json(plan.out / "confusions.json", figures, indent=1)
    write_text(plan.out / "confusions.md", markdown(figures))
    with replacing(plan.out / "confusions.png") as part:
        plot(figures, part)
    return Built(tuple(map(len, parts)), left_out, len(finds), len(fixes), len(invalid))


def _find(entry: Entry) -> dict[str, Any]:
    return record(Path(entry.item.prompted.image), IMAGE + find_errors.prompt(entry.text), entry.marked)


def _fix(entry: Entry, log: bool) -> dict[str, Any]:
    target = fix_errors.target(entry.marked, entry.label, log)
    return record(Path(entry.item.prompted.image), IMAGE + fix_errors.prompt(entry.marked), target)


def _short(model: str, out: Path) -> str:
    """A model as reports name it; one that was trained here by its place in the folder, which may be moved."""
    path = Path(model)
    return path.relative_to(out).as_posix() if path.is_relative_to(out) else model
