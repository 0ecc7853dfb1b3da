"""LaTeX as people write it: no needless spaces, growing brackets, primes, `\\limits` only where it is seen."""

from __future__ import annotations

from collections.abc import Iterable

from unimumer.export.groups import Attached, Fence, Item, Negated, is_tall, kind, leading_primes, table
from unimumer.export.symbols import INT, LIMIT, OP
from unimumer.export.writer import ItemWriter, bounded
from unimumer.latex import Accent, Arrow, Environment, Fraction, Radical, Row, Stack, Symbol
from unimumer.latex.commands import WITH_COLUMNS

_WRITTEN = {"\\mod": "\\bmod"}
_MOD = Symbol("\\mod")


class _Readable(ItemWriter[bool]):
    """The place is whether it is in display style."""

    def items(self, items: list[Item], display: bool) -> str:
        methods, written = self.methods, _WRITTEN
        # Most items are symbols, and a call costs more than all else about one.
        texts = [
            written.get(item.token, item.token) if type(item) is Symbol else methods[type(item)](item, display)
            for item in items
        ]
        return _joined(texts) if len(texts) > 1 else "".join(texts)

    def attached(self, item: Attached, display: bool) -> str:
        shown = "{}" if item.base is None else self.item(item.base, display)
        if item.limits and kind(item) not in (OP, INT, LIMIT):
            shown = f"\\mathop{{{shown}}}\\limits"
        elif item.limits and not (display and kind(item) in (OP, LIMIT)):
            shown += "\\limits"
        if item.sub is not None:
            shown += f"_{{{self.row(item.sub, False)}}}"
        if item.sup is None:
            return shown
        # Behind the empty group a prime would be one without a base, which reads badly.
        primes = 0 if item.base is None or item.limits else leading_primes(item.sup)
        rest = item.sup[primes:]
        return shown + "'" * primes + (f"^{{{self.row(rest, False)}}}" if rest else "")

    def symbol(self, node: Symbol, display: bool) -> str:
        return _WRITTEN.get(node.token, node.token)

    def negated(self, node: Negated, display: bool) -> str:
        return _joined(("\\not", node.token))

    def fence(self, node: Fence, display: bool) -> str:
        if node.opening == "(" and node.closing == ")" and node.body[:1] == [_MOD]:
            return f"\\pmod{{{self.items(node.body[1:], display)}}}"
        left, right = ("\\left", "\\right") if is_tall(node.body) else ("", "")
        return _joined(filter(None, (left + node.opening, self.items(node.body, display), right + node.closing)))

    def fraction(self, node: Fraction, display: bool) -> str:
        return f"{node.command}{{{self.row(node.above, False)}}}{{{self.row(node.below, False)}}}"

    def stack(self, node: Stack, display: bool) -> str:
        return f"{node.command}{{{self.row(node.mark, False)}}}{{{self.row(node.base, display)}}}"

    def radical(self, node: Radical, display: bool) -> str:
        return f"\\sqrt{self.option(node.index)}{{{self.row(node.radicand, display)}}}"

    def arrow(self, node: Arrow, display: bool) -> str:
        return f"{node.command}{self.option(node.below)}{{{self.row(node.above, False)}}}"

    def option(self, row: Row | None) -> str:
        if row is None:
            return ""
        shown = self.row(row, False)
        return f"[{{{shown}}}]" if "]" in shown else f"[{shown}]"

    def accent(self, node: Accent, display: bool) -> str:
        return f"{node.command}{{{self.row(node.body, display)}}}"

    def environment(self, node: Environment, display: bool) -> str:
        inner = display and table(node).joined
        lines: list[str] = []
        for cells in node.rows:
            line = " & ".join(self.row(cell, inner) for cell in cells)
            if lines and line[:1] in ("[", "*"):  # else it would be an option of the line break
                line = f"{{{line[0]}}}{line[1:]}"
            lines.append(line)
        columns = f"{{{''.join(node.columns)}}}" if node.name in WITH_COLUMNS else ""
        body = " \\\\ ".join(lines)
        if node.name == "\\substack":
            return f"\\substack{{{body}}}"
        return f"\\begin{{{node.name}}}{columns}{body}\\end{{{node.name}}}"


def _joined(texts: Iterable[str]) -> str:
    """Texts side by side, none empty, with a space only where a command would run into a letter."""
    out: list[str] = []
    after_command = False
    for text in texts:
        if after_command and text[0].isalpha():
            out.append(" ")
        out.append(text)
        after_command = len(text) > 1 and text[-1].isalpha() and _ends_in_command(text)
    return "".join(out)


def _ends_in_command(text: str) -> bool:
    _, backslash, last = text.rpartition("\\")
    return bool(backslash) and last.isalpha()


_WRITER = _Readable()


@bounded
def to_readable(row: Row) -> str:
    """The LaTeX of a row as one would type it, for display style; `parse` reads the same tree out of it.

    Without the `\\limits` that display style sets anyway, and with `\\mathop` around what is no operator but has
    `\\limits`. ExportError for an environment that nobody here knows.
    """
    return _WRITER.row(row, True)
