"""AsciiMath: `(-b +- sqrt(b^2 - 4 a c))/(2 a)`. What it has no name for is written as the character or as text.

Source: asciimath.org, version 2.2. It has no boxes and no lines in tables; the first become the word `boxed`, the
others are left out.
"""

from __future__ import annotations

from unimumer.export.groups import (
    Attached,
    Fence,
    Item,
    Negated,
    Number,
    apart,
    core_of,
    group,
    kind,
    leading_primes,
    table,
)
from unimumer.export.symbols import CLOSE, FUNCTION, LIMIT, OPEN, UNKNOWN, sign
from unimumer.export.writer import LinearWriter, bounded, struck
from unimumer.latex import Accent, Arrow, Environment, Fraction, Radical, Row, Stack, Symbol
from unimumer.latex.unicode import ACCENTS, ARROWS

_NEGATED = {"=": "!=", "\\in": "!in"}
_MARKS = {
    **{f"\\{name}": name for name in ("hat", "bar", "vec", "dot", "ddot", "tilde", "overline", "overbrace", "cancel")},
    **{r"\widehat": "hat", r"\widetilde": "tilde", r"\underline": "ul", r"\underbrace": "ubrace"},
    **{r"\overparen": "overarc", r"\wideparen": "overarc", r"\overrightarrow": "vec"},
    **{r"\bcancel": "cancel", r"\xcancel": "cancel"},
}


def _like_a_table(items: list[Item]) -> bool:
    """Whether brackets around these items would be read as a matrix, whose rows are brackets with commas in them."""
    return bool(items) and type(items[0]) is Fence and type(items[-1]) is Fence


def _takes_bracket(item: Item | None) -> bool:
    """Whether AsciiMath reads a bracket behind an item as its argument."""
    core = core_of(item)
    return kind(item) in (FUNCTION, LIMIT) or (type(core) is Symbol and core.token in ("f", "g"))


class _AsciiMath(LinearWriter[bool]):
    """`cell` says whether a comma would end the cell of a table."""

    def beside(self, item: Item, before: Item | None, cell: bool) -> str:
        shown = self.item(item, cell)
        # Else a function before it would take the numerator alone.
        return f"{{:{shown}:}}" if type(item) is Fraction and _takes_bracket(before) else shown

    def attached(self, item: Attached, cell: bool) -> str:
        shown = "{::}" if item.base is None else self.item(item.base, cell)
        if type(item.base) in (Fraction, Environment, Stack, Arrow):
            shown = f"{{:{shown}:}}"
        if item.sub is not None:
            shown += "_" + self.operand(item.sub, cell)
        primes = leading_primes(item.sup)
        rest = item.sup[primes:] if item.sup else ()
        return shown + "'" * primes + (f"^{self.operand(rest, cell)}" if rest else "")

    def operand(self, row: Row, cell: bool) -> str:
        """A row as one operand; AsciiMath leaves out the brackets around it."""
        items = group(row)
        text = self.items(items, cell or _like_a_table(items))
        simple = len(items) == 1 and type(items[0]) in (Symbol, Number) and kind(items[0]) != UNKNOWN
        return text if simple and text[:1].isalnum() else f"({text})"

    def symbol(self, node: Symbol, cell: bool) -> str:
        found = sign(node.token)
        # Single brackets would end what they stand in.
        if (
            found.kind in (UNKNOWN, OPEN)
            or (found.kind == CLOSE and found.text not in "!?")
            or (cell and found.text == ",")
        ):
            return f'"{found.text}"'
        return found.asciimath or found.text

    def negated(self, node: Negated, cell: bool) -> str:
        return _NEGATED.get(node.token) or struck(node)

    def fence(self, node: Fence, cell: bool) -> str:
        opening, closing = (sign(token).asciimath or sign(token).text for token in (node.opening, node.closing))
        body = apart(self.items(node.body, cell or _like_a_table(node.body)))
        return f"abs({body})" if opening == "|" else f"{opening}{body}{closing}"

    def fraction(self, node: Fraction, cell: bool) -> str:
        if node.command == "\\frac":
            return f"{self.operand(node.above, cell)}/{self.operand(node.below, cell)}"
        return f"(({self.row(node.above, True)}),({self.row(node.below, True)}))"

    def stack(self, node: Stack, cell: bool) -> str:
        name = "underset" if node.command == "\\underset" else "overset"
        return f"{name}({self.row(node.mark, cell)})({self.row(node.base, cell)})"

    def radical(self, node: Radical, cell: bool) -> str:
        body = f"({self.row(node.radicand, cell)})"
        return f"sqrt{body}" if node.index is None else f"root({self.row(node.index, cell)}){body}"

    def arrow(self, node: Arrow, cell: bool) -> str:
        arrow = ARROWS[node.command]
        shown = f"overset({self.row(node.above, cell)})({arrow})" if node.above else arrow
        return f"underset({self.row(node.below, cell)})({shown})" if node.below else shown

    def accent(self, node: Accent, cell: bool) -> str:
        mark, body = ACCENTS[node.command], f"({self.row(node.body, cell)})"
        if node.command in _MARKS:
            return _MARKS[node.command] + body
        if mark.place in ("box", "strike"):
            return f'"{"boxed" if mark.place == "box" else "struck"}"{body}'
        return f'{"overset" if mark.place == "over" else "underset"}("{mark.text}"){body}'

    def environment(self, node: Environment, cell: bool) -> str:
        shown = table(node)
        opening, closing = (
            "|" if token == "\\parallel" else sign(token).text if token else other
            for token, other in ((shown.opening, "{:"), (shown.closing, ":}"))
        )
        left, right = ("[", "]") if opening == "[" else ("(", ")")
        rows = (left + ",".join(self.row(cell, True) for cell in cells) + right for cells in shown.rows)
        return opening + ",".join(rows) + closing


_WRITER = _AsciiMath()


@bounded
def to_asciimath(row: Row) -> str:
    """The row in AsciiMath, without its backquotes; ExportError for an environment that nobody here knows."""
    return _WRITER.row(row, False)
