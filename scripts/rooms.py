"""Prints files and lines of each room of the package, and what is longer than the house allows."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "unimumer"
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
"""Lines; docs/architecture.md says why."""


def room(path: Path) -> str:
    """The folder of a module; of `training` the folder below, of a module at the top its own name."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return "/".join(parts[:2]) if parts[0] == "training" and len(parts) > 2 else parts[0]


def too_long(path: Path, text: str) -> Iterator[str]:
    """A sentence for the file, and for each function of it, that is longer than allowed."""
    lines = text.count("\n")
    if lines > LONGEST_FILE:
        yield f"{path}: {lines} lines, at most {LONGEST_FILE}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines, at most {LONGEST_FUNCTION}"


def main() -> int:
    """Print a line a room; 1 when something is too long."""
    files, lines, faults = Counter[str](), Counter[str](), list[str]()
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        files[room(path)] += 1
        lines[room(path)] += text.count("\n")
        faults += too_long(path, text)
    for name in sorted(files):
        print(f"{name:<24}{files[name]:>4} files{lines[name]:>7} lines")
    print(f"{'all':<24}{files.total():>4} files{lines.total():>7} lines")
    print("\n".join(faults), file=sys.stderr, end="\n" if faults else "")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
