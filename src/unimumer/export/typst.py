"""Typst: what stands between the dollar signs. Whatever the label holds comes out as signs or as text, never as code.

Source: the reference of Typst 0.15, chapter Math. Inside the arguments of a function `,`, `;`, `:` and single brackets
mean something, so they are escaped there.
"""

from __future__ import annotations

from typing import NamedTuple

from unimumer.export.groups import Attached, Fence, Negated, Number, apart, group, kind, leading_primes, table
from unimumer.export.symbols import LIMIT, OP, UNKNOWN, sign
from unimumer.export.writer import LinearWriter, bounded, struck
from unimumer.latex import Accent, Arrow, Environment, Fraction, Radical, Row, Stack, Symbol
from unimumer.latex.unicode import ACCENTS, ARROWS

_SPECIAL = frozenset(",;:")
_BRACKETS = frozenset("()[]{}⟮⟯⌜⌝⌞⌟")
_PAIRS = {("(", ")"), ("[", "]"), ("\\{", "\\}")}
_WITH_NOTE = frozenset({"overbrace", "underbrace", "overbracket", "underbracket"})
_SAME = r"""
    \hat \tilde \breve \acute \grave \overline \underline \overbrace \underbrace \overbracket \underbracket \overparen
    \underparen \cancel
    """
_MARKS = {
    **{command: command[1:] for command in _SAME.split()},
    **{r"\widehat": "hat", r"\bar": "macron", r"\vec": "arrow", r"\dot": "dot", r"\ddot": "dot.double"},
    **{r"\dddot": "dot.triple", r"\widetilde": "tilde", r"\check": "caron", r"\widecheck": "caron"},
    **{r"\mathring": "circle", r"\wideparen": "overparen", r"\overrightarrow": "arrow", r"\overleftarrow": "arrow.l"},
    **{r"\overleftrightarrow": "arrow.l.r", r"\bcancel": "cancel(inverted:#true)"},
    **{r"\xcancel": "cancel(cross:#true)", r"\sout": "cancel(angle:#90deg)"},
}
"""The function that draws an accent; one that is not here is a character set above or below."""
_FUNCTIONS = {"|": "abs", "\\lfloor": "floor", "\\lceil": "ceil"}


class _Where(NamedTuple):
    inside: bool
    """Among the arguments of a function."""
    display: bool


