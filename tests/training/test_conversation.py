from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from tokenizers import Tokenizer

from unimumer.engines import chat
from unimumer.tasks import count, recognize, tree
from unimumer.training.nano.conversation import IGNORE, KINDS, RECOGNIZE, Branch, ConversationWriter, corrupt
from unimumer.training.nano.vocabulary import build_tokenizer

LABELS = ["x ^ { 2 } + 1", r"\frac { 1 } { x }", "2 x = 1 1 2"]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return build_tokenizer(LABELS)


def texts(tokenizer: Tokenizer, branch: Branch, row: int) -> tuple[str, str]:
    """Question and answer of one row."""
    targets, tokens = branch.targets[row], branch.tokens[row]
    asked = np.flatnonzero(targets != IGNORE)
    decode = lambda ids: tokenizer.decode(ids.tolist(), skip_special_tokens=False)  # noqa: E731
    assert np.array_equal(tokens[asked[1:]], targets[asked[:-1]])
    return decode(tokens[: asked[0] + 1]), decode(targets[asked])


@pytest.mark.parametrize(("kind", "task"), [(RECOGNIZE, recognize), ("tree", tree), ("count", count)])
def test_a_branch_asks_and_answers_as_the_task_says(tokenizer: Tokenizer, kind: str, task: object) -> None:
    branch = ConversationWriter(tokenizer).branch(kind, LABELS, np.random.default_rng(0))
    for row, label in enumerate(LABELS):
        question, answer = texts(tokenizer, branch, row)
        assert question == chat.after(task.prompt())  # type: ignore[attr-defined]
        assert answer == task.target(label) + chat.END  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["find", "fix"])
def test_error_tasks_ask_about_a_candidate(tokenizer: Tokenizer, kind: str) -> None:
    branch = ConversationWriter(tokenizer).branch(kind, LABELS * 8, np.random.default_rng(0))
    answers = [texts(tokenizer, branch, row)[1] for row in range(len(branch.tokens))]
    assert any("<error_start>" in a or "REPLACE" in a or "INSERT" in a for a in answers)
    if kind == "fix":
        assert all(a.endswith(label + chat.END) for a, label in zip(answers, LABELS * 8))


def test_recognition_comes_first_and_another_kind_by_chance(tokenizer: Tokenizer) -> None:
    random = np.random.default_rng(1)
    some = ConversationWriter(tokenizer, KINDS)
    drawn = [[b.kind for b in some.branches(LABELS, random)] for _ in range(120)]
    assert all(kinds[0] == RECOGNIZE and len(kinds) <= 2 for kinds in drawn)
    assert {kinds[1] for kinds in drawn if len(kinds) > 1} == set(KINDS)
    assert 20 < sum(len(kinds) > 1 for kinds in drawn) < 60
    assert len(ConversationWriter(tokenizer).branches(LABELS, random)) == 1


def test_what_would_be_too_long_is_not_asked(tokenizer: Tokenizer) -> None:
    long = " + ".join(["x"] * 200)
    branch = ConversationWriter(tokenizer).branch("tree", [long, "x"], np.random.default_rng(0))
    assert (branch.targets[0] == IGNORE).all() and (branch.targets[1] != IGNORE).any()
    assert branch.tokens.shape[1] < 100


def test_candidates_are_mostly_wrong_sometimes_right_and_the_same_for_the_same_seed() -> None:
    label = r"\frac { x + 1 } { 2 } = y"
    draws = [corrupt(label, np.random.default_rng(seed)) for seed in range(400)]
    right = draws.count(label) / 400
    assert 0.1 < right < 0.4 and len(set(draws)) > 60
    assert draws == [corrupt(label, np.random.default_rng(seed)) for seed in range(400)]
    structure = [token for token in label.split() if token in {"{", "}", r"\frac"}]
    assert all([t for t in draw.split() if t in {"{", "}", r"\frac"}] == structure for draw in draws)


def test_what_nano_takes_for_another_is_what_goes_wrong() -> None:
    draws = Counter(corrupt("o + x", np.random.default_rng(seed)) for seed in range(3000))
    assert draws["0 + x"] > 5 * max(draws["n + x"], draws["i + x"], draws["o + n"])  # kindred, but hardly ever read
    assert draws["o + X"] > 5 * draws["o + n"]
    assert draws["o x"] and any(len(draw.split()) == 4 for draw in draws)
