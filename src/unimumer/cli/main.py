"""The command `unimumer`: finds the verb, loads only what it needs, and turns errors into exit codes."""

from __future__ import annotations

import codecs
import io
import os
import sys
from importlib import import_module
from typing import Any

import click

from unimumer.errors import UnimumerError

VERBS = (
    *("recognize", "serve", "infer", "evaluate", "benchmark", "leaderboard", "data", "corrections", "train", "errors"),
    *("models", "doctor"),
)
"""Each is a module of this package with a click command of the same name."""


class _LazyGroup(click.Group):
    """Imports a verb's module when it is asked for, so that help and completion stay quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = getattr(import_module(f"unimumer.cli.{cmd_name}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; Ctrl-C ends it with the exit code of an interrupt."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("\nstopped before the end", err=True)
            raise SystemExit(130) from None


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.version_option(package_name="unimumer")
def cli() -> None:
    """Handwritten mathematics to LaTeX.

    \b
    Examples:
      unimumer recognize photo.jpg
      unimumer infer --input-dir data/CROHME/prompts --output-dir results --model nano
      unimumer evaluate results/crohme_2014_pred.json

    Exit codes: 0 done, 1 some inputs failed (each is named with its reason), 2 wrong use, 130 stopped by Ctrl-C.
    Shell completion: eval "$(_UNIMUMER_COMPLETE=bash_source unimumer)", likewise zsh_source and fish_source.
    """


def _speak_utf8() -> None:
    """Files and pipes get UTF-8, also where the system's encoding lacks signs; a terminal gets what it can show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and codecs.lookup(stream.encoding).name != "utf-8":
            if stream.isatty() or "PYTHONIOENCODING" in os.environ:
                stream.reconfigure(errors="backslashreplace")
            else:
                stream.reconfigure(encoding="utf-8")


def _fill_closed_streams() -> None:
    """What the shell has closed is None to Python; each of the three stays open to the end of the process."""
    if sys.stdin is None:  # `<&-`
        sys.stdin = open(os.devnull)  # noqa: SIM115
    if sys.stdout is None:  # `>&-`: what cannot be said must not look done, and writing to this fails
        sys.stdout = open(os.devnull)  # noqa: SIM115
    if sys.stderr is None:  # `2>&-`
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115


def main() -> None:
    """Entry point of the installed command."""
    _speak_utf8()
    _fill_closed_streams()
    try:
        cli()
    except UnimumerError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    except OSError as error:
        # Files are written under names, by code that names them; what has no name is the output of the command.
        if error.filename is not None:
            click.echo(f"Error: {click.format_filename(error.filename)}: {error.strerror}", err=True)
            sys.exit(1)
        click.echo(f"error: standard output cannot be written: {error.strerror or error}", err=True)
        # What Python still holds back would fail once more at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
