"""`unimumer data register`: what it prints, writes and exits with."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from unimumer.cli.main import main
from unimumer.data import Sample, write_prompts


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["unimumer", "data", "register", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    return int(caught.value.code or 0)


def test_registers_once_and_again_only_on_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data/MNE/prompts").mkdir(parents=True)
    assert run(monkeypatch) == 1
    assert "no set of conversations" in capsys.readouterr().err
    write_prompts(Path("data/MNE/prompts/N1.json"), [Sample("a", Path("a.jpg"), "x")], "Q")
    assert run(monkeypatch) == 0
    out = capsys.readouterr().out
    assert out.split() == ["N1", "MNE/prompts/N1.json", "1", "sets", "in", "data/dataset_info.json"]
    assert list(json.loads(Path("data/dataset_info.json").read_text())) == ["N1"]
    assert run(monkeypatch) == 1
    assert "use --force" in capsys.readouterr().err
    assert run(monkeypatch, "--force") == 0


def test_wrong_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "--data", "none") == 2
