"""The adapter to the official CDM, against stand-ins of its interface: a checkout made here, sound or bad."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest

from unimumer.cli.main import cli
from unimumer.metrics import MetricsError, Pair, evaluate
from unimumer.metrics.analysis import analyze
from unimumer.metrics.cdm import Evaluator, _name
from unimumer.metrics.report import to_text

pytestmark = pytest.mark.skipif(os.name != "posix", reason="CDM runs on POSIX systems only")

STAND_IN = """
import argparse, json, os, sys, time
parser = argparse.ArgumentParser()
parser.add_argument("--input", "-i")
parser.add_argument("--output", "-o")
parser.add_argument("--pools", "-p", type=int)
given = parser.parse_args()
with open(given.input) as stream:
    pairs = json.load(stream)
with open(LOG, "a") as log:
    log.write(json.dumps({"pairs": pairs, "variables": dict(os.environ), "folder": os.getcwd()}) + "\\n")
def written(details):
    out = os.path.join(given.output, os.path.basename(given.input).split(".")[0])
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "metrics_res.json"), "w") as stream:
        json.dump({"mean_score": 0.5, "exp_rate": 0.5, "details": details}, stream)
details = {}
for pair in pairs:
    gt, pred = (set(pair[side].split()) for side in ("gt", "pred"))
    score = round(2 * len(gt & pred) / (len(gt) + len(pred)), 3)
    if "bad" in gt or EVERY:
        BAD
    if "unrendered" not in gt:
        details[pair["img_id"].split(".")[0]] = {"recall": score, "precision": score, "F1_score": score}
written(details)
print("=> process done")
"""
PAIRS = [
    Pair("equal", "a", "a"),
    Pair("none", "a", None),
    Pair("half", "a b", "a c"),
    Pair("blind", "x ^ 2", "2 ^ x"),
    Pair("unrendered", "unrendered", "b"),
]


def checkout(folder: Path, bad: str = "pass", every: bool = False) -> Path:
    """A folder with a program of CDM's interface, which compares sets of tokens.

    `bad` runs for each pair whose label says "bad", or for every one.
    """
    place = folder / "cdm"
    place.mkdir(exist_ok=True)
    text = STAND_IN.replace("LOG", repr(str(folder / "log"))).replace("BAD", bad).replace("EVERY", str(every))
    (place / "evaluation.py").write_text(text, encoding="utf-8")
    return place


@pytest.fixture
def unconfined(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in keeps a log, which bubblewrap would prevent."""
    monkeypatch.setattr("unimumer.metrics.cdm._confinement", list)


def log(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "log").read_text(encoding="utf-8").splitlines()]


@pytest.mark.usefixtures("unconfined")
def test_only_pairs_that_differ_are_asked_about_and_only_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "token")
    evaluator = Evaluator(checkout(tmp_path))
    report = analyze(evaluate(PAIRS), rendered=True, cdm=lambda texts: evaluator.scores(texts, tmp_path / "kept"))
    assert report.renderings["cdm"] == (1.0, 0.0, 0.5, 1.0, None)
    assert {name: (figure.value, figure.n) for name, figure in report.rendered.items() if "score" not in name} == {
        "match": (0.2, 5),
        "cdm_match": (0.5, 4),
        "agreement": (0.5, 2),
    }
    assert report.undecided == ("unrendered",)
    assert "no verdict of CDM, left out of its scores: 1 (unrendered)" in to_text(report)
    asked = log(tmp_path)
    assert [len(run["pairs"]) for run in asked] == [2, 4]  # type: ignore[arg-type]
    assert all(len(pair["img_id"]) == 32 and pair["img_id"].isalnum() for pair in asked[1]["pairs"])  # type: ignore
    variables = dict(asked[1]["variables"])  # type: ignore[call-overload]
    assert "SECRET" not in variables and variables["HOME"] == variables["TMPDIR"] == asked[1]["folder"]
    assert (variables["shell_escape"], variables["openin_any"], variables["openout_any"]) == ("f", "p", "p")
    assert not Path(variables["HOME"]).exists()

    # What was kept is not asked again: only the two pairs that try the evaluator are.
    again = Evaluator(checkout(tmp_path))
    texts = [(pair.label, pair.prediction or "") for pair in PAIRS[2:]]
    assert again.scores(texts, tmp_path / "kept") == [0.5, 1.0, None]
    assert len(log(tmp_path)) == 3
    # Another evaluator has scores of its own.
    other = Evaluator(checkout(tmp_path, "pass  # another"))
    assert other.digest != again.digest and other.scores(texts, tmp_path / "kept") == [0.5, 1.0, None]
    assert len(log(tmp_path)) == 5


