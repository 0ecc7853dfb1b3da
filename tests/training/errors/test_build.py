from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from unimumer.data.sharegpt import read_prompts
from unimumer.engines.fake import FakeEngine
from unimumer.tasks import edits, find_errors, fix_errors
from unimumer.tasks.find_errors import Marking
from unimumer.tasks.fix_errors import Correction
from unimumer.training import TrainingError
from unimumer.training.errors import build as module
from unimumer.training.errors.build import AS_PUBLISHED, Built, Plan, build

from .conftest import ANSWERS

LABELS = [label for label, _ in ANSWERS]


@pytest.fixture
def plan(labelled: tuple[Path, FakeEngine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.setattr(module, "load_engine", lambda model, settings: labelled[1])
    decoding = replace(AS_PUBLISHED, samples=2)
    return Plan(labelled[0], tmp_path / "out", tmp_path, 2, models=("fake",), decoding=decoding, batch_size=2)


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("log", [False, True])
def test_every_record_written_mends_to_the_label_of_its_picture(plan: Plan, single: bool, log: bool) -> None:
    built = build(replace(plan, single_find=single, single_fix=single, log=log, right_share=0.2), {})
    finds, fixes = (list(read_prompts(plan.out / f"set_error_{kind}.json")) for kind in ("find", "fix"))
    assert built.finds == built.fixes == len(finds) == len(fixes) > 3 and built.folds == (3, 3)
    for find, fix in zip(finds, fixes):
        assert find.image == fix.image
        label = LABELS[int(find.id[1:])]
        marking, correction = find_errors.parse(find.label), fix_errors.parse(fix.label)
        assert isinstance(marking, Marking) and isinstance(correction, Correction)
        assert find.prompt == find_errors.prompt(marking.candidate).strip()
        assert fix.prompt == fix_errors.prompt(find.label).strip()
        assert correction.latex == label and len(marking.spans) == (
            1 if single and marking.spans else len(marking.spans)
        )
        if log and marking.spans:
            assert correction.agrees(find.label)
        else:
            assert correction.changes is None
            assert edits.apply(find.label, [edit.change for edit in edits.between(find.label, label)]) == label


def test_as_published_several_errors_are_found_and_one_is_fixed(plan: Plan) -> None:
    hme100k = plan.prompts.rename(plan.prompts.with_name("hme100k_train.json"))
    built = build(replace(plan, prompts=hme100k, size=20), {})
    finds, fixes = (list(read_prompts(plan.out / f"hme100k_error_{kind}.json")) for kind in ("find", "fix"))
    assert [len(finds), len(fixes)] == [built.finds, built.fixes] and built.finds < built.fixes
    assert max(record.label.count("<error_start>") for record in finds) == 2
    assert {fix.prompt.count("<error_end>") + fix.prompt.count("<deleted>") for fix in fixes} == {1 + 2}  # 2: asked for


def test_scripted_errors_are_found(plan: Plan) -> None:
    build(plan, {})
    marked = [record.label for record in read_prompts(plan.out / "set_error_find.json")]
    assert "<error_start> X <error_end> + 1 = y" in marked
    assert "\\frac { a } { b } <deleted> 1" in marked
    figures = json.loads((plan.out / "confusions.json").read_text())
    assert [fold["pictures"] for fold in figures["folds"]] == [3, 3]
    assert sum(fold["exprate"] * 3 for fold in figures["folds"]) == pytest.approx(100, abs=0.1)
    assert {"label": "x", "read": "X", "kind": "exchanged", "structure": None, "found": 1, "kept": 1} in figures[
        "confusions"
    ]


def test_the_same_command_again_leaves_the_same_files(plan: Plan, tmp_path: Path) -> None:
    build(plan, {})
    written = files(plan.out)
    again = replace(plan, out=tmp_path / "again")
    for _ in range(2):
        build(again, {})
        assert files(again.out) == written


def test_other_options_of_records_ask_no_model_again_and_other_folds_are_refused(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(plan, {})
    monkeypatch.setattr(module, "load_engine", lambda model, settings: pytest.fail("asked again"))
    assert build(replace(plan, single_find=True, size=2), {}).finds == 2
    with pytest.raises(TrainingError, match="other folds, seed or writers"):
        build(replace(plan, folds=3), {})


def test_a_picture_that_cannot_be_read_is_listed(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "p3.png").write_bytes(b"")
    built = build(plan, {})
    listed = json.loads((plan.out / "invalid_record.json").read_text())
    assert built == Built((3, 3), (), built.finds, built.fixes, 1) and [one["image_id"] for one in listed] == ["p3"]


def test_candidates_of_an_earlier_version_are_refused(plan: Plan) -> None:
    folder = plan.out / "candidates"
    folder.mkdir(parents=True)
    (folder / "fold0.jsonl").write_text('{"candidates": 1}\n')
    with pytest.raises(TrainingError, match=r"fold0.jsonl was drawn by an earlier version"):
        build(plan, {})
