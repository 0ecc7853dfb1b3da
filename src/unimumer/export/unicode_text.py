"""One line of Unicode text, to read in a terminal or a message: `(−b ± √(b² − 4ac))/(2a)`."""

from __future__ import annotations

from unicodedata import normalize

from unimumer.export.groups import Attached, Fence, Item, Number, group, kind, table, takes_operand_before
from unimumer.export.symbols import BIN, FUNCTION, INT, LIMIT, OP, PUNCT, REL, sign
from unimumer.export.writer import ItemWriter, bounded
from unimumer.latex import Accent, Arrow, Environment, Fraction, Radical, Row, Stack, Symbol
from unimumer.latex.unicode import ACCENTS, ARROWS

_UP = str.maketrans("0123456789+−=()nix′∗", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱˣ′*")
_DOWN = str.maketrans("0123456789+−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_ROOTS = {"3": "∛", "4": "∜"}


class _Unicode(ItemWriter[None]):
    """Every place is like every other."""

    def items(self, items: list[Item], where: None = None) -> str:
        out: list[str] = []
        before: Item | None = None
        for place, item in enumerate(items):
            shown = self.item(item, None)
            what = kind(item)
            last = place + 1 == len(items)
            if what == REL or (what == BIN and shown != "∘" and takes_operand_before(before) and not last):
                shown = f" {shown} "
            elif (what in (OP, INT) and type(item) is Attached) or what == PUNCT:
                shown += " "
            elif what in (FUNCTION, LIMIT):
                fenced = last or type(items[place + 1]) is Fence
                shown = " " * takes_operand_before(before) + shown + " " * (not fenced)
            out.append(shown)
            before = item
        return "".join(out).strip().replace("  ", " ")

    def attached(self, item: Attached, where: None) -> str:
        base = "" if item.base is None else self.item(item.base, None)
        if isinstance(item.base, Fraction) or (type(item.base) is Accent and len(item.base.body) > 1):
            base = f"({base})"
        return base + self.script(item.sub, "_", _DOWN) + self.script(item.sup, "^", _UP)

    def script(self, row: Row | None, mark: str, raised: dict[int, int]) -> str:
        if row is None:
            return ""
        text = self.row(row, None)
        close = text.replace(" ", "")
        if text == "∘" and mark == "^":
            return "°"
        if all(ord(character) in raised for character in close):
            return close.translate(raised)
        return mark + (text if len(text) == 1 else f"({text})")

    def symbol(self, node: Symbol, where: None) -> str:
        return sign(node.token).text

    def fence(self, node: Fence, where: None) -> str:
        return sign(node.opening).text + self.items(node.body) + sign(node.closing).text

    def operand(self, row: Row) -> str:
        """A row as a part of a fraction or under a root: in brackets, unless it is one number or one sign."""
        items = group(row)
        text = self.items(items)
        simple = len(items) == 1 and type(items[0]) in (Symbol, Number, Fence, Radical)
        return text if simple else f"({text})"

    def fraction(self, node: Fraction, where: None) -> str:
        if node.command == "\\frac":
            return f"{self.operand(node.above)}/{self.operand(node.below)}"
        return f"({self.row(node.above, None)} choose {self.row(node.below, None)})"

    def stack(self, node: Stack, where: None) -> str:
        place = "_" if node.command == "\\underset" else "^"
        return f"{self.operand(node.base)}{place}({self.row(node.mark, None)})"

    def radical(self, node: Radical, where: None) -> str:
        index = "" if node.index is None else self.row(node.index, None)
        root = _ROOTS.get(index) or self.script(node.index, "", _UP) + "√"
        return root + self.operand(node.radicand)

    def arrow(self, node: Arrow, where: None) -> str:
        below = f"_({self.row(node.below, None)})" if node.below else ""
        above = f"^({self.row(node.above, None)})" if node.above else ""
        return f" {ARROWS[node.command]}{below}{above} "

    def accent(self, node: Accent, where: None) -> str:
        mark, text = ACCENTS[node.command], self.row(node.body, None)
        if mark.place == "box":
            return f"[{text}]"
        if mark.combining:
            return "".join(normalize("NFC", character + mark.combining) for character in text)
        return f"{mark.text}({text})"

    def environment(self, node: Environment, where: None) -> str:
        shown = table(node)
        rows = [", ".join(self.row(cell, None) for cell in cells) for cells in shown.rows]
        # A bracket is needed even where the environment draws none: the rows have to end somewhere.
        plain = not shown.opening and not shown.closing
        opening, closing = ("[", "]") if plain else (shown.opening, shown.closing)
        start, end = (sign(token).text if token else "" for token in (opening, closing))
        return start + "; ".join(rows) + end


_WRITER = _Unicode()


@bounded
def to_unicode(row: Row) -> str:
    """The row as one line of text; ExportError for an environment that nobody here knows."""
    return _WRITER.row(row, None)
