"""`unimumer train`: what it packs, prints and refuses; what needs PyTorch is tested beside the training."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import click
import pytest

from commands import run as command
from unimumer.cli.options import seconds as read_seconds
from unimumer.cli.train_adapt import _carried_over
from unimumer.compose.corpus import is_validation, load_corpus
from unimumer.engines.nano import FILES, LANGUAGE, NanoEngine, embedded

run = partial(command, "train")

INKML = """<ink><annotation type="truth">$x$</annotation><annotation type="writer">{writer}</annotation>
<trace id="0">0 0, 9 9</trace><trace id="1">9 0, 0 9</trace>{symbols}</ink>"""
SYMBOLS = """<traceGroup><annotation type="truth">x</annotation>
<traceView traceDataRef="0"/><traceView traceDataRef="1"/></traceGroup>"""


@pytest.fixture
def ink(tmp_path: Path) -> Path:
    """Ten inks by trained writers and one by a writer who is held out."""
    folder = tmp_path / "ink"
    folder.mkdir()
    names = [f"w{i}" for i in range(1000)]
    held = [name for name in names if is_validation(name)]
    trained = [name for name in names if not is_validation(name)]
    for i, writer in enumerate([*trained[:10], held[0]]):
        (folder / f"e{i}.inkml").write_text(INKML.format(writer=writer, symbols=SYMBOLS))
    return folder


def test_packs_ink(ink: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("pack", "--ink", ink, "--out", "made/x.packed") == 0
    said = "made/x.packed: 11 expressions, 1 of them held out, 0 single symbols, 1 symbol classes, 0 formulas\n"
    assert capsys.readouterr() == (said, "")
    assert load_corpus(Path("made/x.packed")).labels == ("x",) * 11


def test_formulas_are_packed_and_those_passed_over_are_counted(ink: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.txt").write_text("x^2\n\\foo\n")
    Path("b.txt").write_text("x + x\n")
    assert run("pack", "--ink", ink, "--formulas", "a.txt", "--formulas", "b.txt", "--out", "x.npz") == 0
    out, err = capsys.readouterr()
    assert out.endswith("1 symbol classes, 2 formulas\n")
    assert err == "a.txt: 1 formulas, 1 passed over\nb.txt: 1 formulas, 0 passed over\n"
    assert load_corpus(Path("x.npz")).formulas == (("x ^ { 2 }",), ("x + x",))


def test_ink_left_out_is_named(ink: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (ink / "bad.inkml").write_text("<ink>")
    (ink / "unmarked.inkml").write_text(INKML.format(writer="w", symbols=""))
    assert run("pack", "--ink", ink, "--out", "x.npz") == 1
    out, err = capsys.readouterr()
    assert out.startswith("x.npz: 11 expressions")
    bad, unmarked = sorted(err.splitlines())
    assert bad.startswith("left out: bad: not readable as InkML")
    assert unmarked == "left out: unmarked: no symbols are marked"


def test_nothing_to_pack(ink: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in ink.iterdir():
        path.write_text(INKML.format(writer="w", symbols=""))
    assert run("pack", "--ink", ink, "--out", "x.npz") == 1
    err = capsys.readouterr().err.splitlines()
    assert len(err) == 12 and err[-1] == "Error: no labelled ink with symbols to train on"
    (ink / "only.inkml").write_text(INKML.format(writer="w0", symbols=SYMBOLS))
    assert run("pack", "--ink", ink, "--out", "x.npz") == 1
    assert "training needs ink of several writers" in capsys.readouterr().err
    assert not Path("x.npz").exists()


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("20m", 1200), ("2h", 7200), ("1.5h", 5400), ("7", 7)])
def test_durations(text: str, seconds: float) -> None:
    assert read_seconds(click.Context(click.Command("c")), click.Option(["--o"]), text) == seconds


@pytest.mark.parametrize("text", ["", "s", "0s", "-1h", "nan", "inf", "infh", "1e999s", "2 days", "2d", "1h30m"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(click.BadParameter, match="not a duration such as"):
        read_seconds(click.Context(click.Command("c")), click.Option(["--o"]), text)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "--ink and --corpus"),
        (("--corpus", "c.npz", "--ink", "ink"), "--ink and --corpus"),
        (("--corpus", "none.npz"), "--corpus"),
        (("--corpus", "ink"), "--corpus"),
        (("--ink", "none"), "--ink"),
        (("--ink", "ink", "--cells", "63"), "--cells"),
        (("--ink", "ink", "--workers", "-1"), "--workers"),
        (("--ink", "ink", "--threads", "0"), "--threads"),
        (("--ink", "ink", "--rate", "0"), "--rate"),
        (("--ink", "ink", "--seed", "-1"), "--seed"),
        (("--ink", "ink", "--device", "tpu"), "--device"),
        (("--ink", "ink", "--init", "c.npz"), "--init"),
        (("--ink", "ink", "--time-budget", "0"), "--time-budget"),
    ],
)
@pytest.mark.usefixtures("ink")
def test_wrong_use(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], named: str) -> None:
    Path("c.npz").write_bytes(b"")
    assert run("nano", "--out", "o", "--time-budget", "1s", *arguments) == 2
    assert named in capsys.readouterr().err.splitlines()[-1]
    assert not Path("o").exists()


@pytest.mark.usefixtures("ink")
def test_wrong_use_of_adapt(capsys: pytest.CaptureFixture[str]) -> None:
    Path("m").mkdir()
    for arguments, named in (
        (("ink",), "give --runtime, --out or both"),
        (("ink", "--runtime", "r"), "there is no folder models/nano; --model takes Nano's Hugging Face folder"),
        (("none", "--runtime", "r", "--model", "m"), "'none' does not exist"),
        (("ink", "--runtime", "r", "--model", "m", "--kept", "1.5"), "--kept"),
        (("ink", "--runtime", "r", "--model", "m", "--passes", "0"), "--passes"),
    ):
        assert run("adapt", *arguments) == 2
        assert named in " ".join(capsys.readouterr().err.split())
    assert not Path("r").exists()


def test_an_adapted_runtime_gets_calibration_and_language_model_together(tmp_path: Path) -> None:
    """Confidences were fitted to what both models say; a runtime of other tokens gets neither."""
    shipped = json.loads((embedded() / "nano.json").read_text())
    for name in FILES:
        shutil.copy(embedded() / name, tmp_path)
    bare = {**shipped, "sha256": {name: shipped["sha256"][name] for name in FILES}, "calibration": [], "language": []}
    (tmp_path / "nano.json").write_text(json.dumps(bare))
    assert shipped["name"] in _carried_over(tmp_path)
    assert json.loads((tmp_path / "nano.json").read_text()) == shipped
    assert (tmp_path / LANGUAGE).read_bytes() == (embedded() / LANGUAGE).read_bytes()
    assert NanoEngine.load(tmp_path, threads=1).calibrated
    (tmp_path / "nano.json").write_text(json.dumps({**bare, "sha256": {**bare["sha256"], "tokenizer.json": "0"}}))
    assert "not calibrated" in _carried_over(tmp_path)
