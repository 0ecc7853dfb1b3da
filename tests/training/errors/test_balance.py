from __future__ import annotations

import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from unimumer.batch import Item
from unimumer.data.sharegpt import Prompted
from unimumer.tasks import edits
from unimumer.training.errors.balance import balance
from unimumer.training.errors.entries import Entry, Pool

LABEL = "a b c d e f"
texts = st.lists(st.sampled_from("abcdefXYZ"), min_size=4, max_size=7).map(" ".join)


def entry(index: int, text: str, label: str = LABEL) -> Entry:
    return Entry(Item(index, Prompted(f"p{index}.png", "?", label)), text, edits.find(text, label))


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
