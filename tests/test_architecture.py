"""Nothing looks back up the stream: each room imports only what docs/architecture.md lets it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path

import pytest

import unimumer

PACKAGE = Path(unimumer.__file__).parent
BASE = {"errors", "environment"}
MAY_IMPORT = {
    "errors": set(),
    "environment": set(),
    "files": set(),
    "latex": set(),
    "imaging": set(),
    "metrics": {"files", "results", "latex", "typeset"},
    "export": {"latex"},
    "typeset": {"latex", "export"},
    "results": {"files", "engines"},
    "ink": {"files", "latex"},
    "compose": {"files", "latex", "ink"},
    "tasks": {"latex"},
    "data": {"files", "latex", "ink", "imaging", "tasks"},
    "engines": {"files", "imaging", "tasks"},
    "verify": {"latex", "imaging", "tasks", "engines"},
    "recognizer": {"engines", "export", "imaging", "ink", "latex", "tasks", "typeset", "verify"},
    "serve": {"files", "engines", "export", "imaging", "ink", "latex", "recognizer"},
    "batch": {"files", "data", "engines", "imaging", "results", "tasks"},
    "training": set(),
    "training/nano": {
        "files",
        "latex",
        "data",
        "compose",
        "ink",
        "imaging",
        "tasks",
        "engines",
        "recognizer",
        "training",
    },
    "training/llamafactory": {"files", "data", "imaging", "tasks", "engines", "training"},
    "training/errors": {
        "files",
        "latex",
        "data",
        "compose",
        "tasks",
        "engines",
        "results",
        "batch",
        "training",
        "training/nano",
    },
}
"""`cli` and the package's own `__init__` may import all."""
FREE = {"cli", "__init__", "__main__"}


def room(path: Sequence[str]) -> str:
    """The room of a file or module below the package: training has several, held apart."""
    inner = "/".join(path[:2])
    return inner if inner in MAY_IMPORT else path[0]


def rooms(file: Path) -> set[str]:
    """Rooms of this package that a file imports, wherever in the file."""
    modules: list[str] = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "unimumer":
            modules += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            modules += [alias.name for alias in node.names if alias.name.startswith("unimumer.")]
    return {room(module.split(".")[1:]) for module in modules}


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_a_file_imports_only_what_its_room_may(file: Path) -> None:
    own = room(file.relative_to(PACKAGE).with_suffix("").parts)
    if own not in FREE:
        assert rooms(file) <= MAY_IMPORT[own] | BASE | {own}


def test_a_class_name_occurs_once() -> None:
    trees = [ast.parse(file.read_text()) for file in PACKAGE.rglob("*.py")]
    names = [node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    assert [name for name in set(names) if name[0] != "_" and names.count(name) > 1] == []


def test_every_room_is_listed_in_the_documentation() -> None:
    text = (PACKAGE.parents[1] / "docs" / "architecture.md").read_text()
    for room in MAY_IMPORT:
        assert f"| `{room}" in text, room
