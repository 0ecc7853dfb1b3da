"""`unimumer recognize`: pictures and ink in, LaTeX or any other form out."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unimumer.cli import options
from unimumer.errors import UnimumerError
from unimumer.export import FORMS

if TYPE_CHECKING:
    from unimumer.recognizer import Page, Recognition, Recognizer, Source
    from unimumer.verify import Verified

MAX_STDIN = 50 * 10**6 + 1
"""Bytes taken from standard input: one more than a picture may have, so that a larger one is refused as such."""
PAGE_FORMS = ("markdown", "aligned")
"""Of a page only."""
CLIPBOARDS = (("wl-copy",), ("xclip", "-selection", "clipboard"), ("xsel", "-ib"), ("pbcopy",), ("clip",))
COLUMNS = ("picture", "latex", "confidence", "warnings", "error")


@click.command()
@click.argument("pictures", nargs=-1, type=options.PATH, metavar="PICTURE...")
@options.model
@options.beams
@options.tta
@options.verify
@options.threads
@options.max_pixels
@options.recursive
@click.option("--format", "form", type=click.Choice(["table", *FORMS, "json", "csv", *PAGE_FORMS]), default="table",
              help="What is printed, a line an input; in the table name, LaTeX and confidence.")  # fmt: skip
@click.option("--json", "form", flag_value="json", help="The same as --format json: all there is to say.")
@click.option("--page", is_flag=True, help="Each picture is a page: find its expressions, and read each.")
@click.option("--copy", is_flag=True, help="Put what is printed on the clipboard too.")
@click.option("--paste", is_flag=True, help="Read the picture on the clipboard.")
def recognize(
    pictures: tuple[Path, ...], recursive: bool, form: str, page: bool, copy: bool, paste: bool, **reading: Any
) -> None:
    """Read handwritten expressions from pictures: files, folders, patterns, or - for standard input.

    Prints the picture's name, the LaTeX and the model's confidence (0 to 1), separated by tabs, and below it the
    alternatives with --beams or --tta. PNG, JPEG, WebP, BMP and TIFF are read, HEIC and PDF with a package more, on
    paper, whiteboard, blackboard or transparent canvas; so is ink in .inkml and stroke .json (in a folder: .inkml and
    .strokes.json). Files of several pages give a line a page. Hidden files of a folder are passed over, others named.
    With --format, standard output has one line an input and nothing else, empty where it could not be read; what is
    doubtful about a reading goes to standard error.

    With --page a picture is a page of several expressions; they are found, read each, and printed in reading order:
    a line of LaTeX each, as displayed formulas with --format latex or markdown, as one with aligned, and with their
    boxes as one line with json.

    With --verify the model also counts the symbols, draws the tree and looks for errors, and the readings are put
    to the vote; a fourth column says "agreed", or what each check said, and which checks changed the answer.

    \b
    Examples:
      unimumer recognize photo.jpg
      unimumer recognize drawn.inkml canvas.json
      unimumer recognize homework/ --json > homework.jsonl
      unimumer recognize 'scans/**/*.tif' --format csv
      unimumer recognize --tta photo.jpg
      unimumer recognize --verify photo.jpg
      unimumer recognize --page --format markdown homework.jpg > homework.md
      unimumer recognize --paste --format latex --copy

    Exit code: 0 all read, 1 some picture could not be read, 2 wrong use.
    """
    if form in (("csv",) if page else PAGE_FORMS):
        raise click.UsageError(f"--format {form} goes {'without' if page else 'with'} --page")
    sources, passed_over = _expand(pictures, recursive)
    options.tell_passed_over(passed_over)
    if not sources and not paste:
        given = f"no pictures in {', '.join(map(str, pictures))}" if pictures else "give a PICTURE, -, or --paste"
        raise click.UsageError(given)
    reader = _reader(**reading)
    for doubt in reader.doubts:
        click.echo(f"warning: {doubt}", err=True)
    clipboard = _clipboard() if copy else ()
    brief = reading["beams"] is None and not reading["tta"]
    printed, every = [], True
    if form == "csv":
        click.echo(head := ",".join(COLUMNS))
        printed.append(head)
    for name, result in _results(reader, _inputs(sources, paste), page):
        text, wrong, doubtful = _told(name, result, form, brief)
        for said in (*wrong, *(doubt for doubt in doubtful if doubt not in reader.doubts)):
            click.echo(f"{options.printable(name)}: {said}", err=True)
        every &= not wrong
        if text or form != "table":
            click.echo(text)
            printed.append(text)
    if copy:
        _copy("\n".join(printed), clipboard)
    if not every:
        raise SystemExit(1)


def _results(
    reader: Recognizer, inputs: Iterator[tuple[str, Source | UnimumerError]], page: bool
) -> Iterator[tuple[str, Recognition | Page | UnimumerError]]:
    """Read the inputs, several together unless they are pages, and give each result with its name."""
    if page:
        for name, source in inputs:
            try:
                yield name, source if isinstance(source, UnimumerError) else reader.page(source)
            except UnimumerError as error:
                yield name, error
        return
    names: deque[str] = deque()

    def sources() -> Iterator[Source | UnimumerError]:
        for name, source in inputs:
            names.append(name)
            yield source

    for result in reader.recognize_each(sources()):
        yield names.popleft(), result


def _reader(model: str, threads: int | None, max_pixels: int | None, **search: Any) -> Recognizer:
    from unimumer.engines.base import EngineError
    from unimumer.engines.load import MAX_PIXELS, EngineSettings
    from unimumer.recognizer import Recognizer

    try:
        settings = EngineSettings(threads=threads, max_pixels=max_pixels or MAX_PIXELS)
        return Recognizer(model, settings, **search)
    except EngineError as error:
        raise click.BadParameter(str(error), param_hint="--model") from None


def _expand(pictures: tuple[Path, ...], recursive: bool) -> tuple[list[Path], list[Path]]:
    """The files to read, and what else was in the folders among `pictures`."""
    from unimumer.files import PICTURE_SUFFIXES, list_folder
    from unimumer.imaging import DOCUMENT_SUFFIXES

    suffixes = (*PICTURE_SUFFIXES, *DOCUMENT_SUFFIXES, ".inkml", ".strokes.json")
    sources: list[Path] = []
    passed_over: list[Path] = []
    for path in pictures:
        if os.path.isdir(path):  # of a name that the system refuses it says no; reading it then says why
            found, others = list_folder(path, suffixes, recursive)
            sources += found
            passed_over += others
        elif os.path.exists(path) or not any(sign in str(path) for sign in "*?["):
            sources.append(path)
        else:  # a pattern that no shell has resolved
            sources += sorted(file for file in map(Path, glob(str(path), recursive=True)) if file.is_file())
    return sources, passed_over


def _inputs(paths: list[Path], paste: bool) -> Iterator[tuple[str, Source | UnimumerError]]:
    """What is read, one by one, each with its name: the clipboard, files, pages of files that have several."""
    from unimumer.imaging import DOCUMENT_SUFFIXES, ImageError, is_document, read

    if paste:
        yield "clipboard", _pasted()
    for path in paths:
        name = click.format_filename(path)
        content: Source = sys.stdin.buffer.read(MAX_STDIN) if str(path) == "-" else path
        try:
            data = read(path) if path.suffix.lower() in DOCUMENT_SUFFIXES else content
        except ImageError as error:
            yield name, error
        else:
            yield from _pages(name, data) if isinstance(data, bytes) and is_document(data) else [(name, content)]


def _pages(name: str, data: bytes) -> Iterator[tuple[str, Source | UnimumerError]]:
    """The pages of a file, decoded as they are asked for; the only one has the file's name."""
    from unimumer.imaging import pages

    number = 0
    held: list[Source] = []
    try:
        for number, page in enumerate(pages(data), 1):
            yield from ((f"{name}, page 1", first) for first in held)
            held = [page] if number == 1 else []
            if number > 1:
                yield f"{name}, page {number}", page
    except UnimumerError as error:
        yield f"{name}, page {number + 1}" if number else name, error
    yield from ((name, only) for only in held)


