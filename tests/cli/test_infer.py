"""`unimumer infer`, its released entry points, and the shell wrappers: what they print, write and exit with."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from commands import run as command
from unimumer.batch.claims import Claims
from unimumer.engines.fake import FakeEngine
from unimumer.results import read_results

run = partial(command, "infer")

REPOSITORY = Path(__file__).parents[2]


def make(folder: Path, images: list[str], name: str = "set.json") -> Path:
    """Write prompts over pictures that are there, except those called `none`; the folder of prompts."""
    folder.mkdir(parents=True, exist_ok=True)
    items = []
    for seed, image in enumerate(images):
        pixels = np.random.default_rng(seed).integers(0, 256, (6, 9, 3), np.uint8)
        if "none" not in image:
            Image.fromarray(pixels).save(image)
        messages = [{"from": "human", "value": "<image>Read it."}, {"from": "gpt", "value": "x + 1"}]
        items.append({"images": [image], "messages": messages})
    (folder / name).write_text(json.dumps(items), encoding="utf-8")
    return folder


def test_writes_predictions_and_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make(Path("prompts"), ["a.png", "b.png"])
    make(Path("prompts"), ["c.png"], "other.json")
    (tmp_path / "prompts" / "._set.json").write_bytes(b"\0")
    (tmp_path / "prompts" / "dataset_info.json").write_text("{}")
    assert run("--input-dir", "prompts", "--output-dir", "out/deep", "--model", "fake") == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert re.search(r"^set: 2 done, 0 cut off, 0 skipped as done, 0 failed, \d+\.\d pictures/s$", out, re.M)
    assert sorted(path.name for path in Path("out/deep").iterdir()) == [
        f"{name}_{kind}"
        for name in ("other", "set")
        for kind in ("items.jsonl", "items.lock", "pred.json", "results.txt")
    ]
    report = Path("out/deep/set_results.txt").read_text(encoding="utf-8")
    assert "Total Samples: 2\n" in report
    assert run("--input-dir", "prompts", "--output-dir", "out/deep", "--model", "fake") == 0
    assert "set: 0 done, 0 cut off, 2 skipped as done, 0 failed, nothing left to do\n" in capsys.readouterr().out


def test_pictures_start_from_the_image_root(capsys: pytest.CaptureFixture[str]) -> None:
    make(Path("prompts"), ["a.png"])
    Path("scans").mkdir()
    Path("a.png").rename("scans/a.png")
    options = ("--input-dir", "prompts", "--output-dir", "out", "--model", "fake")
    assert run(*options) == 1
    assert "no such picture file" in capsys.readouterr().err
    assert run(*options, "--image-root", "scans") == 1
    assert "begun under other settings (image_root" in capsys.readouterr().err
    assert run(*options, "--image-root", "scans", "--force") == 0


def test_failures_are_named_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    make(Path("prompts"), ["a.png", *(f"none{index}\x1b[31m.png" for index in range(30))])
    assert run("--input-dir", "prompts", "--output-dir", "out", "--model", "fake") == 1
    out, err = capsys.readouterr()
    assert "1 done, 0 cut off, 0 skipped as done, 30 failed" in out
    lines = err.splitlines()
    assert len(lines) == 21
    assert lines[0] == r"failed: set: item 1 ('none0\x1b[31m'): no such picture file"
    assert lines[20].startswith("... and 10 more failures")
    assert "Total Samples: 31\n" in Path("out/set_results.txt").read_text(encoding="utf-8")


def test_a_bad_prompts_file_costs_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    make(Path("prompts"), ["a.png"])
    Path("prompts/bad.json").write_text('[{"images": []}]', encoding="utf-8")
    assert run("--input-dir", "prompts", "--output-dir", "out", "--model", "fake") == 1
    out, err = capsys.readouterr()
    assert "set: 1 done" in out
    assert err.startswith("failed: prompts/bad.json: item 0, line 1: ")
    assert not list(Path("out").glob("bad*"))


def test_empty_prompts_have_no_report() -> None:
    make(Path("prompts"), [])
    assert run("--input-dir", "prompts", "--output-dir", "out", "--model", "fake") == 0
    assert sorted(path.name for path in Path("out").iterdir()) == ["set_items.jsonl", "set_items.lock", "set_pred.json"]


def test_same_ids_are_scored() -> None:
    Path("one").mkdir()
    make(Path("prompts"), ["a.png", "one/a.png"])
    assert run("--input-dir", "prompts", "--output-dir", "out", "--model", "fake") == 0
    assert "Total Samples: 2\n" in Path("out/set_results.txt").read_text(encoding="utf-8")
    first, second = json.loads(Path("out/set_pred.json").read_text(encoding="utf-8"))
    assert first["img_id"] == second["img_id"] == "a" and first["pred"] != second["pred"]


def test_other_settings_need_force(capsys: pytest.CaptureFixture[str]) -> None:
    make(Path("prompts"), ["a.png"])
    options = ("--input-dir", "prompts", "--output-dir", "out", "--model", "fake")
    assert run(*options) == 0
    assert run(*options, "--beams", 3) == 1
    assert "beams 1 there, 3 now" in capsys.readouterr().err
    assert run(*options, "--beams", 3, "--force") == 0
    assert run(*options, "--beams", 3, "--batch-size", 32768, "--force") == 0
    assert '"batch_size": 256' in Path("out/set_items.jsonl").read_text(encoding="utf-8").splitlines()[0]


def settings(journal: str) -> dict[str, object]:
    return dict(json.loads(Path(journal).read_text(encoding="utf-8").splitlines()[0]))


def test_draws_as_the_released_system_does() -> None:
    make(Path("prompts"), ["a.png"])
    options = ("--input-dir", "prompts", "--output-dir", "out", "--model", "fake", "--as-released")
    assert run(*options) == 0
    released = {"max_tokens": 2048, "beams": 1, "temperature": 0.2, "top_p": 0.8, "top_k": 50, "samples": 1, "seed": 0}
    assert released.items() <= settings("out/set_items.jsonl").items()
    assert run(*options, "--seed", 7, "--temperature", 0.5, "--force") == 0
    assert {**released, "seed": 7, "temperature": 0.5}.items() <= settings("out/set_items.jsonl").items()


def test_answers_can_be_verified_and_each_check_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    make(Path("prompts"), ["a.png", "b.png"])
    where = ("--input-dir", "prompts", "--output-dir", "out", "--model", "fake")
    assert run(*where, "--verify") == 0
    out = capsys.readouterr().out
    # The fake model's answers to the checks are made up, so none is in its form.
    assert re.search(r"^tree +2 +0 +2 +0$", out, re.M) and "2 pictures: all agree on 0, 0 changed" in out
    assert settings("out/set_items.jsonl")["model"] == "fake+count+tree+find+fix"
    assert run(*where) == 1 and "begun under other settings" in capsys.readouterr().err


def test_pictures_can_be_read_turned_too_but_not_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    make(Path("prompts"), ["a.png", "b.png"])
    where = ("--input-dir", "prompts", "--output-dir", "out", "--model", "fake", "--tta")
    assert run(*where) == 0
    assert settings("out/set_items.jsonl")["model"] == "fake+tta"
    assert run(*where, "--verify", "--output-dir", "both") == 0
    assert settings("both/set_items.jsonl")["model"] == "fake+tta+count+tree+find+fix"
    capsys.readouterr()
    assert run(*where, "--as-released", "--output-dir", "drawn") == 2
    assert "--tta joins searches" in capsys.readouterr().err


def test_a_folder_of_pictures_without_labels(capsys: pytest.CaptureFixture[str]) -> None:
    make(Path("prompts"), ["a.png", "b.png"])
    scans = Path("my scans")
    (scans / "deep").mkdir(parents=True)
    Path("a.png").rename(scans / "a.png")
    Path("b.png").rename(scans / "deep" / "b.png")
    (scans / "notes.txt").touch()
    where = ("--pictures", scans, "--output-dir", "out", "--model", "fake", "--beams", 2)
    assert run(*where) == 0
    out, err = capsys.readouterr()
    assert "my scans: 1 done" in out and "not read: 2 (my scans/deep, my scans/notes.txt)" in err
    assert run(*where) == 0 and "1 skipped as done" in capsys.readouterr().out
    assert run(*where, "--recursive", "--force") == 0
    items = json.loads(Path("out/my scans_pred.json").read_text())
    assert [(item["img_id"], item["image_path"], item["gt"]) for item in items] == [
        ("a", "a.png", ""),
        ("b", "deep/b.png", ""),
    ]
    assert all(item["pred"] for item in items) and not Path("out/my scans_results.txt").exists()
    assert [len(result.candidates) for result in read_results(Path("out/my scans_items.jsonl"))] == [2, 2]


def test_nano_as_released_takes_its_tokens_but_does_not_draw() -> None:
    make(Path("prompts"), ["none.png"])
    where = ("--input-dir", "prompts", "--as-released")
    run(*where, "--output-dir", "nano")
    run(*where, "--output-dir", "fake", "--model", "fake")
    names = ("max_tokens", "temperature", "top_p", "top_k")
    assert [settings("nano/set_items.jsonl")[name] for name in names] == [2048, 0.0, 1.0, 0]
    assert [settings("fake/set_items.jsonl")[name] for name in names] == [2048, 0.2, 0.8, 50]


def test_stopping_it_says_that_the_same_command_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make(Path("prompts"), ["a.png"])

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(FakeEngine, "generate", stopped)
    assert run("--input-dir", "prompts", "--output-dir", "out", "--model", "fake") == 130
    assert capsys.readouterr().err == "\nstopped: the same command goes on from here\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--output-dir", "out"), "give one of --input-dir and --pictures"),
        (("--output-dir", "out", "--pictures", "empty"), "no pictures in empty"),
        (("--output-dir", "out", "--pictures", "empty", "--image-root", "."), "--image-root goes with --input-dir"),
        (("--input-dir", "nowhere", "--output-dir", "out"), "does not exist"),
        (("--input-dir", "empty", "--output-dir", "out"), "no prompts files (*.json) in empty"),
        (("--input-dir", "prompts", "--output-dir", "./prompts"), "--output-dir is --input-dir"),
        (
            ("--input-dir", "prompts", "--output-dir", "out", "--model", "gpt"),
            "there is no folder 'gpt'",
        ),
        (
            ("--input-dir", "prompts", "--output-dir", "a.png/out"),
            "--output-dir cannot be made: Not a directory",
        ),
        (("--input-dir", "prompts", "--output-dir", "out", "--batch-size", "x"), "'x' is not a valid"),
        (("--input-dir", "prompts", "--output-dir", "out", "--max-tokens", "0"), "0 is not in the range"),
        (
            ("--input-dir", "prompts", "--output-dir", "out", "--beams", "2", "--temperature", "1"),
            "give beams or a temperature, not both",
        ),
    ],
)
def test_wrong_use(options: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("empty").mkdir()
    make(Path("prompts"), ["a.png"])
    assert run(*options) == 2
    assert message in " ".join(capsys.readouterr().err.split())


def shell(*command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src"), "PYTHON": sys.executable}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_only_the_first_process_may_force() -> None:
    make(Path("prompts"), ["a.png"])
    Path("out").mkdir()
    claims = Claims(Path("out/set_items.lock"))
    claims.enter()
    options = ("--force", "--model=fake", "--input-dir=prompts", "--output-dir=out")
    done = shell(sys.executable, "-m", "unimumer", "infer", *options)
    claims.close()
    assert done.returncode == 1
    assert "set_items.jsonl: another process is at work on it" in done.stderr


_HOLDER = """
import sys, time
from pathlib import Path
from unimumer.batch.claims import Claims
claims = Claims(Path("out/one_items.lock"))
claims.enter()
print(claims.take(0), flush=True)
time.sleep(60)
"""


def test_goes_on_with_other_files_and_takes_over_from_a_dead_process() -> None:
    make(Path("prompts"), ["a.png", "b.png"], "one.json")
    make(Path("prompts"), ["c.png"], "two.json")
    Path("out").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
    holder = subprocess.Popen([sys.executable, "-c", _HOLDER], env=environment, stdout=subprocess.PIPE, text=True)
    assert holder.stdout and holder.stdout.readline() == "True\n"
    options = ("--model=fake", "--input-dir=prompts", "--output-dir=out")
    command = [sys.executable, "-m", "unimumer", "infer", *options]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        end = time.monotonic() + 60
        while not Path("out/two_results.txt").exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        assert process.poll() is None
        holder.kill()
        holder.communicate()
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "one: 2 done, 0 cut off, 0 skipped as done, 0 failed" in out
    assert Path("out/one_results.txt").exists()
