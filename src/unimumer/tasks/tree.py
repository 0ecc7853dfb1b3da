"""Tree-CoT: the picture in, the tree of the expression out, and after it the LaTeX."""

from __future__ import annotations

from dataclasses import dataclass

from unimumer.errors import UnimumerError
from unimumer.latex import Row, normalize, to_latex
from unimumer.latex import parse as parse_latex
from unimumer.tasks import answers, prompts, tree_text
from unimumer.tasks.answers import Malformed


@dataclass(frozen=True, slots=True)
class TreeReading:
    """An expression as a model told it twice."""

    tree: Row
    """The tree that was told, in normal form: `to_latex` of it is what the tree says."""
    latex: str
    """The LaTeX that was told, well formed, as written."""

    @property
    def agrees(self) -> bool:
        """Whether both say the same expression."""
        return to_latex(self.tree) == normalize(self.latex)


def prompt() -> str:
    """The question, to be put after the picture."""
    return prompts.TREE


def target(label: str) -> str:
    """The answer a model is trained to give: the text of the label's tree, a newline, the label.

    Raises LatexError for a label that does not parse, TreeTextError for one too deep.
    """
    return f"{tree_text.write(parse_latex(label))}\n{answers.spaced(label)}"


def parse(answer: str) -> TreeReading | Malformed:
    """The tree and the LaTeX in a model's answer."""
    parts = answers.split(answer)
    if isinstance(parts, Malformed):
        return parts
    text, latex = parts
    if not text:
        return Malformed("no tree before the LaTeX", latex)
    try:
        tree = parse_latex(to_latex(tree_text.read(text)))
    except UnimumerError as error:
        return Malformed(f"the tree: {error}", latex)
    try:
        normalize(latex)
    except UnimumerError as error:
        return Malformed(f"the LaTeX: {error}", latex)
    return TreeReading(tree, latex)
