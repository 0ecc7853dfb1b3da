from __future__ import annotations

import json
import sys

import pytest
from click.testing import CliRunner

from unimumer.cli.main import cli
from unimumer.engines.nano import NanoEngine


def run() -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["doctor"])
    return result.exit_code, result.output


def test_a_sound_installation_reads_the_sample() -> None:
    code, out = run()
    assert code == 0, out
    assert "works" in out and "MISSING" not in out and "onnxruntime" in out


def test_json_says_the_same() -> None:
    result = CliRunner().invoke(cli, ["doctor", "--json"])
    found = json.loads(result.output)
    assert result.exit_code == 0 and found["recognizer"]["works"] and found["packages"]["numpy"]
    assert {"nano", "openai", "hf"} <= {engine["name"] for engine in found["engines"] if "ready" in engine}


def test_a_missing_library_is_a_finding_not_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "unimumer.recognizer", raising=False)
    monkeypatch.setitem(sys.modules, "unimumer.recognizer", None)
    code, out = run()
    assert code == 1 and "FAILED: ModuleNotFoundError" in out


def test_a_wrong_answer_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    read = NanoEngine.prepare
    monkeypatch.setattr(NanoEngine, "prepare", lambda self, request: read(self, request)[::-1, ::-1].copy() // 2)
    code, out = run()
    assert code == 1 and "is written" in out
