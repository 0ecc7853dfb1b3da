"""Splits a set into folds, by writer where known, and trains a Nano model for each on the ink of the others.

No model is asked about a hand that it has trained on.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unimumer.compose.corpus import Corpus, LabelledInk, build_corpus, load_corpus, read_labelled, writer_of
from unimumer.files import read_table
from unimumer.training import TrainingError

_WATCHED = 100
"""Expressions, at most, by which a fold's training is followed. They are not of the fold that is held out."""


def assign(ids: Iterable[str], folds: int, seed: int, writers: Mapping[str, str]) -> dict[str, int]:
    """Give each id its fold, 0 to `folds` - 1; all ids of a writer share one, an id without a writer stands alone.

    The largest writers come first, those of one size in the order of a hash, each to the smallest fold so far: the
    folds are as even as the writers allow, and the same whatever the order of `ids`. Raises TrainingError when there
    are fewer writers than folds.
    """
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for id in sorted(set(ids)):
        groups[f"writer {writers[id]}" if id in writers else f"id {id}"].append(id)
    if len(groups) < folds:
        raise TrainingError(
            f"{folds} folds of {len(groups)} writers or single pictures cannot be made; there must be as many writers"
        )
    sizes = [0] * folds
    fold_of: dict[str, int] = {}
    digest = {name: hashlib.sha256(f"{seed} {name}".encode("utf-8", "surrogatepass")).digest() for name in groups}
    for name in sorted(groups, key=lambda name: (-len(groups[name]), digest[name])):
        fold = sizes.index(min(sizes))
        sizes[fold] += len(groups[name])
        fold_of |= dict.fromkeys(groups[name], fold)
    return fold_of


def read_writers(path: Path) -> dict[str, str]:
    """Read who wrote what: lines of an id, a tab and a writer. Raises FileError that names the line."""
    writers: dict[str, str] = {}
    for place, id, writer in read_table(path):
        if not id or not writer:
            raise place.error("expected an id, a tab and a writer")
        writers[id] = writer
    return writers


def pack_ink(ink: Path, out: Path) -> tuple[Path, dict[str, str], list[str]]:
    """Pack InkML to `out`; a packed corpus is taken as it is, and names no writers.

    Returns the corpus, the writer of each id, and why ink was left out.
    """
    if ink.suffix == ".npz":
        return ink, {}, []
    writers: dict[str, str] = {}
    left_out: list[str] = []

    def noted() -> Iterator[LabelledInk]:
        for one, text in read_labelled(ink, left_out.append):
            writers[one.id] = writer_of(one)
            yield LabelledInk(one, text)

    build_corpus(noted(), left_out.append).save(out)
    return out, writers, left_out


def train_fold(
    corpus: Path, fold_of: Mapping[str, int], fold: int, folder: Path, threads: int, plan: Mapping[str, Any]
) -> Path:
    """Train a model on all folds but one, or finish what was begun; the folder of its graphs is the model.

    `plan` has settings of `train_nano`. Raises TrainingError when the other folds have no ink, and as that does.
    """
    graphs = folder / "graphs"
    if (graphs / "nano.json").is_file():
        return graphs
    from unimumer.training.nano.run import averaged_model, exporter, train_nano, write_model

    exporter()  # what is missing shows now, not after the training
    part = folder / "corpus.npz"
    if not part.exists():
        without(load_corpus(corpus), fold_of, fold).save(part)
    train_nano(part, folder, threads=threads, kinds=(), **plan)
    write_model(*averaged_model(folder), None, graphs, f"fold{fold}")
    return graphs


def without(corpus: Corpus, fold_of: Mapping[str, int], fold: int) -> Corpus:
    """The ink of all folds but one. Some of the held-out writers' ink stays, to follow the training by."""
    folds = np.array([fold_of.get(id, fold) for id in corpus.ids])
    others = np.flatnonzero(folds != fold)
    watched = others[corpus.validation[others]][:_WATCHED]
    watched = watched if len(watched) else others[:1]
    trained = others[~corpus.validation[others] & ~np.isin(others, watched)]
    if not len(trained):
        raise TrainingError(f"no ink to train on outside fold {fold}; are the ids of the corpus those of the pictures?")
    held = np.zeros(len(corpus), np.bool_)
    held[watched] = True
    return subset(replace(corpus, validation=held), np.sort(np.concatenate([trained, watched])))


def subset(corpus: Corpus, members: NDArray[np.int64]) -> Corpus:
    """The expressions `members` of a corpus, in that order; the list of classes stays."""
    starts = corpus.starts
    lengths = starts[members + 1] - starts[members]
    rows = np.fromiter(chain.from_iterable(range(starts[i], starts[i + 1]) for i in members), np.int64, lengths.sum())
    return replace(
        corpus,
        points=corpus.points[rows],
        stroke=corpus.stroke[rows],
        symbol=corpus.symbol[rows],
        symbol_class=corpus.symbol_class[rows],
        token=corpus.token[rows],
        starts=np.concatenate([[0], np.cumsum(lengths)]),
        size=corpus.size[members],
        validation=corpus.validation[members],
        lone=corpus.lone[members],
        source=corpus.source[members],
        ids=tuple(corpus.ids[i] for i in members),
        labels=tuple(corpus.labels[i] for i in members),
        writer=corpus.writer[members],
    )
