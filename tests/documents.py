"""Reads the commands of the documentation, and makes small stand-ins for the files of a reader that they name."""

from __future__ import annotations

import json
import re
import shutil
import tarfile
import textwrap
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from click.testing import CliRunner

from compose.conftest import write_inkml
from unimumer.cli.main import cli
from unimumer.data.sharegpt import IMAGE, record, write_released
from unimumer.engines.nano import FILES
from unimumer.tasks import recognize

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
SHIPPED = ROOT / "src" / "unimumer" / "models" / "nano"
CLONE = ("bench", "docker", "docs", "eval", "examples", "models", "page", "preprocess", "scripts", "src", "train")
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.S | re.M)
_IDS = ("sum", "square")


def blocks(document: Path, language: str) -> Iterator[tuple[int, str]]:
    """Line and text of the fenced blocks of a language, in order."""
    text = document.read_text(encoding="utf-8")
    for found in _FENCE.finditer(text):
        if found[2] == language:
            yield text.count("\n", 0, found.start()) + 2, textwrap.dedent(found[3])


def commands(document: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every command in the blocks of bash, lines that go on joined."""
    for line, block in blocks(document, "bash"):
        for text in re.split(r"(?<!\\)\n", block):
            if text.strip():
                yield line, text
            line += text.count("\n") + 1


def clone(folder: Path) -> Path:
    """A folder that has what a fresh clone has; what is made in it stays in it."""
    folder.mkdir(parents=True)
    for name in CLONE:
        (folder / name).symlink_to(ROOT / name)
    for path in ROOT.glob("[!.]*"):
        if path.is_file():
            (folder / path.name).symlink_to(path)
    return folder


def stand_in(name: str, folder: Path) -> None:
    """Make what a command needs under that name, unless an earlier one has made it."""
    path = folder / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        STAND_INS[name](path)


def trained(path: Path) -> None:
    """A runtime folder as `train nano --runtime` leaves it, not calibrated and without a language model."""
    path.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(SHIPPED / name, path)
    about = json.loads((SHIPPED / "nano.json").read_text())
    (path / "nano.json").write_text(json.dumps({**about, "calibration": [], "language": []}))


def benchmarked(path: Path) -> None:
    """What `benchmark crohme-2014` leaves, of two expressions."""
    _prompts(path / "prompts", "crohme_2014", str(EXAMPLES))
    where = ["--input-dir", str(path / "prompts"), "--output-dir", str(path), "--model", "fake"]
    run = ["evaluate", str(path / "crohme_2014_pred.json"), "--json", str(path / "benchmark.json")]
    for words in (["infer", *where], run):
        done = CliRunner().invoke(cli, words)
        assert done.exit_code == 0, done.output


def _pictures(path: Path) -> None:
    path.mkdir()
    for id in _IDS:
        shutil.copy(EXAMPLES / f"{id}.png", path)


def _ink(path: Path) -> None:
    write_inkml(path, number=30)


def _packed(path: Path) -> None:
    _ink(path.with_suffix(""))
    done = CliRunner().invoke(cli, ["train", "pack", "--ink", str(path.with_suffix("")), "--out", str(path)])
    assert done.exit_code == 0, done.output


def _archive(path: Path) -> None:
    _ink(path.with_suffix(""))
    with tarfile.open(path, "w:xz") as archive:
        archive.add(path.with_suffix(""), "ink")


def _mine(path: Path) -> None:
    _pictures(path)
    (path / "images").mkdir()
    (path / "sum.png").rename(path / "images" / "first.png")
    (path / "square.png").rename(path / "images" / "second.png")
    (path / "caption.txt").write_text("first\t2 + 3 = 5\nsecond\tx^2\n")


def _prompts(path: Path, name: str = "set", root: str = "examples") -> None:
    path.mkdir(parents=True, exist_ok=True)
    labels = {"sum": "2 + 3 = 5", "square": "( a + b ) ^ { 2 }"}
    question = IMAGE + recognize.prompt()
    write_released(path / f"{name}.json", [record(Path(root, f"{i}.png"), question, x) for i, x in labels.items()])


def _released(path: Path) -> None:
    """The released test sets, as far as CROHME 2014 goes, and of that two expressions."""
    made = path.with_suffix("")
    _prompts(made / "prompts", "crohme_2014", "data/CROHME/2014/images")
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(made / "prompts" / "crohme_2014.json", "data/CROHME/prompts/crohme_2014.json")
        for id in _IDS:
            archive.write(EXAMPLES / f"{id}.png", f"data/CROHME/2014/images/{id}.png")
        archive.writestr("data/CROHME/2014/caption.txt", "sum\t2 + 3 = 5\nsquare\t( a + b ) ^ { 2 }\n")
    shutil.rmtree(made)


def _predictions(path: Path) -> None:
    items = [{"gt": "x", "pred": "x", "img_id": "a", "image_path": "a.png"}]
    items += [{"gt": "y", "pred": path.name[:3], "img_id": "b", "image_path": "b.png"}]
    path.write_text(json.dumps(items))


def _corrections(path: Path) -> None:
    strokes = json.loads((EXAMPLES / "sum.strokes.json").read_text())["strokes"]
    content = {"strokes": strokes, "latex": "2+3=5", "read": "z+3=5", "model": "nano", "time": 1}
    path.write_text(json.dumps(content) + "\n")


STAND_INS: dict[str, Callable[[Path], None]] = {
    "photo.jpg": lambda path: shutil.copy(EXAMPLES / "odd_photo.jpg", path),
    "homework.jpg": lambda path: shutil.copy(EXAMPLES / "circle_photo.jpg", path),
    "homework/": _pictures,
    "mine": _mine,
    "prompts": _prompts,
    "data.zip": _released,
    "corrections.jsonl": _corrections,
    "new_pred.json": _predictions,
    "old_pred.json": _predictions,
    "crohme2013": _ink,
    "crohme2012": _ink,
    "crohme-train.tar.xz": _archive,
    "runs/all.npz": _packed,
}
"""Made where a command names them."""
