from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points

import click
import pytest
from click.testing import CliRunner

from unimumer.cli import main as main_module
from unimumer.cli.main import VERBS, cli
from unimumer.errors import UnimumerError


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command line of the program, as words."""
    context = click.Context(group)
    found: list[tuple[str, ...]] = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        found.append((*path, name))
        if isinstance(command, click.Group):
            found += commands(command, (*path, name))
    return found


def test_every_verb_the_readme_promises_is_there() -> None:
    assert {"recognize", "evaluate", "infer", "data", "doctor"} <= set(VERBS)


@pytest.mark.parametrize("words", commands(cli), ids=" ".join)
def test_every_command_has_help_with_examples(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, [*words, "--help"])
    assert result.exit_code == 0
    assert f":\n    unimumer {words[0]}" in result.output


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_loads_no_numbers_until_it_runs(verb: str) -> None:
    code = f"import sys, unimumer.cli.{verb}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "click" in loaded and not {"onnxruntime", "cv2", "torch", "numpy", "rapidfuzz"} & set(loaded)


def test_wrong_use_is_exit_code_2() -> None:
    for words in (["recognise"], ["recognize"], ["recognize", "--beams", "0", "x.png"], ["infer"]):
        assert CliRunner().invoke(cli, words).exit_code == 2, words


def test_our_errors_become_one_line_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise UnimumerError("the file is broken: mend it")

    monkeypatch.setattr(main_module, "cli", fail)
    with pytest.raises(SystemExit) as stop:
        main_module.main()
    assert stop.value.code == 1
    assert capsys.readouterr().err == "Error: the file is broken: mend it\n"


@pytest.mark.parametrize(
    ("environment", "said"),
    [({"PYTHONIOENCODING": "cp1252"}, rb"5 \u2212 3"), ({"PYTHONUTF8": "0", "LC_ALL": "C"}, "5 − 3".encode())],
)
def test_signs_that_the_encoding_lacks_end_no_command(environment: dict[str, str], said: bytes) -> None:
    code = "import click, unimumer.cli.main as m; m.cli = lambda: click.echo(f'5 {chr(0x2212)} 3'); m.main()"
    environment = {**os.environ, "PYTHONCOERCECLOCALE": "0", **environment}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert done.returncode == 0 and done.stdout.strip() == said, done.stderr


def test_what_is_said_to_a_closed_output_is_no_success() -> None:
    command = f"{sys.executable} -m unimumer models >&-"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr == "error: standard output cannot be written: not writable\n"


def test_a_file_that_the_system_refuses_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise PermissionError(13, "Permission denied", "secret/x.png")

    monkeypatch.setattr(main_module, "cli", fail)
    with pytest.raises(SystemExit) as stop:
        main_module.main()
    assert stop.value.code == 1 and capsys.readouterr().err == "Error: secret/x.png: Permission denied\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_is_printed(shell: str) -> None:
    environment = {**os.environ, "_UNIMUMER_COMPLETE": f"{shell}_source"}
    code = "from unimumer.cli.main import cli; cli(prog_name='unimumer')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60)
    assert "_UNIMUMER_COMPLETE" in done.stdout and "unimumer" in done.stdout


def test_completion_offers_the_verbs() -> None:
    environment = {**os.environ, "_UNIMUMER_COMPLETE": "bash_complete", "COMP_WORDS": "unimumer re", "COMP_CWORD": "1"}
    code = "from unimumer.cli.main import cli; cli(prog_name='unimumer')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60)
    assert "recognize" in done.stdout and "evaluate" not in done.stdout


def test_the_command_is_declared() -> None:
    declared = [point.value for point in entry_points(group="console_scripts") if point.name == "unimumer"]
    assert declared in ([], ["unimumer.cli.main:main"])  # empty when run from a checkout that is not installed
