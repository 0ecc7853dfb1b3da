from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unimumer.batch import BatchItem
from unimumer.data.sharegpt import Prompted
from unimumer.results import Result
from unimumer.tasks import edits
from unimumer.training.errors.entries import Entry, Pool, balance, collect, fault

from .conftest import Pairs, written

TOKENS = ("x", "X", "1", "+", "{", "}", "^", "\\frac", "->", "\\#", "|", "a")
formulas = st.lists(st.sampled_from(TOKENS), min_size=1, max_size=12).map(" ".join)


def test_texts_are_sorted(pairs: Pairs) -> None:
    texts = ["x + 1", "X + 1", "X+1", "x + 2", "", "q r s", "x \\geq 1"]
    items, drawn = pairs(("x + 1", texts), ("a \\geq b", ["a \\ge b"]))
    pool = collect(items, drawn, single=False, log=True)
    assert [entry.text for entry in pool.right] == ["x + 1"]
    assert [entry.text for entry in pool.wrong] == ["X + 1", "x + 2", "x \\geq 1"]
    assert (pool.texts, pool.repeated, pool.far, pool.notation) == (8, 2, 1, 1)


def test_a_text_counts_once_a_picture_also_of_one_listed_twice(pairs: Pairs) -> None:
    items, drawn = pairs(("x + 1", ["X + 1"]), ("x + 1", ["X + 1"]))
    assert len(collect(items, drawn, single=False, log=True).wrong) == 2
    twice = [items[0], BatchItem(1, items[0].prompted)]
    assert len(collect(twice, drawn, single=False, log=True).wrong) == 1


def test_errors_taken_apart_are_one_each_and_not_repeated(pairs: Pairs) -> None:
    items, drawn = pairs(("a + b + c", ["A + b + C", "A + b + c"]))
    pool = collect(items, drawn, single=True, log=True)
    assert [(entry.text, len(entry.edits)) for entry in pool.wrong] == [("A + b + c", 1), ("a + b + C", 1)]


def test_pictures_without_texts_and_texts_too_long_to_compare_are_named(pairs: Pairs) -> None:
    item = BatchItem(0, Prompted("d/p.png", "?", "x"))
    pool = collect([item], [Result(0, "p", "d/p.png", "x", reason="not a picture")], single=False, log=True)
    assert pool.invalid == [("p", "not a picture")]
    items, drawn = pairs(("x", ["x " * (edits.MAX_TOKENS + 1)]))
    assert "too long" in collect(items, drawn, single=False, log=True).invalid[0][1]


@settings(deadline=None)
@given(formulas, formulas, st.booleans(), st.booleans())
def test_whatever_is_kept_mends_to_its_label(text: str, label: str, single: bool, log: bool) -> None:
    item = BatchItem(0, Prompted("p.png", "?", label))
    pool = collect([item], [written(0, text)], single, log)
    for entry in (*pool.wrong, *pool.right):
        assert fault(entry, log) is None
        assert edits.apply(entry.marked, [edit.change for edit in entry.edits]) == entry.label


@pytest.mark.parametrize("log", [True, False])
def test_an_entry_that_does_not_mend_is_caught(log: bool) -> None:
    item = BatchItem(0, Prompted("p.png", "?", "x + 1"))
    good = Entry(item, "X + 1", edits.find("X + 1", "x + 1"))
    assert fault(good, log) is None
    wrong = replace(good.edits[0], change=replace(good.edits[0].change, new=("y",)))
    for bad in (replace(good, edits=(wrong,)), replace(good, edits=()), replace(good, text="X + 2")):
        if bad.edits != (wrong,) or not log:
            assert fault(bad, log) is not None


LABEL = "a b c d e f"
texts = st.lists(st.sampled_from("abcdefXYZ"), min_size=4, max_size=7).map(" ".join)


def entry(index: int, text: str, label: str = LABEL) -> Entry:
    return Entry(BatchItem(index, Prompted(f"p{index}.png", "?", label)), text, edits.find(text, label))


def pool(entries: list[Entry]) -> Pool:
    return Pool([one for one in entries if one.edits], [one for one in entries if not one.edits])


@settings(deadline=None)
@given(
    st.sets(st.tuples(st.integers(0, 5), texts | st.just(LABEL)), max_size=40),
    st.integers(1, 30),
    st.sampled_from([0.0, 0.1, 0.5]),
    st.integers(0, 3),
)
def test_what_is_chosen_is_within_bounds_and_follows_from_the_seed(
    pairs: set[tuple[int, str]], size: int, share: float, seed: int
) -> None:
    given_entries = [entry(*pair) for pair in sorted(pairs)]
    chosen = balance(pool(given_entries), size, share, seed)
    keys = [(one.item.index, one.text) for one in chosen]
    assert keys == sorted(set(keys)) and set(keys) <= pairs and len(keys) <= size
    right = sum(not one.edits for one in chosen)
    wrong = len(chosen) - right
    assert wrong == min(size - round(size * share), sum(bool(one.edits) for one in given_entries))
    assert right <= round(wrong * share / (1 - share))
    random.Random(seed).shuffle(given_entries)
    assert balance(pool(given_entries), size, share, seed) == chosen


def test_seeds_choose_differently() -> None:
    entries = pool([entry(i, "a b c d e X") for i in range(50)])
    assert len({tuple(one.item.index for one in balance(entries, 10, 0.0, seed)) for seed in range(5)}) == 5


def test_rare_confusions_are_preferred() -> None:
    common = [entry(i, "a b c d e X") for i in range(200)]
    rare = [entry(200 + i, f"a b c d {token} f") for i, token in enumerate("0123456789")]
    kept = Counter(one.item.index >= 200 for seed in range(20) for one in balance(pool(common + rare), 21, 0.0, seed))
    assert kept[True] / 20 > 3 * 21 * 10 / 210  # three times their share


def test_a_picture_with_many_candidates_does_not_crowd_out_others() -> None:
    many = [entry(0, f"a b c d e {token}") for token in "ABCDEGHIJKLMNOPQRSTUVWXYZ0123456789"]
    others = [entry(1 + i, f"{token} b c d e f") for i, token in enumerate("ABCDEGHIJK")]
    first = sum(one.item.index == 0 for seed in range(50) for one in balance(pool(many + others), 5, 0.0, seed))
    assert first / (50 * 5) < 0.3  # of 45 entries 35 are its own
