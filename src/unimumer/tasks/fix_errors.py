"""Error correction: the picture and a marked candidate in, a log of changes out, and after it the LaTeX."""

from __future__ import annotations

from dataclasses import dataclass

from unimumer.tasks import answers, edits, prompts
from unimumer.tasks.answers import Malformed


@dataclass(frozen=True, slots=True)
class Correction:
    """What a model changed, and the LaTeX it came to."""

    changes: tuple[edits.Change, ...] | None
    """One for each mark, in order; None when the answer has no log, as in the CROHME part of the release."""
    latex: str

    def agrees(self, marked: str) -> bool:
        """Whether the changes, made at the marks of `marked`, give the LaTeX; without a log they do not."""
        try:
            return self.changes is not None and edits.apply(marked, self.changes) == self.latex
        except edits.EditError:
            return False


def prompt(marked: str) -> str:
    """The question, to be put after the picture, about a formula that `edits.mark` or a model has marked."""
    return f"{prompts.FIX_ERRORS}\n\nMarked formula: {' '.join(marked.split())}\nCorrection log: "


def target(formula: str, label: str, log: bool = True) -> str:
    """The answer a model is trained to give: the correction log, a newline, the label; with `log=False` the label.

    `formula` is a candidate, whose errors are those of `edits.find`, or a marked one, whose marks are kept. Raises
    EditError when the label differs in what is not marked.
    """
    latex = answers.spaced(label)
    marked = any(mark in formula.split() for mark in (edits.ERROR_START, edits.DELETED))
    found = edits.between(formula, label) if marked else edits.find(formula, label)
    return f"{edits.log(found)}\n{latex}" if log and found else latex


def parse(answer: str) -> Correction | Malformed:
    """The changes and the LaTeX in a model's answer."""
    parts = answers.split(answer)
    if isinstance(parts, Malformed):
        return parts
    text, latex = parts
    try:
        return Correction(edits.read_log(text) if text else None, latex)
    except edits.EditError as error:
        return Malformed(f"the log: {error}", latex)
