"""`unimumer recognize`: pictures in, LaTeX out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unimumer.cli import options
from unimumer.errors import UnimumerError

if TYPE_CHECKING:
    from unimumer.recognizer import Recognition, Recognizer
    from unimumer.verify import Verified

MAX_STDIN = 50 * 10**6 + 1
"""Bytes taken from standard input: one more than a picture may have, so that a larger one is refused as such."""


@click.command()
@click.argument(
    "pictures",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="PICTURE...",
)
@options.model
@options.beams
@options.tta
@options.verify
@options.threads
@options.max_pixels
@options.recursive
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line and input, with all there is to say.")
def recognize(
    pictures: tuple[Path, ...],
    model: str,
    beams: int | None,
    tta: bool,
    verify: bool,
    threads: int | None,
    max_pixels: int | None,
    recursive: bool,
    as_json: bool,
) -> None:
    """Read handwritten expressions from pictures: files, folders of them, or - for standard input.

    Prints the picture's name, the LaTeX and the model's confidence (0 to 1), separated by tabs. PNG, JPEG, WebP
    and BMP are read, on paper, whiteboard, blackboard or transparent canvas; so is ink in .inkml and stroke .json
    (in a folder: .inkml and .strokes.json). Hidden files of a folder are passed over, others named.

    With --verify the model also counts the symbols, draws the tree and looks for errors, and the readings are put
    to the vote; a fourth column says "agreed", or what each check said, and which checks changed the answer.

    \b
    Examples:
      unimumer recognize photo.jpg
      unimumer recognize drawn.inkml canvas.json
      unimumer recognize homework/ --json > homework.jsonl
      unimumer recognize --beams 4 photo.jpg
      unimumer recognize --tta photo.jpg
      unimumer recognize --verify photo.jpg
      cat photo.jpg | unimumer recognize -

    Exit code: 0 all read, 1 some picture could not be read, 2 wrong use.
    """
    sources, passed_over = _expand(pictures, recursive)
    options.tell_passed_over(passed_over)
    if not sources:
        raise click.UsageError("no pictures in " + ", ".join(map(str, pictures)))
    reader = _reader(model, threads, max_pixels, beams or 1, tta, verify)
    failed = False
    for source, result in zip(sources, reader.recognize_each(map(_content, sources))):
        if isinstance(result, UnimumerError):
            failed = True
            click.echo(f"{options.printable(source)}: {result}", err=True)
        if as_json:
            click.echo(_json(source, result))
        elif not isinstance(result, UnimumerError):
            click.echo(_row(source, result))
    if failed:
        raise SystemExit(1)


def _reader(model: str, threads: int | None, max_pixels: int | None, beams: int, tta: bool, verify: bool) -> Recognizer:
    from unimumer.engines.base import EngineError
    from unimumer.engines.load import MAX_PIXELS, EngineSettings
    from unimumer.recognizer import Recognizer

    try:
        settings = EngineSettings(threads=threads, max_pixels=max_pixels or MAX_PIXELS)
        return Recognizer(model, settings, beams=beams, tta=tta, verify=verify)
    except EngineError as error:
        raise click.BadParameter(str(error), param_hint="--model") from None


def _expand(pictures: tuple[Path, ...], recursive: bool) -> tuple[list[Path], list[Path]]:
    """The files to read, and what else was in the folders among `pictures`."""
    from unimumer.files import PICTURE_SUFFIXES, list_folder

    sources: list[Path] = []
    passed_over: list[Path] = []
    for path in pictures:
        if path.is_dir():
            found, others = list_folder(path, (*PICTURE_SUFFIXES, ".inkml", ".strokes.json"), recursive)
            sources += found
            passed_over += others
        else:
            sources.append(path)
    return sources, passed_over


def _content(source: Path) -> Path | bytes:
    return sys.stdin.buffer.read(MAX_STDIN) if str(source) == "-" else source


def _row(source: Path, result: Recognition) -> str:
    checks = "" if result.checks is None else f"\t{_said(result.checks)}"
    rows = [f"{options.printable(source)}\t{result.latex}\t{_share(result.confidence)}{checks}"]
    rows += [f"  or\t{other.latex}\t{_share(other.confidence)}" for other in result.alternatives]
    return "\n".join(rows)


def _said(checks: Verified) -> str:
    """`agreed`, or each check's verdict, and who replaced the plain answer by what stands."""
    if checks.agreed:
        return "agreed"
    verdicts = ", ".join(f"{finding.check} {finding.verdict}" for finding in checks.findings)
    return f"{verdicts}; changed by {', '.join(checks.changed_by) or 'parse'}" if checks.changed else verdicts


def _share(confidence: float | None) -> str:
    return "-" if confidence is None else f"{confidence:.2f}"


def _json(source: Path, result: Recognition | UnimumerError) -> str:
    said = {"error": str(result)} if isinstance(result, UnimumerError) else result.to_dict()
    return json.dumps({"picture": click.format_filename(source), **said}, ensure_ascii=False, allow_nan=False)
