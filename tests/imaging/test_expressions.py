from __future__ import annotations

import cv2
import numpy as np

from unimumer.imaging import components, find_expressions, group_expressions, inked

S = 20.0
"""Side of a symbol."""


def symbols(*places: tuple[float, float], width: float = 15, height: float = 20) -> np.ndarray:
    """Boxes of symbols whose left upper corners are these."""
    return np.array([[x, y, x + width, y + height] for x, y in places], float)


def groups(*parts: np.ndarray) -> list[list[int]]:
    return [sorted(group.tolist()) for group in group_expressions(np.concatenate(parts), S)]


def test_lines_of_a_calculation_are_apart() -> None:
    first, second = symbols((0, 0), (25, 0), (50, 0)), symbols((0, 36), (25, 36), (50, 36), (75, 36))
    assert groups(second, first) == [[4, 5, 6], [0, 1, 2, 3]]


def test_a_fraction_with_scripts_and_a_sum_with_limits_stay_whole() -> None:
    fraction = np.array([[0, 0, 15, 20], [-5, 30, 60, 32], [20, 42, 35, 62], [37, 38, 44, 46], [80, 26, 95, 28]], float)
    total = np.array([[110, 5, 140, 60], [118, 65, 126, 73], [120, -10, 128, -2], [150, 20, 165, 40]], float)
    assert groups(fraction, total) == [list(range(9))]


def test_an_equals_sign_is_no_fraction() -> None:
    above, below = symbols((0, 0), (60, 0)), symbols((0, 38), (30, 38))
    equals = np.array([[25, 7, 52, 9], [25, 13, 52, 15]], float)
    assert groups(above, equals, below) == [[0, 1, 2, 3], [4, 5]]


def test_columns_are_read_one_after_the_other_and_single_exercises_by_rows() -> None:
    left, right = symbols((0, 0), (20, 0), (0, 60), (20, 60)), symbols((160, 0), (180, 0), (160, 60), (180, 60))
    assert groups(left, right) == [[0, 1], [2, 3], [4, 5], [6, 7]]
    assert groups(right[:2], left[:2]) == [[2, 3], [0, 1]]


def test_a_speck_is_no_expression_unless_it_is_all_there_is() -> None:
    speck = np.array([[300, 300, 303, 302]], float)
    assert groups(symbols((0, 0), (20, 0)), speck) == [[0, 1]]
    assert groups(speck) == [[0]]


def test_found_in_a_picture_with_the_ink_of_neighbors_taken_away() -> None:
    page = np.full((300, 400, 3), 255, np.uint8)
    for at in range(4):
        cv2.rectangle(page, (40 + 40 * at, 40), (60 + 40 * at, 70), (0, 0, 0), 3)
        cv2.rectangle(page, (40 + 40 * at, 150 - 12 * at), (60 + 40 * at, 180 - 12 * at), (0, 0, 0), 3)
    first, second = find_expressions(page, inked(page))
    assert np.abs(np.array(first.box) - (39, 39, 182, 72)).max() <= 2
    assert np.abs(np.array(second.box) - (39, 113, 182, 182)).max() <= 2
    for one in (first, second):
        assert len(components(inked(one.picture), one.picture.shape[1], one.picture.shape[0])) == 4
