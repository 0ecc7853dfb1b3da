from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from numpy.typing import NDArray

from unimumer.compose.corpus import Corpus
from unimumer.imaging.scale import CELL, stroke_width
from unimumer.training.nano.batches import BatchSource
from unimumer.training.nano.conversation import IGNORE, ConversationWriter
from unimumer.training.nano.vocabulary import build_tokenizer


@pytest.fixture(scope="module")
def conversation(corpus: Corpus) -> ConversationWriter:
    return ConversationWriter(build_tokenizer(corpus.labels))


def label(conversation: ConversationWriter, target: NDArray[np.int64]) -> list[str]:
    """Tokens of the label that is asked for."""
    text: str = conversation._tokenizer.decode(target[target != IGNORE][:-1].tolist())
    return text.split()


def test_same_seed_same_batches(corpus: Corpus, conversation: ConversationWriter) -> None:
    one, two = (next(BatchSource(corpus, conversation, (7,)).expressions(64)) for _ in range(2))
    other = next(BatchSource(corpus, conversation, (8,)).expressions(64))
    assert np.array_equal(one.pictures, two.pictures) and np.array_equal(one.branches[0].tokens, two.branches[0].tokens)
    assert one.pictures.shape != other.pictures.shape or not np.array_equal(one.pictures, other.pictures)


def test_only_training_writers_are_trained_on(corpus: Corpus, conversation: ConversationWriter) -> None:
    drawn_on = BatchSource(corpus, conversation, (0,)).generator.library.expressions
    assert not corpus.validation[[expression.member for expression in drawn_on]].any()


def test_a_batch_keeps_to_its_budget_and_asks_for_the_labels(corpus: Corpus, conversation: ConversationWriter) -> None:
    for batch in islice(BatchSource(corpus, conversation, (1,)).expressions(60, pool=64), 10):
        n, height, width = batch.pictures.shape
        assert height % CELL == 0 and width % CELL == 0
        assert n == 1 or n * (height // CELL) * (width // CELL) <= 60
        (branch,) = batch.branches
        for tokens, target in zip(branch.tokens, branch.targets):
            answer = target[target != IGNORE].tolist()
            assert answer[-1] == conversation.end and set(label(conversation, target)) <= set(corpus.classes)
            first = int(np.flatnonzero(target != IGNORE)[0])
            assert tokens[first + 1 : first + len(answer)].tolist() == answer[:-1]


def test_what_is_drawn_is_blemished(
    corpus: Corpus, conversation: ConversationWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unimumer.training.nano.batches.blemished", lambda picture, random: picture * 0)
    assert not next(BatchSource(corpus, conversation, (1,)).expressions(60, pool=64)).pictures.any()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_half_of_the_pictures_lie_as_they_are_read(
    corpus: Corpus, conversation: ConversationWriter, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    monkeypatch.setattr("unimumer.training.nano.batches.blemished", lambda picture, random: picture)
    monkeypatch.setattr("unimumer.training.nano.batches._AS_READ", share)
    wide, off = [], []
    for batch in islice(BatchSource(corpus, conversation, (5,)).expressions(200, pool=128), 20):
        for picture in batch.pictures:
            wide.append(stroke_width(picture))
            for axis in (0, 1):
                held = np.flatnonzero((picture < 160).any(axis=axis))
                before, after = int(held[0]), picture.shape[1 - axis] - 1 - int(held[-1])
                if before + after > 24:
                    off.append(abs(before - after) / (before + after))
    assert (max(off) < 0.3) == bool(share)
    assert (np.ptp(wide) < 1.6) == bool(share)


def test_long_labels_can_be_left_out(corpus: Corpus, conversation: ConversationWriter) -> None:
    for batch in islice(BatchSource(corpus, conversation, (1,)).expressions(60, longest=2, pool=64), 5):
        assert max(len(label(conversation, target)) for target in batch.branches[0].targets) <= 2


def test_cells_name_the_symbols_whose_ink_they_hold(
    corpus: Corpus, conversation: ConversationWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("unimumer.training.nano.batches.blemished", lambda picture, random: picture)
    batch = next(BatchSource(corpus, conversation, (3,)).expressions(60, pool=64))
    for target, picture, cells in zip(batch.branches[0].targets, batch.pictures, batch.cells):
        rows, columns = picture.shape[0] // CELL, picture.shape[1] // CELL
        tiles = picture.reshape(rows, CELL, columns, CELL).transpose(0, 2, 1, 3).reshape(rows * columns, -1)
        dark = (tiles < 100).sum(axis=1) > 25  # more than the edge of a stroke next door
        assert not (cells.any(axis=1) & (tiles.min(axis=1) == 255)).any()
        assert (cells.any(axis=1) >= dark).all()
        assert 1 <= cells.any(axis=0).sum() <= len(label(conversation, target))


def test_symbols_carry_their_class(corpus: Corpus, conversation: ConversationWriter) -> None:
    batch = next(BatchSource(corpus, conversation, (0,)).symbols(200))
    assert batch.pictures.shape == (200, 2 * CELL, 2 * CELL)
    ink = (batch.pictures < 128).sum(axis=(1, 2))
    assert (ink > 10).all()
    one, plus = (ink[batch.classes == corpus.classes.index(name)].mean() for name in "1+")
    assert one < plus  # one stroke against two
