"""Claims keep processes apart, and end with the process that has them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from unimumer.batch.claims import Claims

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no record locks")

_OTHER = """
import sys
from pathlib import Path
from unimumer.batch.claims import Claims
claims = Claims(Path(sys.argv[1]))
print(eval(sys.argv[2]), flush=True)
sys.stdin.read()
"""


@contextmanager
def other(path: Path, expression: str) -> Iterator[str]:
    """Another process that holds what an expression over `claims` takes, and is killed at the end."""
    source = Path(sys.modules["unimumer"].__file__ or "").parents[1]
    process = subprocess.Popen(
        [sys.executable, "-c", _OTHER, str(path), expression],
        env={"PYTHONPATH": str(source)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "set.lock"


@pytest.fixture
def claims(path: Path) -> Iterator[Claims]:
    claims = Claims(path)
    yield claims
    claims.close()


def test_a_chunk_belongs_to_one_process_until_it_dies(claims: Claims, path: Path) -> None:
    assert claims.take(3)
    with other(path, "claims.take(3), claims.take(4)") as answer:
        assert answer == "(False, True)"
        assert not claims.take(4)
        assert claims.take(5)
    claims.wait(4)
    assert claims.take(4)
    claims.drop(3)
    with other(path, "claims.take(3), claims.take(4)") as answer:
        assert answer == "(True, False)"


def test_alone_is_alone(claims: Claims, path: Path) -> None:
    claims.enter()
    with other(path, "claims.enter()"):
        assert not claims.alone()
        claims.leave()
    assert claims.alone()
    with other(path, "claims.alone()") as answer:
        assert answer == "False"
    claims.enter()
    with other(path, "claims.enter(), claims.alone()") as answer:
        assert answer == "(None, False)"
