"""Counts what people write, in n-grams of tokens, for the language model that `engines.language` reads."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save
from tokenizers import Tokenizer

from unimumer.compose.composer import MAX_TOKENS
from unimumer.compose.corpus import Corpus
from unimumer.compose.formulas import FormulaPool
from unimumer.engines import chat
from unimumer.engines.language import STEPS
from unimumer.engines.nano import LANGUAGE
from unimumer.files import read_object, sha256, write_bytes, write_json
from unimumer.training import TrainingError

LONGEST = 5
"""Tokens of the longest n-grams."""
_OFTEN = 2
"""Longer n-grams than of one token are kept that occur as often, and what a kept one begins with."""
_LABEL = 3
"""A label that was written by hand counts as often as so many formulas without ink."""
_SYSTEMS = 0.02
"""Systems of equations that are put together from formulas, to one formula: collections hold next to none."""
_DISCOUNT = 0.75
_BITS = 12
"""Of one token in the number that stands for an n-gram; the first token has the highest."""

Keys = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class _Estimates:
    """N-grams of one length, in rising order, and what is left for others after each beginning."""

    keys: Keys
    chances: NDArray[np.float64]
    """Of the last token after those before it."""
    beginnings: Keys
    left: NDArray[np.float64]
    """[beginnings]: probability of all tokens of which no n-gram is kept."""

    def over(self, beginnings: Keys) -> NDArray[np.float64]:
        """What is left after `beginnings`; all of it after one that never occurs."""
        return _looked_up(self.beginnings, self.left, beginnings, np.ones(len(beginnings)))


def write_language(runtime: Path, corpus: Corpus, weight: float, bonus: float) -> int:
    """Put a language model of the corpus beside a model that runs without torch; returns how many n-grams it has.

    It is made of the labels that are trained on and of the formulas, without what held-out ink says. `weight` is that
    of its natural-log probabilities beside the model's own, `bonus` what every token adds, since longer texts are
    always less probable. The confidences have to be calibrated again. Raises TrainingError.
    """
    if not (math.isfinite(weight) and math.isfinite(bonus)):
        raise TrainingError(f"the weight ({weight}) and the bonus of a token ({bonus}) have to be finite")
    tokenizer = chat.load_tokenizer(runtime / "tokenizer.json")
    arrays = build(*_texts(corpus, tokenizer), chat.token_id(tokenizer, chat.END))
    write_bytes(runtime / LANGUAGE, save(arrays))
    about = read_object(runtime / "nano.json")
    about["sha256"][LANGUAGE] = sha256(runtime / LANGUAGE)
    write_json(runtime / "nano.json", about | {"language": [weight, bonus], "calibration": []}, indent=1)
    return sum(len(array) for name, array in arrays.items() if name.startswith("tokens."))


def _texts(corpus: Corpus, tokenizer: Tokenizer) -> tuple[list[list[int]], list[int]]:
    """Token ids of every text, and how often each counts."""
    held = {label for label, is_held in zip(corpus.labels, corpus.validation) if is_held}
    labels = [label for label, lone in zip(corpus.labels, corpus.lone) if not lone and label not in held]
    formulas = [formula for formulas in corpus.formulas for formula in formulas if formula not in held]
    pool, random = FormulaPool(corpus.formulas, held, MAX_TOKENS), np.random.default_rng(0)
    systems = [text for text, _ in (pool.system(random) for _ in range(int(_SYSTEMS * len(formulas)))) if text]
    texts = [encoding.ids for encoding in tokenizer.encode_batch([*labels, *formulas, *systems])]
    return texts, [_LABEL] * len(labels) + [1] * (len(formulas) + len(systems))


def build(texts: Sequence[Sequence[int]], weights: Sequence[int], end: int) -> dict[str, NDArray[np.generic]]:
    """Arrays of the language model of `texts`, given by token ids; each counts as if it occurred `weights` times.

    Interpolated Kneser-Ney smoothing with one discount (Chen and Goodman, 1999). `end` is the token that ends a text.
    Raises TrainingError when there is no text, and for token ids that are too large.
    """
    counted = _counted(texts, weights, end)
    levels: list[_Estimates] = []
    for (keys, counts), keep in zip(counted, _kept(counted)):
        beginnings, where = np.unique(keys >> np.uint64(_BITS), return_inverse=True)
        # There is nothing shorter than one token to leave anything to.
        own = np.maximum(counts - (_DISCOUNT if levels else 0), 0) / np.bincount(where, counts)[where]
        left = np.asarray(1 - np.bincount(where[keep], own[keep], len(beginnings)), np.float64)
        shorter = _chances(levels, _without_first(keys[keep], len(levels) + 1))
        levels.append(_Estimates(keys[keep], own[keep] + left[where[keep]] * shorter, beginnings, left))
    return {f"{name}.{length}": array for length in range(1, LONGEST + 1) for name, array in _arrays(levels, length)}


def _counted(texts: Sequence[Sequence[int]], weights: Sequence[int], end: int) -> list[tuple[Keys, NDArray[np.int64]]]:
    """N-grams of each length and how often they count: the longest, and what begins a text, as often as they occur;
    others by how many tokens they follow, which is what tells how likely they are in a new place.
    """
    if not texts or max(max(text, default=0) for text in texts) >= 1 << _BITS:
        raise TrainingError(f"a language model needs texts, with token ids below {1 << _BITS}")
    stream = np.array([token for text in texts for token in (end, *text, end)], np.uint64)
    lengths = np.array([len(text) + 2 for text in texts])
    place = np.arange(len(stream)) - np.repeat(np.cumsum(lengths) - lengths, lengths)  # within its text
    often = np.repeat(np.array(weights), lengths)
    found = []
    for length in range(1, LONGEST + 1):
        ends = np.flatnonzero(place >= max(length - 1, 1))
        keys = sum((stream[ends - i] << np.uint64(i * _BITS) for i in range(length)), np.zeros(len(ends), np.uint64))
        grams, where = np.unique(keys, return_inverse=True)
        found.append((grams, np.bincount(where, often[ends]).astype(np.int64)))
    for length, (grams, counts) in enumerate(found[:-1], 1):
        followed, times = np.unique(_without_first(found[length][0], length + 1), return_counts=True)
        inside = (grams >> np.uint64((length - 1) * _BITS) != end) | (length == 1)
        counts[inside] = times[np.searchsorted(followed, grams[inside])]
    return found


def _kept(counted: Sequence[tuple[Keys, NDArray[np.int64]]]) -> list[NDArray[np.bool_]]:
    """Which n-grams of each length stay: all single tokens, what is frequent, and what such a one begins with."""
    kept: list[NDArray[np.bool_]] = []
    needed = np.empty(0, np.uint64)
    for keys, counts in reversed(counted):
        kept.insert(0, (counts >= (_OFTEN if keys is not counted[0][0] else 0)) | np.isin(keys, needed))
        needed = keys[kept[0]] >> np.uint64(_BITS)
    return kept


def _chances(levels: Sequence[_Estimates], keys: Keys) -> NDArray[np.float64]:
    """Probability of the last token of n-grams as long as there are levels, whether they are kept or not."""
    if not levels:
        return np.zeros(len(keys))
    shorter = _chances(levels[:-1], _without_first(keys, len(levels)))
    backed_off = levels[-1].over(keys >> np.uint64(_BITS)) * shorter
    return _looked_up(levels[-1].keys, levels[-1].chances, keys, backed_off)


def _without_first(keys: Keys, length: int) -> Keys:
    return keys & np.uint64((1 << (length - 1) * _BITS) - 1)


def _looked_up(known: Keys, values: NDArray[np.float64], keys: Keys, other: NDArray[np.float64]) -> NDArray[np.float64]:
    """The value of each of `keys` among those `known`, which rise; `other` where it is not."""
    if not len(known):
        return other
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return np.where(known[place] == keys, values[place], other)


def _arrays(levels: Sequence[_Estimates], length: int) -> Iterator[tuple[str, NDArray[np.generic]]]:
    """The arrays of one length, by name."""
    level = levels[length - 1]
    yield "tokens", (level.keys & np.uint64((1 << _BITS) - 1)).astype(np.uint16)
    yield "costs", _costs(level.chances)
    if length < len(levels):
        below = levels[length]
        yield "backoffs", _costs(below.over(level.keys))
        begin = np.searchsorted(below.keys >> np.uint64(_BITS), level.keys)
        yield "starts", np.append(begin, len(below.keys)).astype(np.uint32)


def _costs(chances: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.asarray(np.clip(np.rint(-STEPS * np.log(np.maximum(chances, 1e-9))), 0, 255), np.uint8)
