"""README.md and docs: every command runs as it is written, in the order written, on a fresh clone."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import get_args, get_type_hints

import click
import pytest
import yaml

from documents import ROOT, STAND_INS, benchmarked, blocks, clone, commands, stand_in, trained
from unimumer.cli.main import cli
from unimumer.imaging import Flaw

DOCUMENTS = ["README.md", "examples/README.md", *(f"docs/{p.name}" for p in sorted((ROOT / "docs").glob("*.md")))]
DOCUMENTS.remove("docs/log.md")  # what was done on a day stays as it was done

NOT_RUN = {
    r"make ": "sets up environments, builds with Node, or serves; CI runs the targets",
    r"pip install": "asks the package index",
    r"unimumer serve|curl |python -m http.server": "a server, or a question to one; tests/serve asks it",
    r"docker ": "needs Docker and a registry",
    r".*--model (models/Uni-MuMER|/models|openai:)": "a published model or a server, which is not here",
    r"bash eval/.* -m models/Uni-MuMER": "a published model, which is not here",
    r".*--model hf:|unimumer train (nano|export|adapt) |unimumer errors .*--ink": "needs PyTorch: tests/training",
    r"unimumer train llamafactory|llamafactory-cli |vllm serve|FORCE_TORCHRUN": "needs LLaMA-Factory or vLLM",
    r".*--ray": "needs Ray; tests/batch runs it",
    r"(OMP\S* )?python bench/|python docs/figures.py": "measures for minutes to hours",
    r"python examples/make.py": "writes over the examples of the repository",
    r"unimumer train pack .*--formulas": "collections of signs and formulas, which are not here",
    r"unimumer benchmark ": "needs the whole archive of its owner; tests/cli/test_benchmark.py runs it",
    r"wait$": "belongs to commands that are not run",
}
"""Commands that this test does not run, by how they begin, and why. Their verbs, options and files are looked at."""
WRITTEN = {
    r"unimumer train nano .*--runtime (\S+)": trained,
    r"unimumer train export .*--runtime (\S+)": trained,
    r"unimumer benchmark .*--out (\S+)": benchmarked,
}
"""What those would have written, for the commands after them."""


def shims(folder: Path) -> Path:
    """A folder for PATH with the commands of an environment in which the package is installed."""
    folder.mkdir()
    for name, line in {"unimumer": f"{sys.executable} -m unimumer", "python": sys.executable}.items():
        (folder / name).write_text(f'#!/bin/sh\nexec {line} "$@"\n')
        (folder / name).chmod(0o755)
    return folder


def reason_not_to_run(command: str) -> str | None:
    flat = command.replace("\\\n", " ")
    return next((why for begin, why in NOT_RUN.items() if re.match(begin, flat)), None)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_run_as_written(document: str, tmp_path: Path) -> None:
    path = shims(tmp_path / "bin")
    here = clone(tmp_path / "clone")
    environment = {**os.environ, "PATH": f"{path}:{os.environ['PATH']}", "PYTHON": sys.executable}
    environment["PYTHONPATH"] = str(ROOT / "src")
    for line, command in commands(ROOT / document):
        where = f"{document}:{line}: {command}"
        if reason_not_to_run(command):
            for words in words_of(command):
                assert not (wrong := fault(words)), f"{where}\n{wrong}"
            for begin, write in WRITTEN.items():
                for found in re.findall(begin, command.replace("\\\n", " ")):
                    write(here / found)
            continue
        for name in STAND_INS:
            if re.search(rf"(?<![\w./-]){re.escape(name)}", command):
                stand_in(name, here)
        done = subprocess.run(
            ["bash", "-euc", command], cwd=here, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{where}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_python_runs_as_written(document: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(clone(tmp_path / "clone"))
    stand_in("photo.jpg", Path())
    names: dict[str, object] = {}
    for line, block in blocks(ROOT / document, "python"):
        code = compile("\n" * (line - 1) + block, document, "exec")
        exec(code, names)


def test_every_block_has_a_language_so_that_none_is_passed_over() -> None:
    for document in DOCUMENTS:
        for line, block in blocks(ROOT / document, ""):
            assert "──" in block, f"{document}:{line}: say what it is: bash, python, text"
        text = (ROOT / document).read_text(encoding="utf-8")
        assert not re.search(r"^(?!\|).*\n\n {4,}(unimumer|python|pip|make|curl) ", text, re.M), document


def test_every_link_leads_somewhere() -> None:
    for document in [*DOCUMENTS, "docs/log.md"]:
        path = ROOT / document
        for file, anchor in re.findall(r"\]\((?!http)([^)#\s]*)(#[^)\s]*)?\)", path.read_text(encoding="utf-8")):
            target = path.parent / file if file else path
            assert target.exists(), f"{document}: {file}"
            assert not anchor or anchor[1:] in anchors(target), f"{document}: {file}{anchor}"


def anchors(path: Path) -> list[str]:
    """What the headings of a document are called in links."""
    heads = re.findall(r"^#+ (.*)", path.read_text(encoding="utf-8"), re.M)
    return [re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads]


def test_every_warning_is_described() -> None:
    kinds = get_args(get_type_hints(Flaw)["kind"])
    text = (ROOT / "docs" / "recognizer.md").read_text(encoding="utf-8")
    assert [kind for kind in kinds if f"| `{kind}` |" not in text] == []


def test_every_reason_not_to_run_has_a_command() -> None:
    every = [command.replace("\\\n", " ") for document in DOCUMENTS for _, command in commands(ROOT / document)]
    assert [begin for begin in NOT_RUN if not any(re.match(begin, one) for one in every)] == []


# What is not run is looked at: verbs, options, targets, files.


def words_of(command: str) -> list[list[str]]:
    """The words of each simple command, without settings of the environment before them."""
    lexer = shlex.shlex(command.replace("\\\n", " "), posix=True, punctuation_chars=";&|")
    lexer.whitespace_split = True
    simple: list[list[str]] = [[]]
    for word in lexer:
        if word in ("&&", ";", "&", "|"):
            simple.append([])
        elif simple[-1] or not re.fullmatch(r"[A-Z_]+=.*", word):
            simple[-1].append(word)
    return [words for words in simple if words]


def fault(words: list[str]) -> str | None:
    """What is wrong with a command, as far as can be told without running it."""
    head, *rest = words
    options = [word.split("=")[0] for word in rest if re.match(r"--?[a-zA-Z]", word)]
    if head == "unimumer":
        return _fault_of_verb(cli, rest)
    if head == "make":
        done = subprocess.run(["make", "-n", *rest], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stderr if done.returncode else None
    if head in ("bash", "python") and rest[0] != "-m":
        script = ROOT / rest[0]
        text = script.read_text() if script.is_file() else ""
        text += (script.parent / "common.sh").read_text() if head == "bash" else ""
        unknown = [one for one in options if not re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", text)]
        return f"{rest[0]} does not know {unknown}" if unknown or not text else None
    if head == "pip":
        known = yaml.safe_load((ROOT / "constraints.txt").read_text()) or ""
        project = (ROOT / "pyproject.toml").read_text()
        extras = [name for word in rest for name in re.findall(r"\[(\w[\w-]*)\]", word)]
        pinned = [word for word in rest if "==" in word]
        missing = [name for name in extras if f"\n{name} = [" not in project]
        missing += [word for word in pinned if word not in str(known)]
        return f"not in pyproject.toml or constraints.txt: {missing}" if missing else None
    if head == "docker":
        if rest[0] == "build":
            return None if (ROOT / rest[rest.index("-f") + 1]).is_file() else "no such Dockerfile"
        image = next(i for i, word in enumerate(rest) if word.startswith("unimumer:"))
        return _fault_of_verb(cli, rest[image + 1 :])
    if head == "curl":
        address = rest[-1].split("?")[0].split("8000")[1]
        return None if f'"{address}"' in (ROOT / "src/unimumer/serve/api.py").read_text() else f"no route {address}"
    return None if head in ("python", "llamafactory-cli", "vllm", "wait") else f"nothing is known of {head}"


def _fault_of_verb(command: click.Command, words: list[str]) -> str | None:
    if isinstance(command, click.Group):
        verb = command.get_command(click.Context(command), words[0])
        return _fault_of_verb(verb, words[1:]) if verb else f"there is no {words[0]}"
    known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    given = [word.split("=")[0] for word in words if word.startswith("--")]
    unknown = [name for name in given if name not in known]
    return f"{command.name} does not know {unknown}" if unknown else None
