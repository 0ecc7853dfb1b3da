"""The released system's own commands for inference, run as they are run: `scripts/vllm_infer.py` and `eval/*.sh`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .test_infer import REPOSITORY, make, settings, shell

SCRIPT = str(REPOSITORY / "scripts" / "vllm_infer.py")
FAMILIES = {
    "crohme": "CROHME",
    "crohme2023": "CROHME2023",
    "hme100k": "HME100K",
    "mathwriting": "MathWriting",
    "im2latexv2": "Im2LaTeXv2",
    "MNE": "MNE",
}


def wrapper(name: str, *options: str) -> subprocess.CompletedProcess[str]:
    return shell("bash", str(REPOSITORY / "eval" / f"eval_{name}.sh"), *options)


def test_script_has_the_released_folders_suffix_and_batch_size() -> None:
    make(Path("data"), ["a.png"])
    done = shell(sys.executable, SCRIPT, "--model", "fake", "--suffix", "_run2", "--top-p", "0.5")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in Path("outputs").iterdir()) == [
        f"set_{end}" for end in ("items.jsonl", "items.lock", "results.txt", "run2.json")
    ]
    drawn = {"batch_size": 256, "max_tokens": 2048, "temperature": 0.2, "top_p": 0.5, "top_k": 50}
    assert drawn.items() <= settings("outputs/set_items.jsonl").items()
    assert shell(sys.executable, SCRIPT, "--model=fake", "--suffix=a/b").returncode == 2


def test_script_rewrites_names_of_options_and_no_values() -> None:
    make(Path("in--batch_size"), ["a.png"])
    options = ("--input-dir", "in--batch_size", "--output-dir=--batch_size=9", "--model=fake")
    for given in (("--batch_size", "5"), ("--batch_size=5", "--force")):
        done = shell(sys.executable, SCRIPT, *options, *given)
        assert done.returncode == 0, done.stderr
        assert settings("--batch_size=9/set_items.jsonl")["batch_size"] == 5


def test_another_model_in_the_same_folder_is_refused_and_told_what_to_do() -> None:
    make(Path("data/MNE/prompts"), ["a.png"], "N1.json")
    assert wrapper("MNE", "-m", "fake").returncode == 0
    before = Path("data/MNE/results/N1_pred.json").read_bytes()
    done = wrapper("MNE")  # Nano
    assert done.returncode == 1
    assert "begun under other settings" in done.stderr and "model 'fake' there, 'nano-" in done.stderr
    assert "use the same to go on, another output folder, or --force to begin afresh" in done.stderr
    assert Path("data/MNE/results/N1_pred.json").read_bytes() == before
    assert wrapper("MNE", "-m", "fake", "-s", "second").returncode == 0
    assert Path("data/MNE/results_second/N1_results.txt").is_file()
    assert wrapper("MNE", "--force", "-m", "fake", "-b", "3").returncode == 0
    before = Path("data/MNE/results/N1_pred.json").read_bytes()
    Path("data/MNE/results/N1_items.jsonl").unlink()
    done = wrapper("MNE", "-m", "fake")
    assert done.returncode == 1 and "without the journal it was made from; use another output folder" in done.stderr
    assert Path("data/MNE/results/N1_pred.json").read_bytes() == before


def test_wrappers_leave_the_choice_of_gpus_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    python = Path("python")
    python.write_text('#!/bin/sh\necho "$CUDA_VISIBLE_DEVICES" "$@"\n')
    python.chmod(0o755)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,2")
    environment = {**os.environ, "PYTHON": str(python.resolve())}
    command = ["bash", str(REPOSITORY / "eval" / "eval_crohme.sh"), "-m", "models/Uni-MuMER-3B", "-b", "32768"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    expected = "--input-dir=data/CROHME/prompts --output-dir=data/CROHME/results --model=models/Uni-MuMER-3B"
    assert done.stdout == f"1,2 -m unimumer infer {expected} --as-released --batch-size=32768\n"


def test_script_without_the_package() -> None:
    done = subprocess.run([sys.executable, "-I", "-S", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "install this project first" in done.stderr


def test_every_family_has_its_wrapper() -> None:
    assert {path.name for path in (REPOSITORY / "eval").iterdir()} == {
        "common.sh",
        "eval_all.sh",
        *(f"eval_{name}.sh" for name in FAMILIES),
    }


@pytest.mark.parametrize(("name", "family"), FAMILIES.items())
def test_wrapper_help(name: str, family: str) -> None:
    done = wrapper(name, "-h")
    assert done.returncode == 0
    assert f"Usage: bash eval/eval_{name}.sh " in done.stdout
    assert f"[data/{family}/prompts]" in done.stdout
    assert f"[data/{family}/results]" in done.stdout


def test_wrapper_defaults_and_options() -> None:
    odd = Path("odd $(touch x) 'in'")
    make(odd, ["none.png"])
    done = wrapper("MNE", "-i", str(odd), "--output-dir", "-out *", "-m", "fake", "-b", "7")
    assert done.returncode == 1
    assert '"batch_size": 7' in Path("-out */set_items.jsonl").read_text(encoding="utf-8")
    assert not Path("x").exists()


@pytest.mark.parametrize("options", [("-x",), ("-i",), ("-m", "fake", "-b"), ("-s", "../x"), ("-o", "o", "-s", "x")])
@pytest.mark.parametrize("name", ["MNE", "all"])
def test_wrapper_wrong_use(name: str, options: tuple[str, ...]) -> None:
    done = wrapper(name, *options)
    assert done.returncode == 2
    assert done.stderr.startswith(f"eval_{name}.sh: ")


def test_all_runs_what_is_present() -> None:
    make(Path("data/CROHME/prompts"), ["a.png"], "crohme_2014.json")
    make(Path("data/MNE/prompts"), ["none.png"], "N1.json")
    done = wrapper("all", "-m", "fake", "-s", "test 1", "-b", "32768")
    assert done.returncode == 1
    assert Path("data/CROHME/results_test 1/crohme_2014_results.txt").is_file()
    assert Path("data/MNE/results_test 1/N1_results.txt").is_file()
    missing = re.findall(r"not present: data/(\w+)/prompts", done.stderr)
    assert missing == ["CROHME2023", "HME100K", "MathWriting", "Im2LaTeXv2"]
    assert "failed: MNE\n" in done.stderr
    assert wrapper("all", "-m", "gpt").returncode == 2


def test_all_with_nothing_present() -> None:
    done = wrapper("all", "-m", "fake")
    assert done.returncode == 2
    assert "no prompts files under data/" in done.stderr
