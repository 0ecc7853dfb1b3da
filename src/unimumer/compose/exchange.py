"""Exchanges symbols of composed expressions for others: of a kindred class, or of the same class by another hand.

The training collections hold the same few thousand expressions again and again, each by several writers. A model can
learn them by heart, and did: it reads held-out writers well and new expressions badly. Every symbol takes the size and
the height above the line that its writer gave it, relative to the row, to its new row.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unimumer.compose.alphabet import KIN
from unimumer.compose.library import Library
from unimumer.compose.realize import PlacedInk
from unimumer.ink.tie import token_name

_CROHME = {
    tuple("0123456789"): 0.6,
    ("a", "c", "e", "m", "n", "o", "r", "s", "u", "v", "w", "x", "z", r"\alpha", r"\sigma", r"\pi"): 0.6,
    ("b", "d", "h", "k", "l", "t", "f", r"\theta", r"\lambda"): 0.6,
    ("g", "j", "p", "q", "y", r"\beta", r"\gamma", r"\phi", r"\mu", "i"): 0.6,
    (*"ABCEFGHILMNPRSTVXY", r"\Delta"): 0.6,
    ("+", r"\times", r"\pm", r"\div"): 0.2,
    ("=", r"\leq", r"\geq", r"\neq", "<", ">"): 0.3,
    (r"\sin", r"\cos", r"\tan", r"\log"): 0.4,
    (r"\forall", r"\exists"): 0.4,
    (r"\rightarrow",): 0.4,
    (r"\sum",): 0.2,
    (r"\int",): 0.15,
}
KINDRED = {(*group, *(token for token, kin in KIN.items() if kin in group)): share for group, share in _CROHME.items()}
"""Tokens that may stand for each other, and how often one changes."""
_LETTERS = tuple(letter for group in list(KINDRED)[1:5] for letter in group)
_LETTER_SHARE = 0.12
"""How often a letter changes to any other."""
_HAND_SHARE = 0.5
"""How often a class that stays comes from other hands."""
_TALL = frozenset(("(", ")", "[", "]", r"\{", r"\}", "|", "/", r"\int", r"\sum"))
_STRETCHED = _TALL | {token for token, kin in KIN.items() if kin in _TALL}
"""Their height is their place's, not their writer's."""
_FIXED = frozenset(("-", r"\sqrt", ".", r"\ldots", r"\cdots"))
"""Bars and signs that were fitted to what is under them, and dots, of which several may make one token."""


class Exchanger:
    """Draws the changes of many expressions at once."""

    def __init__(self, library: Library) -> None:
        """Whatever the library holds may come in."""
        self.library = library
        self.tokens = [token_name(name) for name in library.classes]
        number = {token: i for i, token in enumerate(self.tokens)}
        usable = (library.token >= 0) & (library.symbol_class >= 0)
        usable &= ~np.isin(library.symbol_class, [number[t] for t in _FIXED if t in number])
        self.order = np.flatnonzero(usable)[np.argsort(library.symbol_class[usable], kind="stable")]
        self.count = np.bincount(library.symbol_class[self.order], minlength=len(self.tokens))
        self.first = np.cumsum(self.count) - self.count
        known = {token: i for token, i in number.items() if self.count[i]}
        shares = [*KINDRED.items(), (_LETTERS, _LETTER_SHARE)]
        self.groups = [([known[token] for token in group if token in known], share) for group, share in shares]
        self.stretched = np.array([token in _STRETCHED for token in self.tokens])

    def exchange(
        self, placement: PlacedInk, labels: list[list[str]], which: NDArray[np.bool_], random: np.random.Generator
    ) -> tuple[PlacedInk, list[list[str]]]:
        """Change some classes of each expression marked in `which` [expressions]: its ink and its label alike.

        All symbols of a class change to the same class, each to the ink of some other hand.
        """
        new_class = self._classes(len(labels), which, random)
        other_hand = (random.random(new_class.shape) < _HAND_SHARE) & which[:, None]
        old, owner = self.library.symbol_class[placement.symbol], placement.expression
        new = new_class[owner, old]
        changing = (new != old) | (other_hand[owner, old] & (self.count[old] > 0))
        changing &= placement.tied & which[owner]
        place = np.flatnonzero(changing)
        chosen = self.order[self.first[new[place]] + (random.random(len(place)) * self.count[new[place]]).astype(int)]
        return self._put(placement, place, chosen), self._relabel(labels, new_class)

    def _classes(self, expressions: int, which: NDArray[np.bool_], random: np.random.Generator) -> NDArray[np.int64]:
        """[expressions, classes]: what each class changes to, mostly itself."""
        new = np.tile(np.arange(len(self.tokens)), (expressions, 1))
        for group, share in self.groups:
            if group:
                drawn = self._draw(group, (expressions, len(group)), random)
                change = (random.random(drawn.shape) < share) & which[:, None]
                new[:, group] = np.where(change, drawn, new[:, group])
        return new

    def _draw(self, group: list[int], shape: tuple[int, int], random: np.random.Generator) -> NDArray[np.int64]:
        """Classes of a group, rare ones more often than they are written (square root of their count)."""
        bounds = np.cumsum(np.sqrt(self.count[group]))
        drawn = np.searchsorted(bounds, random.random(shape) * bounds[-1]).clip(max=len(group) - 1)
        return np.asarray(np.array(group)[drawn], np.int64)

    def _relabel(self, labels: list[list[str]], new_class: NDArray[np.int64]) -> list[list[str]]:
        expression, old = np.nonzero(new_class != np.arange(new_class.shape[1]))
        changes: list[dict[str, str]] = [{} for _ in labels]
        for e, o, n in zip(expression.tolist(), old.tolist(), new_class[expression, old].tolist()):
            changes[e][self.tokens[o]] = self.tokens[n]
        return [[change.get(t, t) for t in label] if change else label for label, change in zip(labels, changes)]

    def _put(self, placement: PlacedInk, place: NDArray[np.int64], chosen: NDArray[np.int64]) -> PlacedInk:
        """Other symbols, `chosen`, at some places: on the line and of the size of the row, within the room there is."""
        library = self.library
        old, frame = placement.boxes(library)[place], placement.frames(library)[place]
        grown = placement.maps[place, 4][:, None]
        room = library.room[placement.symbol[place]] * grown
        box, own = library.box[chosen].astype(np.float64), library.frame[chosen].astype(np.float64)
        size, middle = box[:, 2:] - box[:, :2], (box[:, :2] + box[:, 2:]) / 2
        tall = (old[:, 3] - old[:, 1]) / np.maximum(size[:, 1], 1e-3)
        fit = self.stretched[library.symbol_class[chosen]]
        scale = np.where(fit, tall, frame[:, 0] / own[:, 0])
        wide = old[:, 2] - old[:, 0] + 1.6 * np.minimum(room[:, 0], room[:, 2])
        squeeze = np.clip(wide / np.maximum(scale * size[:, 0], 1e-3), 0.5, 1.0)
        across, down = scale * squeeze, scale * np.where(fit, 1.0, np.sqrt(squeeze))
        height = np.where(fit, (old[:, 1] + old[:, 3]) / 2, frame[:, 1] + down * (middle[:, 1] - own[:, 1]))
        half = down * size[:, 1] / 2
        height = np.minimum(height, np.maximum(old[:, 3] + 0.8 * room[:, 3], old[:, 1] + half) - half)
        height = np.maximum(height, np.minimum(old[:, 1] - 0.8 * room[:, 1], old[:, 3] - half) + half)
        symbol, maps = placement.symbol.copy(), placement.maps.copy()
        symbol[place] = chosen
        zero = np.zeros(len(place))
        x = (old[:, 0] + old[:, 2]) / 2 - across * middle[:, 0]
        maps[place] = np.stack([across, zero, zero, x, down, height - down * middle[:, 1]], axis=1)
        return PlacedInk(placement.expression, symbol, maps, placement.tied)