@pytest.mark.usefixtures("unconfined")
@pytest.mark.parametrize(
    "bad",
    [
        "time.sleep(60)",
        "sys.exit(3)",
        "os.abort()",
        "score = float('nan')",
        "score = 7",
        "score = '1'",
        "score = None",
        "details['other'] = []",
        "written([]); sys.exit()",
        "os.makedirs('out/pairs'); open('out/pairs/metrics_res.json', 'w').write('['); sys.exit()",
        # A result that lies elsewhere.
        "os.makedirs('out/pairs'); os.symlink(ELSEWHERE, 'out/pairs/metrics_res.json'); sys.exit()",
        # A child that goes on and holds the output open.
        "os.fork() or time.sleep(60); sys.exit(3)",
        # A file without end, and words without end.
        "open('out.bin', 'wb').truncate(1 << 40)",
        "[print('words ' * 1000) for _ in range(20000)]; sys.exit(1)",
    ],
)
def test_a_pair_on_which_it_fails_costs_no_other_its_score(tmp_path: Path, bad: str) -> None:
    texts = [("a b", "a c"), ("bad", "b"), ("a", "b"), ("a", "a b")]
    elsewhere = tmp_path / "elsewhere.json"
    every = {_name(text): {"F1_score": 1.0} for text in [*texts, ("x", "x")]}
    elsewhere.write_text(json.dumps({"details": every}), encoding="utf-8")
    evaluator = Evaluator(checkout(tmp_path, bad.replace("ELSEWHERE", repr(str(elsewhere)))), (2.0, 0.0))
    started = time.monotonic()
    assert evaluator.scores(texts) == [0.5, None, 0.0, 0.667]
    assert time.monotonic() - started < 20


@pytest.mark.usefixtures("unconfined")
@pytest.mark.parametrize("bad", ["sys.exit('no TeX here')", "print('no TeX here'); sys.exit(1)"])
def test_one_that_does_not_run_is_refused_with_what_it_said(tmp_path: Path, bad: str) -> None:
    with pytest.raises(MetricsError, match=r"does it run by itself\? .* ended with 'no TeX here'"):
        Evaluator(checkout(tmp_path, bad, every=True))


@pytest.mark.usefixtures("unconfined")
def test_one_that_stops_working_is_told_of(tmp_path: Path) -> None:
    evaluator = Evaluator(checkout(tmp_path))
    checkout(tmp_path, "sys.exit('disk full')", every=True)
    with pytest.raises(MetricsError, match="ended with 'disk full'"):
        evaluator.scores([("a b", "a c"), ("a", "b")])


@pytest.mark.usefixtures("unconfined")
def test_one_that_calls_everything_equal_or_nothing_is_refused(tmp_path: Path) -> None:
    for bad in ("score = 1.0", "score = 0.0", "gt = {'unrendered'}"):
        with pytest.raises(MetricsError, match="no sound scores"):
            Evaluator(checkout(tmp_path, bad, every=True))


def test_what_is_no_checkout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MetricsError, match=r"no evaluation\.py of CDM"):
        Evaluator(tmp_path)
    odd = tmp_path / "a $(b)"
    odd.mkdir()
    with pytest.raises(MetricsError, match="shell commands: move it"):
        Evaluator(checkout(odd))


def test_confined_it_writes_nowhere_else_and_has_no_network(tmp_path: Path) -> None:
    if not Evaluator(checkout(tmp_path)).confined:
        pytest.skip("bubblewrap does not work here")
    outside = tmp_path / "outside"
    bad = f"""
        import socket
        for attempt in (lambda: open({str(outside)!r}, "w"), lambda: socket.create_connection(("192.0.2.1", 9), 1)):
            try:
                attempt()
            except OSError as error:
                if error.errno not in (errno.EROFS, errno.ENETUNREACH):
                    raise
"""
    place = checkout(tmp_path, bad.strip(), every=True) / "evaluation.py"
    text = place.read_text(encoding="utf-8").replace(repr(str(tmp_path / "log")), "'log'")
    place.write_text(f"import errno\n{text}", encoding="utf-8")
    assert Evaluator(place).scores([("a b", "a c")]) == [0.5]
    assert not outside.exists()


@pytest.mark.usefixtures("unconfined")
def test_the_command_says_what_it_gave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    pairs = [{"gt": pair.label, "pred": pair.prediction, "img_id": pair.id} for pair in PAIRS]
    path, out = tmp_path / "set_pred.json", tmp_path / "out.json"
    path.write_text(json.dumps(pairs), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        cli.main(["evaluate", str(path), "--cdm", str(checkout(tmp_path)), "--json", str(out)])
    assert ended.value.code in (0, None)
    printed, err = capsys.readouterr()
    assert re.search(r"CDM match \(official\) +50\.00 %", printed)
    assert err.startswith("bubblewrap (bwrap) does not work here")
    (found,) = json.loads(out.read_text(encoding="utf-8"))["evaluations"]
    assert found["cdm_has_no_verdict"] == ["unrendered"] and "match" not in found["rendered"]
    assert [item["cdm_score"] for item in found["items"]] == [1.0, 0.0, 0.5, 1.0, None]
    assert [path.suffix for path in (tmp_path / "cache" / "unimumer" / "cdm").iterdir()] == [".json"]
