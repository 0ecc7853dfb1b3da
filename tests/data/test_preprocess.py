"""The released system's own preprocessing commands, run as they are run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import unimumer
from unimumer.tasks import prompts

ROOT = Path(unimumer.__file__).parents[2]


def run(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "preprocess" / script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT / "src")})


def plain(label: object) -> dict[str, object]:
    said = [("human", f"<image>{prompts.RECOGNIZE}"), ("gpt", label)]
    return {"images": ["./a/1.jpg"], "messages": [{"from": who, "value": what} for who, what in said]}


def test_tree_and_count_records_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "set.json").write_text(json.dumps([plain("x ^ { 2 }"), plain("x ^"), plain(3), plain("y")]))
    (tmp_path / "other_no.json").write_text("[]")
    options = ("--input", tmp_path, "--exclude-substring", "_no", "--prefix", "p_", "--indent", "2")
    done = run("make_unimumer_tree_data.py", "--task", "tree", *options)
    assert done.returncode == 0, done.stderr
    made = json.loads((tmp_path / "p_set_tree.json").read_text())
    assert [record["messages"][1]["value"] for record in made] == ["x\n\t2 (sup)\nx ^ { 2 }", "y\ny"]
    assert made[0]["images"] == ["./a/1.jpg"] and made[0]["messages"][0]["value"] == f"<image>{prompts.TREE}"
    invalid = json.loads((tmp_path / "p_set_tree_invalid_record.json").read_text())
    assert [item["index"] for item in invalid] == [1, 2] and invalid[0]["record"] == plain("x ^")
    assert not (tmp_path / "p_other_no_tree.json").exists()
    (tmp_path / "a_broken.json").write_text("[")
    done = run("make_unimumer_tree_data.py", "--task", "tree", *options)
    assert done.returncode == 1 and "a_broken.json: " in done.stderr and "p_set_tree.json: 2 records" in done.stdout

    done = run(
        "make_unimumer_tree_data.py",
        "--task",
        "can",
        "--input",
        tmp_path / "set.json",
        "--output",
        tmp_path / "new" / "n.json",
    )
    assert done.returncode == 0, done.stderr
    counted = json.loads((tmp_path / "new" / "n.json").read_text())
    assert [record["messages"][1]["value"] for record in counted] == [
        "x: 1, ^: 1, 2: 1\nx ^ { 2 }",
        "x: 1, ^: 1\nx ^",
        "y: 1\ny",
    ]
    strict = run("make_unimumer_tree_data.py", "--task", "tree", "--strict", "--input", tmp_path / "set.json")
    assert strict.returncode == 1 and "item 1" in strict.stderr and not (tmp_path / "set_tree.json").exists()
    over = run("make_unimumer_tree_data.py", "--task", "tree", "--suffix", "", "--input", tmp_path / "set.json")
    assert over.returncode == 1 and "would be written over" in over.stderr


def test_prompt_records_of_captions(tmp_path: Path) -> None:
    text = "1\tx^2 \\le 1\n2.5\t\\frac {\nbroken\n3.png \\sqrt [ ]  x\n4 \u6c42 x\n6 \\pi\n"
    text += "5 \\begin{array}{lr} a & b \\end{array}\n"
    (tmp_path / "caption.txt").write_text(text, encoding="utf-8")
    where = ("--output-dir", tmp_path / "out", "--image-base-path", "data/images")
    options = (*where, "--mathnet-root", "nowhere", "--delete-token", "\\pi")
    done = run("make_mathnet_hmer_data.py", "process", "--input", tmp_path / "caption.txt", *options)
    assert done.returncode == 0, done.stderr
    made = json.loads((tmp_path / "out" / "out_0425_final.json").read_text())
    assert [record["messages"][1]["value"] for record in made] == [
        "x ^ { 2 } \\leq 1",
        "\\sqrt { x }",
        "\\begin {array} { c c } a & b \\end {array}",
    ]
    assert [record["images"] for record in made] == [
        ["data/images/1.jpg"],
        ["data/images/3.png"],
        ["data/images/5.jpg"],
    ]
    invalid = json.loads((tmp_path / "out" / "invalid_record.json").read_text())
    assert [item["image_id"] for item in invalid] == ["2.5", "broken", "4", "6"]
    assert invalid[0]["image_path"] == "data/images/2.5.jpg" and all(item["reason"] for item in invalid)


def test_captions_as_they_are(tmp_path: Path) -> None:
    items = [{"img_id": "1", "label": "x^2 \u6c42"}, {"img_id": "2"}, 3]
    (tmp_path / "items.json").write_text(json.dumps(items[:2]))
    where = ("--output-dir", tmp_path / "out", "--image-base-path", "data/images", "--input", tmp_path / "items.json")
    done = run("make_mathnet_hmer_data.py", "prompt-only", *where)
    assert done.returncode == 0, done.stderr
    (record,) = json.loads((tmp_path / "out" / "out.json").read_text())
    assert record["messages"][1]["value"] == "x^2 \u6c42" and record["images"] == ["data/images/1"]
    assert len(json.loads((tmp_path / "out" / "invalid_record.json").read_text())) == 1
    (tmp_path / "items.json").write_text(json.dumps(items))
    done = run("make_mathnet_hmer_data.py", "prompt-only", *where)
    assert done.returncode == 1 and "Traceback" not in done.stderr
