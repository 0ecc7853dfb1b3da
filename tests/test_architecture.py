"""Nothing looks back up the stream: each room imports only what docs/architecture.md lets it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import unimumer

PACKAGE = Path(unimumer.__file__).parent
BASE = {"errors", "environment"}
MAY_IMPORT = {
    "errors": set(),
    "environment": set(),
    "latex": set(),
    "imaging": set(),
    "metrics": {"latex"},
    "export": {"latex"},
    "typeset": {"latex", "export"},
    "results": {"engines"},
    "ink": {"latex"},
    "tasks": {"latex"},
    "data": {"latex", "ink", "imaging"},
    "engines": {"imaging", "tasks"},
    "verify": {"latex", "imaging", "tasks", "engines"},
    "recognizer": {"engines", "imaging", "ink", "results", "tasks", "verify"},
    "batch": {"data", "engines", "imaging", "results", "tasks"},
    "training": {"latex", "data", "ink", "imaging", "tasks", "engines", "results", "batch"},
}
"""`cli` and the package's own `__init__` may import all."""
FREE = {"cli", "__init__", "__main__"}


def rooms(file: Path) -> set[str]:
    """Rooms of this package that a file imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "unimumer":
            path = (node.module or "").split(".")[1:]
            names |= {path[0]} if path else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("unimumer.")}
    return names


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_a_file_imports_only_what_its_room_may(file: Path) -> None:
    room = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if room not in FREE:
        assert rooms(file) <= MAY_IMPORT[room] | BASE | {room}


def test_every_room_is_listed_in_the_documentation() -> None:
    text = (PACKAGE.parents[1] / "docs" / "architecture.md").read_text()
    for room in MAY_IMPORT:
        assert f"| `{room}" in text, room