def _pasted() -> Source:
    from PIL import ImageGrab

    try:
        found: Any = ImageGrab.grabclipboard()
    except (NotImplementedError, OSError) as error:
        raise click.UsageError(f"the clipboard cannot be read: {error}") from None
    if not found:
        raise click.UsageError("there is no picture on the clipboard")
    return Path(found[0]) if isinstance(found, list) else found  # a list is files that were copied


def _clipboard() -> tuple[str, ...]:
    """The first program there is that fills the clipboard."""
    program = next((words for words in CLIPBOARDS if shutil.which(words[0])), None)
    if program is None:
        raise click.UsageError("--copy needs one of wl-copy (package wl-clipboard), xclip, xsel, pbcopy, clip")
    return program


def _copy(text: str, program: tuple[str, ...]) -> None:
    data = text.encode("utf-16" if os.name == "nt" else "utf-8")
    done = subprocess.run(program, input=data, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise click.ClickException(f"--copy: {program[0]} could not reach a clipboard")


def _told(
    name: str, result: Recognition | Page | UnimumerError, form: str, brief: bool
) -> tuple[str, list[object], Sequence[object]]:
    """The text of an input, empty where there is none, what went wrong, and doubts that the text does not tell."""
    from unimumer.recognizer import Page

    text = ""
    if form == "json":
        content = {"error": str(result)} if isinstance(result, UnimumerError) else result.to_dict()
        text = json.dumps({"picture": name, **content}, ensure_ascii=False, allow_nan=False)
    if isinstance(result, Page):
        faults: list[object] = [f"an expression was not read: {said}" for said in result.unread]
        return text or _page_text(result, form, faults), faults, ()
    if form == "csv":
        text = _csv_row(name, result)
    if isinstance(result, UnimumerError):
        return text, [result], ()
    if text:
        return text, [], ()
    faults = []
    return _row(name, result, brief) if form == "table" else _form(result, form, faults), faults, result.warnings


def _form(result: Recognition, form: str, faults: list[object]) -> str:
    from unimumer.export import convert

    if form in ("latex", "tokens"):
        return str(getattr(result, form))
    try:
        return convert(result.tokens, form)
    except UnimumerError as error:
        faults.append(f"not in the form {form}: {error}")
        return ""


def _page_text(page: Page, form: str, faults: list[object]) -> str:
    if form in ("latex", "aligned"):
        return page.latex(aligned=form == "aligned")
    if form in ("table", "markdown"):
        return page.text if form == "table" else page.markdown
    return "\n".join(_form(part.recognition, form, faults) for part in page.parts)


def _csv_row(name: str, result: Recognition | UnimumerError) -> str:
    line = io.StringIO()
    if isinstance(result, UnimumerError):
        csv.writer(line).writerow([name, "", "", "", result])
    else:
        kinds = " ".join(warning.kind for warning in result.warnings)
        csv.writer(line).writerow([name, result.latex, result.confidence, kinds, ""])
    return line.getvalue().rstrip("\r\n")


def _row(name: str, result: Recognition, brief: bool) -> str:
    checks = "" if result.checks is None else f"\t{_said(result.checks)}"
    rows = [f"{options.printable(name)}\t{result.latex}\t{_share(result.confidence)}{checks}"]
    others = () if brief else result.alternatives
    return "\n".join([*rows, *(f"  or\t{other.latex}\t{_share(other.confidence)}" for other in others)])


def _said(checks: Verified) -> str:
    """`agreed`, or each check's verdict, and who replaced the plain answer by what stands."""
    if checks.agreed:
        return "agreed"
    verdicts = ", ".join(f"{finding.check} {finding.verdict}" for finding in checks.findings)
    return f"{verdicts}; changed by {', '.join(checks.changed_by) or 'parse'}" if checks.changed else verdicts


def _share(confidence: float | None) -> str:
    return "-" if confidence is None else f"{confidence:.2f}"
