"""What the writers of all forms share: a row is written item by item, each by the method named after its kind."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Generic, TypeVar
from unicodedata import normalize

from unimumer.export.groups import (
    Attached,
    ExportError,
    Fence,
    Item,
    Negated,
    Number,
    group,
    is_applicable,
    kind,
    takes_operand_before,
)
from unimumer.export.symbols import BIN, PUNCT, sign
from unimumer.latex import Accent, Arrow, Environment, Fraction, Radical, Row, Stack, Symbol

Where = TypeVar("Where")
"""What a form has to know of the place it writes at, such as whether it is in display style."""
_KINDS = (Symbol, Number, Negated, Fence, Fraction, Stack, Radical, Arrow, Accent, Environment, Attached)


class ItemWriter(Generic[Where]):
    """Writes the items of a row; a form is a subclass that has a method for each kind of item, `fraction` and so on."""

    def __init__(self) -> None:
        """Find the methods; AttributeError for a form that leaves out a kind."""
        self.methods: dict[type, Callable[[Any, Where], str]]
        self.methods = {kind: getattr(self, kind.__name__.lower()) for kind in _KINDS}

    def item(self, item: Item, where: Where) -> str:
        """One item."""
        return self.methods[type(item)](item, where)

    def row(self, row: Row, where: Where) -> str:
        """A row of nodes."""
        return self.items(group(row), where)

    def items(self, items: list[Item], where: Where) -> str:
        """Items side by side."""
        methods = self.methods  # looked up here: a call less for every item
        return "".join([methods[type(item)](item, where) for item in items])

    def number(self, node: Number, where: Where) -> str:
        """Digits as they are."""
        return node.text

    def negated(self, node: Negated, where: Where) -> str:
        """The sign with a stroke through it, as one character where Unicode has it."""
        return struck(node)


class LinearWriter(ItemWriter[Where]):
    """A form of plain text, in which spaces part what would otherwise be read as one name or sign."""

    def items(self, items: list[Item], where: Where) -> str:
        """Items with a space between them; a sign joins letters and digits only, for `+-` and `->` would be others."""
        out: list[str] = []
        before: Item | None = None
        close = False
        for item in items:
            shown = self.beside(item, before, where)
            what = kind(item)
            applied = type(item) is Fence and item.opening == shown[:1] == "(" and is_applicable(before)
            if not out or applied or (close and shown[:1].isalnum()) or (what == PUNCT and shown[-1] in ",;"):
                out.append(shown)
            else:
                out += " ", shown
            close = what == BIN and shown in "+-" and not takes_operand_before(before)
            before = item
        return "".join(out)

    def beside(self, item: Item, before: Item | None, where: Where) -> str:
        """One item, behind another."""
        return self.item(item, where)


def struck(node: Negated) -> str:
    """A sign with the stroke of `\\not` through it."""
    return normalize("NFC", sign(node.token).text + "\u0338")


Form = TypeVar("Form", bound=Callable[..., Any])


def bounded(write: Form) -> Form:
    """A writer that refuses what is nested too deeply for Python with a sentence."""

    @wraps(write)
    def checked(*args: Any, **kwargs: Any) -> Any:
        try:
            return write(*args, **kwargs)
        except RecursionError:
            raise ExportError("expected fewer brackets within brackets") from None

    return checked  # type: ignore[return-value]
