"""What machines of a cluster must have in common is found to differ by name, before anything is asked of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from unimumer.batch import sight
from unimumer.engines.load import anywhere


def test_the_same_machine_misses_nothing(bench) -> None:
    seen = sight.take_sight([bench.pictures(9)], bench.root, None)
    assert [path.name for path, _ in seen.files] == ["p0.png", "p4.png", "p8.png"]
    assert seen.missed_here() == ""


@pytest.mark.parametrize("count", [0, 1, 2])
def test_small_sets(bench, count: int) -> None:
    assert len(sight.take_sight([bench.pictures(count)], bench.root, None).files) == count


def test_what_is_missing_or_different_is_named(bench, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = sight.take_sight([bench.pictures(3)], bench.root, None)
    bench.picture("p1.png", 77)
    assert seen.missed_here() == f"has another file at {bench.root / 'p1.png'}"
    (bench.root / "p1.png").unlink()
    assert "p1.png: cannot be read" in seen.missed_here()
    monkeypatch.setattr(sight, "_package", lambda: "")
    assert seen.missed_here() == "has another version of this package"


def test_paths_are_absolute_and_what_cannot_be_read_here_is_no_difference(
    bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = bench.root / "model"
    model.mkdir()
    (model / "nano.json").write_text("{}")
    prompts = bench.prompts([bench.picture("a.png"), "gone.png"])
    monkeypatch.chdir(bench.root)
    seen = sight.take_sight([prompts], Path(), Path("model"))
    assert [path for path, _ in seen.files] == [model / "nano.json", bench.root / "a.png"]


def test_a_model_is_named_for_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models" / "mine").mkdir(parents=True)
    mine = tmp_path / "models" / "mine"
    assert anywhere("models/mine") == (str(mine), mine)
    assert anywhere("hf:models/mine") == (f"hf:{mine}", mine)
    (tmp_path / "nano").mkdir()
    for name in ("nano", "fake", "vllm:owner/model", "openai:m@http://h/v1", ""):
        assert anywhere(name) == (name, None)
