"""The one call: files or pairs in, an `Evaluation` out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unimumer.metrics import MetricsError, Pair, evaluate

PAIRS = [
    Pair("a", "x + 1", "x + 1"),
    Pair("b", "\\frac { 1 } { 2 }", "\\frac { 1 } { z }"),
    Pair("c", "y", None),
]


def released_file(folder: Path) -> Path:
    path = folder / "set_pred.json"
    items = [{"gt": pair.label, "pred": pair.prediction, "img_id": pair.id} for pair in PAIRS]
    path.write_text(json.dumps(items), encoding="utf-8")
    return path


def test_pairs_and_their_file_score_alike(tmp_path: Path) -> None:
    path = released_file(tmp_path)
    from_pairs, from_file = evaluate(PAIRS), evaluate(path)
    assert from_pairs.figures == from_file.figures
    assert from_file == evaluate(str(path))
    assert from_file.label_set == f"{tmp_path.name}/set_pred.json"
    assert from_pairs.label_set == "given pairs"
    assert (from_file.n, from_file.figures["exp_rate"].value, from_file.missing) == (3, 1 / 3, ("c",))


def test_a_file_of_labels_names_the_set_and_finds_the_missing(tmp_path: Path) -> None:
    (tmp_path / "2014").mkdir()
    labels = tmp_path / "2014" / "caption.txt"
    labels.write_text("a\tx + 2\nb\t\\frac { 1 } { z }\nc\ty\nd\tz\n", encoding="utf-8")
    result = evaluate(released_file(tmp_path), labels)
    assert result.label_set == "2014/caption.txt"
    assert (result.n, result.figures["at_most_1"].value, result.missing) == (4, 0.5, ("c", "d"))


def test_the_answer_does_not_change_between_calls() -> None:
    assert evaluate(PAIRS) == evaluate(list(PAIRS))


def test_labels_that_do_not_parse_are_counted_and_left_out_beside() -> None:
    result = evaluate([*PAIRS[:2], Pair("d", "x ^ { 2", "x ^ { 2"), Pair("e", "a }", "a")])
    assert result.unparsed == ("d", "e")
    assert [(figure.value, figure.n) for figure in (result.figures["exp_rate"], result.parsed["exp_rate"])] == [
        (0.5, 4),
        (0.5, 2),
    ]
    assert result.figures["ink_match"].value == 0.5
    assert evaluate(PAIRS).parsed == {} == evaluate([Pair("d", "x ^ { 2", "x")]).parsed


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(MetricsError, match="no expressions"):
        evaluate([])
    with pytest.raises(MetricsError, match="hold their labels"):
        evaluate(PAIRS, tmp_path / "labels.tsv")
    empty = tmp_path / "empty.json"
    empty.write_text("[]", encoding="utf-8")
    with pytest.raises(MetricsError, match=r"empty\.json: no expressions"):
        evaluate(empty)


@pytest.mark.parametrize(
    ("label", "prediction", "found"),
    [
        # Exact, notation match, ink match, label parses.
        (r"\begin {cases} x \\ y \end {cases}", r"\begin{cases} x \\ y \end{cases}", (False, True, True, True)),
        (r"\frac { 1 { 2 }", r"\frac { 1 { 2 }", (True, True, True, False)),
        (r"\frac { 1 { 2 }", r"\frac { 1 } { 2 }", (False, False, False, False)),
        ("解 = 1", "解 = 1", (True, True, True, True)),
        ("解 = 1", "集 = 1", (False, False, False, True)),
        ("x", "x", (True, True, True, True)),
        ("x", "", (False, False, False, True)),
        ("x", None, (False, False, False, True)),
        ("", "", (True, True, True, True)),
        ("", None, (False, False, False, True)),
        ("x \r\n ", "x", (True, True, True, True)),
    ],
)
def test_cases_that_fooled_others(label: str, prediction: str | None, found: tuple[bool, bool, bool, bool]) -> None:
    evaluation = evaluate([Pair("a.b c", label, prediction), Pair("a.b", "y", "y")])
    item = evaluation.items[0]
    assert (item.score.exact, item.match.notation, item.match.ink, item.match.label_parses) == found
    assert evaluation.n == 2 and bool(evaluation.parsed) == (not found[3])
    assert evaluation.figures["exp_rate"].value == (2 if found[0] else 1) / 2
