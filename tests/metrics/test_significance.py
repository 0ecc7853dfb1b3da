"""Paired comparison: McNemar's exact p by hand, and the interval of the difference."""

from __future__ import annotations

import pytest

from unimumer.metrics import MetricsError, Pair, against, evaluate
from unimumer.metrics.significance import compare, mcnemar


@pytest.mark.parametrize(
    ("gained", "lost", "p"),
    [
        (0, 0, 1.0),
        (3, 3, 1.0),
        (1, 0, 1.0),
        (5, 0, 2 / 32),
        (1, 9, 2 * (1 + 10) / 1024),
        (2, 8, 2 * (1 + 10 + 45) / 1024),
        (900, 1100, 8.5e-6),  # normal approximation with continuity correction: z 4.45
    ],
)
def test_mcnemar_by_hand(gained: int, lost: int, p: float) -> None:
    assert mcnemar(gained, lost) == mcnemar(lost, gained) == pytest.approx(p, rel=0.02)


def test_what_changed_is_named() -> None:
    found = compare(["a", "b", "c", "d"], [True, True, False, False], [True, False, True, False])
    assert (found.gained, found.lost, found.value, found.p) == (("b",), ("c",), 0.0, 1.0)
    assert found.low < 0 < found.high


def test_the_interval_of_the_difference_is_paired() -> None:
    ours = [k % 2 == 0 for k in range(400)]
    theirs = [hit and k % 20 != 0 for k, hit in enumerate(ours)]
    found = compare([str(k) for k in range(400)], ours, theirs)
    # 20 of 400 differ, all one way: standard error sqrt(0.05 * 0.95 / 400) = 0.0109.
    assert found.value == pytest.approx(0.05)
    assert (found.low, found.high) == pytest.approx((0.05 - 0.0214, 0.05 + 0.0214), abs=0.004)


def test_evaluations_are_paired_by_id() -> None:
    ours = evaluate([Pair("a", "x", "x"), Pair("b", r"y \neq z", r"y \ne z"), Pair("c", "1", "1")])
    theirs = evaluate([Pair("c", "1", "l"), Pair("b", r"y \neq z", "y = z"), Pair("a", "x", "x")])
    found = against(ours, theirs)
    assert found["exp_rate"].gained == ("c",) and found["exp_rate"].lost == ()
    assert found["ink_match"].gained == ("b", "c")
    with pytest.raises(MetricsError, match="1 ids are in one of them only, 1 have another label"):
        against(ours, evaluate([Pair("a", "x", "x"), Pair("b", "other", "x")]))
