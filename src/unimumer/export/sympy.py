"""SymPy: the objects of an expression that can be reckoned with, built without evaluating any of them.

What has two readings is refused with a sentence and never guessed: `1 \\frac{1}{2}` may be a sum, `A(x)` a function.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NoReturn

from unimumer.export.groups import (
    Attached,
    ExportError,
    Fence,
    Item,
    Negated,
    Number,
    core_of,
    group,
    kind,
    leading_primes,
)
from unimumer.export.readable import to_readable
from unimumer.export.symbols import BIN, CLOSE, FUNCTION, INT, LIMIT, OP, ORD, PUNCT, REL, SIGNS, sign
from unimumer.export.writer import bounded
from unimumer.latex import Fraction, Radical, Row, Symbol

_RELATIONS = {"=": "Eq", "<": "Lt", ">": "Gt", "\\neq": "Ne", "\\ne": "Ne"} | dict.fromkeys(
    ("\\leq", "\\leqslant"), "Le"
)
_RELATIONS |= dict.fromkeys(("\\geq", "\\geqslant"), "Ge")
_TIMES = frozenset({"\\times", "\\cdot", "*", "\\ast"})
_OVER = frozenset({"/", "\\div"})
_FUNCTIONS = {name: name for name in "sin cos tan cot sec csc sinh cosh tanh coth exp arg".split()}  # noqa: SIM905
_FUNCTIONS |= {"ln": "log", "log": "log", "arcsin": "asin", "arccos": "acos", "arctan": "atan"}
_INVERSE = {"sin": "asin", "cos": "acos", "tan": "atan", "cot": "acot", "sec": "asec", "csc": "acsc"}
_INVERSE |= {"sinh": "asinh", "cosh": "acosh", "tanh": "atanh", "coth": "acoth"}
_MANY = {"\\max": "Max", "\\min": "Min", "\\gcd": "gcd"}
_NAMES = [found.text for found in SIGNS.values() if found.kind in (FUNCTION, LIMIT)]
_CALLED = frozenset("fgh")
_DIFFERENTIALS = frozenset({"d", "\\partial"})


@bounded
def to_sympy(row: Row) -> Any:
    """The SymPy object of a row; nothing is evaluated, so that it says what is written.

    `e` is Euler's number and `\\pi` the circle's, every other letter a symbol, named with its subscript; `f`, `g` and
    `h` before a bracket are functions; `\\log` without a base is the natural one; a raised `\\circ` means degrees; a
    chain of relations is a conjunction. `\\sum` and `\\prod` reach to the next `+`, `-` or relation, `\\int` to its
    `d x`, and a function without brackets over what is multiplied with its argument.

    Raises ExportError when SymPy is not installed, and for all that is no expression or has two readings.
    """
    try:
        import sympy
    except ImportError:
        raise ExportError("SymPy is not installed; install it by `pip install 'unimumer[sympy]'`") from None
    return _Reader(sympy).relation(group(row))


def sympy_text(row: Row) -> str:
    """The SymPy object of a row as it prints itself; ExportError as from `to_sympy`, and for what it cannot print."""
    found = to_sympy(row)
    try:
        return str(found)
    except (ArithmeticError, ValueError, RecursionError) as error:  # to order its terms it reckons with them
        raise ExportError(f"SymPy cannot print it: {error}") from None


def _refuse(what: str) -> NoReturn:
    raise ExportError(f"no expression to reckon with: {what}")


def _token(item: Item | None) -> str:
    """The token of an item that is one bare sign."""
    return item.token if type(item) is Symbol else ""


class _Reader:
    """Reads items by precedence, from relations down to single factors."""

    def __init__(self, sympy: Any) -> None:
        self.sympy = sympy

    def relation(self, items: list[Item]) -> Any:
        places = [place for place, item in enumerate(items) if kind(item) == REL]
        if not places:
            return self.sum(items)
        bounds = [-1, *places, len(items)]
        sides = [self.sum(items[start + 1 : end]) for start, end in pairwise(bounds)]
        related = []
        for place, left, right in zip(places, sides, sides[1:]):
            name = _RELATIONS.get(_token(items[place]))
            if name is None:
                sign_of = core_of(items[place])
                assert isinstance(sign_of, Symbol | Negated)
                _refuse(f"{to_readable((Symbol(sign_of.token),))} is no relation of numbers")
            related.append(getattr(self.sympy, name)(left, right, evaluate=False))
        return related[0] if len(related) == 1 else self.sympy.And(*related, evaluate=False)

    def sum(self, items: list[Item]) -> Any:
        """Terms with their signs; a minus is a product with -1."""
        if not items:
            _refuse("something is missing beside an operator, a relation or in brackets")
        terms: list[Any] = []
        start, negative = 0, False
        for place, item in [*enumerate(items), (len(items), Symbol("+"))]:
            token = _token(item)
            if token not in ("+", "-"):
                continue
            if place > start:
                term = self.product(items[start:place])
                terms.append(self._times([self.sympy.Integer(-1), term]) if negative else term)
                negative = False
            elif place == len(items) or (place and _token(items[place - 1]) not in ("+", "-")):
                _refuse("a sign has nothing behind it")
            negative ^= token == "-"
            start = place + 1
        return terms[0] if len(terms) == 1 else self.sympy.Add(*terms, evaluate=False)

    def _times(self, factors: list[Any]) -> Any:
        return factors[0] if len(factors) == 1 else self.sympy.Mul(*factors, evaluate=False)

    def _power(self, base: Any, exponent: Any) -> Any:
        return self.sympy.Pow(base, exponent, evaluate=False)

    def product(self, items: list[Item]) -> Any:
        """Factors side by side, or with signs between them."""
        letters = "".join(token if len(token := _token(item)) == 1 else " " for item in items)
        spelled = next((name for name in _NAMES if name in letters), None)
        if spelled:
            _refuse(f"the letters {spelled} may be a function or factors; write \\{spelled}")
        factors: list[Any] = []
        at, divided, expected = 0, False, True
        while at < len(items):
            token = _token(items[at])
            if token in _TIMES or token in _OVER:
                if expected:
                    _refuse(f"{token} has no operand before it")
                divided, expected = token in _OVER, True
                at += 1
                continue
            if not expected:
                self._check_neighbors(items[at - 1], items[at], divided)
            factor, at = self.factor(items, at)
            factors.append(self._power(factor, self.sympy.Integer(-1)) if divided and expected else factor)
            expected = False
        if expected:
            _refuse("an operator has nothing behind it")
        return self._times(factors)

    def _check_neighbors(self, before: Item, item: Item, divided: bool) -> None:
        if divided:
            _refuse("how much is divided by what stands behind / or \\div is not clear; write brackets or a fraction")
        if type(item) is Number or (type(item) is Attached and type(item.base) is Number):
            if type(before) is not Fence:
                _refuse("a number stands behind what it cannot be multiplied with")
        elif type(before) is Number and type(item) is Fraction and self._is_number(item.above):
            _refuse("a number before a fraction of numbers may be added to it or multiplied with it")

    @staticmethod
    def _is_number(row: Row) -> bool:
        items = group(row)
        return len(items) == 1 and type(items[0]) is Number

    def factor(self, items: list[Item], at: int) -> tuple[Any, int]:
        """The factor at `at` with its factorials, and where to go on."""
        item = items[at]
        what = kind(item)
        if what in (FUNCTION, LIMIT):
            value, at = self.function(items, at)
        elif what == OP:
            value, at = self.series(items, at)
        elif what == INT:
            value, at = self.integral(items, at)
        elif _token(item) in _CALLED and at + 1 < len(items) and type(items[at + 1]) is Fence:
            value, at = self.call(items, at)
        else:
            self._check_call(items, at)
            value, at = self.attached(item) if type(item) is Attached else self.core(item), at + 1
        while at < len(items) and _token(items[at]) == "!":
            if at + 1 < len(items) and _token(items[at + 1]) == "!":
                _refuse("a double factorial is not a factorial twice")
            value, at = self.sympy.factorial(value, evaluate=False), at + 1
        return value, at

    def _check_call(self, items: list[Item], at: int) -> None:
        follower = items[at + 1] if at + 1 < len(items) else None
        item = items[at]
        letter = _token(core_of(item))
        primed = type(item) is Attached and leading_primes(item.sup)  # refused by its own name
        if not primed and type(follower) is Fence and sign(letter).kind == ORD and follower.opening == "(":
            inside = follower.body
            if (len(inside) == 1 and type(inside[0]) is Symbol) or any(_token(item) == "," for item in inside):
                _refuse(f"{letter} before a bracket may be a function or a factor")

    def call(self, items: list[Item], at: int) -> tuple[Any, int]:
        fence = items[at + 1]
        assert type(fence) is Fence
        function = self.sympy.Function(_token(items[at]))
        return function(*self._list(fence), evaluate=False), at + 2

    def _list(self, fence: Fence) -> list[Any]:
        """The values between commas."""
        parts: list[list[Item]] = [[]]
        for item in fence.body:
            if _token(item) == ",":
                parts.append([])
            else:
                parts[-1].append(item)
        return [self.sum(part) for part in parts]

    def core(self, item: Item) -> Any:
        reader = _CORES.get(type(item))
        if reader is None:
            _refuse(f"it has a part of the kind {type(item).__name__.lower()}")
        return reader(self, item)

    def attached(self, item: Attached) -> Any:
        if item.base is None:
            _refuse("scripts stand before what they annotate")
        if item.sub is None:
            base = self.core(item.base)
        elif type(item.base) is Symbol and sign(item.base.token).kind == ORD:
            name = to_readable(item.sub)
            letter, written = item.base.token.removeprefix("\\"), name if name.isalnum() else f"{{{name}}}"
            base = self.sympy.Symbol(f"{letter}_{written}")
        else:
            _refuse("a subscript stands at what is no letter")
        if item.sup is None:
            return base
        if item.sup == (Symbol("\\circ"),):
            return self._times([base, self.sympy.pi, self._power(self.sympy.Integer(180), self.sympy.Integer(-1))])
        if item.sup[0] == Symbol("\\prime"):
            _refuse("a prime may be a derivative or part of a name")
        return self._power(base, self.sum(group(item.sup)))

    def symbol(self, node: Symbol) -> Any:
        token = node.token
        known = {"\\pi": self.sympy.pi, "e": self.sympy.E, "\\infty": self.sympy.oo}
        if token in known:
            return known[token]
        text, what, *_ = sign(token)
        if what != ORD or not text.isalpha():
            _refuse(f"{token} is no number and no name of one")
        return self.sympy.Symbol(token.removeprefix("\\"))

    def number(self, node: Number) -> Any:
        return self.sympy.Float(node.text) if "." in node.text else self.sympy.Integer(node.text)

    def fence(self, node: Fence) -> Any:
        value = self.sum(node.body)
        pair = (node.opening, node.closing)
        if pair in (("(", ")"), ("[", "]"), ("\\{", "\\}")):
            return value
        name = {("|", "|"): "Abs", ("\\lfloor", "\\rfloor"): "floor", ("\\lceil", "\\rceil"): "ceiling"}.get(pair)
        if name is None:
            _refuse(f"the brackets {node.opening} and {node.closing} hold no number")
        return getattr(self.sympy, name)(value, evaluate=False)

    def fraction(self, node: Fraction) -> Any:
        above, below = group(node.above), group(node.below)
        if node.command != "\\frac":
            return self.sympy.binomial(self.sum(above), self.sum(below), evaluate=False)
        if self._differential(above) and self._differential(below):
            _refuse("a fraction of differentials is a derivative")
        return self._times([self.sum(above), self._power(self.sum(below), self.sympy.Integer(-1))])

    @staticmethod
    def _differential(items: list[Item]) -> bool:
        first = items[0] if items else None
        return _token(core_of(first)) in _DIFFERENTIALS

    def radical(self, node: Radical) -> Any:
        index = self.sympy.Integer(2) if node.index is None else self.sum(group(node.index))
        # SymPy shows a power of one half as a root, and nothing else.
        exponent = self.sympy.Rational(1, 2) if node.index is None else self._power(index, self.sympy.Integer(-1))
        return self._power(self.sum(group(node.radicand)), exponent)

    def function(self, items: list[Item], at: int) -> tuple[Any, int]:
        item = items[at]
        core = core_of(item)
        token = core.token  # type: ignore[union-attr]
        sub, sup = (item.sub, item.sup) if type(item) is Attached else (None, None)
        if token == "\\lim":
            return self.limit(items, at, sub)
        follower = items[at + 1] if at + 1 < len(items) else None
        if token in _MANY and type(follower) is Fence and sub is None and sup is None:
            return getattr(self.sympy, _MANY[token])(*self._list(follower), evaluate=False), at + 2
        name = _FUNCTIONS.get(token[1:])
        base = None
        if token == "\\lg":
            name, base = "log", self.sympy.Integer(10)
        if name is None or (sub is not None and token != "\\log"):
            _refuse(f"{token} is no function that is known here")
        if sub is not None:
            base = self.sum(group(sub))
        argument, at = self.argument(items, at + 1)
        if sup == (Symbol("-"), Symbol("1")):
            name, sup = _INVERSE.get(name) or _refuse(f"{token} to the power of -1 has two readings"), None
        value = getattr(self.sympy, name)(argument, evaluate=False)
        if base is not None:
            bottom = self.sympy.log(base, evaluate=False)
            value = self._times([value, self._power(bottom, self.sympy.Integer(-1))])
        return value if sup is None else self._power(value, self.sum(group(sup))), at

    def argument(self, items: list[Item], at: int) -> tuple[Any, int]:
        """What a function is of: a bracket, or all that is multiplied without a sign."""
        end = at
        while end < len(items) and kind(items[end]) not in (BIN, REL, PUNCT, FUNCTION, LIMIT, OP, INT, CLOSE):
            if _token(items[end]) == "/":
                break
            end += 1
        taken = items[at:end]
        if taken and type(taken[0]) is Fence:
            return self.sum(taken[0].body) if taken[0].opening in "([" else self.core(taken[0]), at + 1
        fenced = [part for part in taken if type(core_of(part)) is Fence]
        if fenced:
            _refuse("where the argument of a function ends is not clear; write brackets around it")
        if not taken and end < len(items) and kind(items[end]) in (FUNCTION, LIMIT):
            return self.function(items, end)
        if not taken:
            _refuse("a function has no argument")
        if end < len(items) and _token(items[end]) in ("!", "/"):
            _refuse("where the argument of a function ends is not clear; write brackets around it")
        return self.product(taken), end

    def _variable(self, item: Item) -> Any:
        """The name that a sum, an integral or a limit runs over."""
        value = self.attached(item) if type(item) is Attached else self.core(item)
        return value if type(value) is self.sympy.Symbol else _refuse("what runs in a sum or integral is no name")

    def _rest(self, items: list[Item], at: int) -> Any:
        if at >= len(items):
            _refuse("nothing stands behind a sum, product or limit")
        return self.product(items[at:])

    def series(self, items: list[Item], at: int) -> tuple[Any, int]:
        item = items[at]
        core = core_of(item)
        name = {"\\sum": "Sum", "\\prod": "Product"}.get(_token(core))
        if name is None or type(item) is not Attached or item.sub is None or item.sup is None:
            _refuse("a sum or product needs a first and a last index")
        below = group(item.sub)
        if len(below) < 3 or _token(below[1]) != "=":
            _refuse("below a sum or product an index and its first value are expected, as in i = 1")
        index = self._variable(below[0])
        bounds = (index, self.sum(below[2:]), self.sum(group(item.sup)))
        return getattr(self.sympy, name)(self._rest(items, at + 1), bounds), len(items)

    def limit(self, items: list[Item], at: int, sub: Row | None) -> tuple[Any, int]:
        below = group(sub or ())
        if len(below) < 3 or _token(below[1]) != "\\rightarrow":
            _refuse("below lim a name and what it goes to are expected, as in x \\to 0")
        variable = self._variable(below[0])
        goal = self.sum(below[2:])
        return self.sympy.Limit(self._rest(items, at + 1), variable, goal, "+-"), len(items)

    def integral(self, items: list[Item], at: int) -> tuple[Any, int]:
        item = items[at]
        core = core_of(item)
        if _token(core) != "\\int":
            _refuse(f"{_token(core)} is no integral over one name")
        open_integrals, end = 1, at + 1
        while end < len(items):
            open_integrals += kind(items[end]) == INT
            open_integrals -= self._ends_integral(items, end)
            if not open_integrals:
                break
            end += 1
        else:
            _refuse("an integral has no d with a name behind it")
        variable = self._variable(items[end + 1])
        body = self.sum(items[at + 1 : end]) if end > at + 1 else self.sympy.Integer(1)
        bounds: Any = variable
        if type(item) is Attached:
            if item.sub is None or item.sup is None:
                _refuse("an integral has one bound only")
            bounds = (variable, self.sum(group(item.sub)), self.sum(group(item.sup)))
        return self.sympy.Integral(body, bounds), end + 2

    @staticmethod
    def _ends_integral(items: list[Item], at: int) -> bool:
        follower = items[at + 1] if at + 1 < len(items) else None
        name = follower.base if type(follower) is Attached and follower.sup is None else follower
        return _token(items[at]) == "d" and type(name) is Symbol and sign(name.token).text.isalpha()


_CORES: dict[type, Callable[[_Reader, Any], Any]] = {
    Symbol: _Reader.symbol,
    Number: _Reader.number,
    Fence: _Reader.fence,
    Fraction: _Reader.fraction,
    Radical: _Reader.radical,
    Attached: _Reader.attached,
}
