"""What machines of a cluster must have in common is found to differ by name, before anything is asked of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from unimumer.batch import cluster


@pytest.mark.parametrize(("count", "names"), [(0, []), (1, [0]), (2, [0, 1]), (9, [0, 4, 8])])
def test_the_same_machine_misses_nothing(bench, count: int, names: list[int]) -> None:
    seen = cluster.take_sight([bench.pictures(count)], bench.root, None)
    assert [path.name for path, _ in seen.files] == [f"p{name}.png" for name in names]
    assert seen.missed_here() == ""


def test_what_is_missing_or_different_is_named(bench, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = cluster.take_sight([bench.pictures(3)], bench.root, None)
    bench.picture("p1.png", 77)
    assert seen.missed_here().startswith(f"has another file at {bench.root / 'p1.png'}: this package")
    (bench.root / "p1.png").unlink()
    assert "p1.png: cannot be read" in seen.missed_here()
    monkeypatch.setattr(cluster, "_package", lambda: "")
    assert seen.missed_here().startswith("has another version of this package")


def test_paths_are_absolute_and_what_cannot_be_read_here_is_no_difference(
    bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = bench.root / "model"
    model.mkdir()
    (model / "nano.json").write_text("{}")
    prompts = bench.prompts([bench.picture("a.png"), "gone.png"])
    monkeypatch.chdir(bench.root)
    seen = cluster.take_sight([prompts], Path(), Path("model"))
    assert [path for path, _ in seen.files] == [model / "nano.json", bench.root / "a.png"]