class _Typst(LinearWriter[_Where]):
    """A row by itself comes out empty or whole; as an argument, or a script, it needs something in its place."""

    def argument(self, row: Row, where: _Where, display: bool = False) -> str:
        return self.row(row, _Where(True, display and where.display)) or '""'

    def attached(self, item: Attached, where: _Where) -> str:
        base, sub, sup = item.base, item.sub, item.sup
        shown = '""' if base is None else self.item(base, where)
        name = base.command[1:] if type(base) is Accent else ""
        if name in _WITH_NOTE:
            note, other = (sup, sub) if name.startswith("over") else (sub, sup)
            if note is not None and other is None:
                return f"{shown[:-1]}, {self.argument(note, where)})"
            shown = f"limits({shown})"
        elif item.limits and not (where.display and kind(item) in (OP, LIMIT)):
            shown = f"limits({self.item(base, _Where(True, where.display)) if base else shown})"
        primes = leading_primes(sup)
        rest = sup[primes:] if sup else ()
        shown += "'" * primes
        if sub is not None:
            shown += "_" + self.script(sub, where)
        return shown + ("^" + self.script(rest, where) if rest else "")

    def script(self, row: Row, where: _Where) -> str:
        items = group(row)
        text = self.items(items, _Where(where.inside, False))
        plain = len(items) == 1 and type(items[0]) in (Symbol, Number) and text[0].isalnum()
        return text if plain else f"({text})"

    def symbol(self, node: Symbol, where: _Where) -> str:
        found = sign(node.token)
        if found.kind == UNKNOWN:
            return '"' + found.text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if found.text in _BRACKETS or (where.inside and found.text in _SPECIAL):
            return "\\" + found.text
        return found.typst or found.text

    def negated(self, node: Negated, where: _Where) -> str:
        composed = struck(node)
        return composed if len(composed) == 1 else f"cancel({self.symbol(Symbol(node.token), _Where(True, False))})"

    def fence(self, node: Fence, where: _Where) -> str:
        if node.opening in _FUNCTIONS:
            return f"{_FUNCTIONS[node.opening]}({self.items(node.body, where._replace(inside=True)) or chr(34) * 2})"
        if (node.opening, node.closing) in _PAIRS:
            return sign(node.opening).text + apart(self.items(node.body, where)) + sign(node.closing).text
        inner = where._replace(inside=True)
        opening, closing = (self.symbol(Symbol(token), inner) for token in (node.opening, node.closing))
        return f"lr({opening} {self.items(node.body, inner)} {closing})"

    def fraction(self, node: Fraction, where: _Where) -> str:
        name = "frac" if node.command == "\\frac" else "binom"
        return f"{name}({self.argument(node.above, where)}, {self.argument(node.below, where)})"

    def stack(self, node: Stack, where: _Where) -> str:
        mark = "_" if node.command == "\\underset" else "^"
        return f"limits({self.argument(node.base, where, True)}){mark}{self.script(node.mark, where)}"

    def radical(self, node: Radical, where: _Where) -> str:
        body = self.argument(node.radicand, where, True)
        return f"sqrt({body})" if node.index is None else f"root({self.argument(node.index, where)}, {body})"

    def arrow(self, node: Arrow, where: _Where) -> str:
        below = f"_{self.script(node.below, where)}" if node.below else ""
        above = f"^{self.script(node.above, where)}" if node.above else ""
        return f"stretch({ARROWS[node.command]}, size: #150%){below}{above}"

    def accent(self, node: Accent, where: _Where) -> str:
        mark = ACCENTS[node.command]
        if mark.place == "box":
            body = self.row(node.body, _Where(False, where.display))
            shape = "circle" if node.command == "\\textcircled" else "box"
            return f'class("normal", #{shape}(stroke: 0.5pt, inset: 3pt, $ {body} $))'
        body = self.argument(node.body, where, True)
        if function := _MARKS.get(node.command):
            return f"{function[:-1]}, {body})" if function.endswith(")") else f"{function}({body})"
        return f"limits({body})_{'tilde.op' if mark.text == '~' else mark.text}"

    def environment(self, node: Environment, where: _Where) -> str:
        shown = table(node)
        inner = _Where(True, shown.joined and where.display)
        if node.name.endswith("cases"):
            # Typst aligns to the right and to the left in turn: the doubled sign leaves out a column to the right.
            written = [[self.row(cell, inner) for cell in cells] for cells in shown.rows]
            rows = ", ".join("& " + " quad && ".join(cells) for cells in written)
            return f"cases({'' if shown.opening else 'reverse: #true, '}{rows})"
        delimiter = {"": "#none", "\\parallel": '"||"'}.get(shown.opening, f'"{sign(shown.opening).text}"')
        options = [f"delim: {delimiter}"]
        if set(shown.align) != {"c"}:
            options.append(f"align: #{'left' if shown.align[:1] == 'l' else 'right'}")
        lines = {
            "hline": [at for at in shown.lines if 0 < at < len(shown.rows)],
            "vline": [at for at in shown.bars if 0 < at < len(shown.align)],
        }
        if any(lines.values()):
            augmented = ", ".join(f"{name}: ({', '.join(map(str, at))},)" for name, at in lines.items() if at)
            options.append(f"augment: #({augmented})")
        rows = "; ".join(", ".join(self.row(cell, inner) or '""' for cell in cells) for cells in shown.rows)
        return f"mat({', '.join(options)}, {rows})"


_WRITER = _Typst()


@bounded
def to_typst(row: Row) -> str:
    """The content of a Typst equation for the row, without its dollar signs; put spaces between for display style.

    ExportError for an environment that nobody here knows.
    """
    only = row[0] if len(row) == 1 else None
    if type(only) is Environment and table(only).joined:
        rows = table(only).rows
        return " \\ ".join(" & ".join(_WRITER.row(cell, _Where(False, True)) for cell in cells) for cells in rows)
    return _WRITER.row(row, _Where(False, True))
