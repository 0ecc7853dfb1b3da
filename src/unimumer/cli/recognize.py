"""`unimumer recognize`: pictures in, LaTeX out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from unimumer.recognizer import Recognition
    from unimumer.verify import Verified

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
"""Endings of the files taken from a folder."""
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
@click.option("--model", default="nano", show_default=True, help="nano, a folder, or as docs/engines.md says.")
@click.option(
    "--beams",
    default=1,
    show_default=True,
    type=click.IntRange(1, 32),
    help="More: slower, with alternatives.",
)
@click.option("--tta", is_flag=True, help="Read each picture also turned either way, by beams: six times slower, best.")
@click.option("--verify", is_flag=True, help="Check every reading by the other tasks; several times slower.")
@click.option("--threads", type=click.IntRange(1), help="Processor threads; default: all, at most 4.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with all there is to say.")
def recognize(
    pictures: tuple[Path, ...], model: str, beams: int, tta: bool, verify: bool, threads: int | None, as_json: bool
) -> None:
    """Read handwritten expressions from pictures: files, folders of them, or - for standard input.

    Prints the picture's name, the LaTeX and the model's confidence (0 to 1), separated by tabs. PNG, JPEG, WebP
    and BMP are read, on paper, whiteboard, blackboard or transparent canvas; so is ink in .inkml and stroke .json.

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
    from unimumer.engines.base import EngineError
    from unimumer.imaging import ImageError
    from unimumer.ink import InkError
    from unimumer.recognizer import Recognizer

    sources = list(_expand(pictures))
    if not sources:
        raise click.UsageError("no pictures in " + ", ".join(map(str, pictures)))
    try:
        reader = Recognizer(model, beams=beams, threads=threads, tta=tta, verify=verify)
    except EngineError as error:
        raise click.BadParameter(str(error), param_hint="--model") from None
    failed = 0
    for source in sources:
        try:
            result = reader.recognize(_content(source))
        except (ImageError, InkError) as error:
            failed += 1
            click.echo(f"{_printable(source)}: {error}", err=True)
        else:
            click.echo(_json(source, result) if as_json else _row(source, result))
    if failed:
        raise SystemExit(1)


def _expand(pictures: tuple[Path, ...]) -> Iterator[Path]:
    for path in pictures:
        if path.is_dir():
            yield from sorted(p for p in path.iterdir() if p.suffix.lower() in PICTURES)
        else:
            yield path


def _content(source: Path) -> Path | bytes:
    return sys.stdin.buffer.read(MAX_STDIN) if str(source) == "-" else source


def _row(source: Path, result: Recognition) -> str:
    checks = "" if result.checks is None else f"\t{_said(result.checks)}"
    rows = [f"{_printable(source)}\t{result.latex}\t{_share(result.confidence)}{checks}"]
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


def _json(source: Path, result: Recognition) -> str:
    return json.dumps({"picture": click.format_filename(source), **asdict(result)}, ensure_ascii=False)


def _printable(source: Path) -> str:
    """A file's name on one line and in one column, whatever characters it has."""
    name = click.format_filename(source)
    return name if name.isprintable() else ascii(name)[1:-1]
