"""What a picture or ink says: the reading, what else it may be, what makes it doubtful; and its other forms."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any

from PIL import Image

from unimumer.engines.base import CheckFinding
from unimumer.errors import UnimumerError
from unimumer.export import ExportError, convert
from unimumer.imaging import Flaw, components, inked
from unimumer.latex import LatexError, normalize, parse
from unimumer.recognizer.sources import Source, opened
from unimumer.recognizer.symbols import WrittenSymbol, find_in_ink, find_symbols
from unimumer.tasks import recognize

if TYPE_CHECKING:
    from sympy import Basic

    from unimumer.verify import Verified

SCHEMA = 1
"""Version of what `Recognition.to_dict` gives; a change that a reader of the old one would misread gets the next."""
INCOMPLETE = Flaw("incomplete", "The model was stopped before it had finished; the end of the reading is missing.")
MALFORMED = Flaw("malformed", "The reading is no expression that parses; it is given as the model wrote it.")
UNCALIBRATED = Flaw(
    "uncalibrated",
    "The model has not been calibrated: its confidence is not how often such readings are right; "
    "fit it with `unimumer train calibrate`.",
)
_SHOWN = 480
"""Longest side of the picture in a notebook, pixels."""


class SchemaError(UnimumerError):
    """A dictionary that is no recognition of the version that is read here."""


@dataclass(frozen=True)
class Reading:
    """One expression, and every form of it, each made when it is asked for.

    A form raises LatexError when the reading does not parse, and ExportError for what the form cannot say.
    """

    tokens: str
    """LaTeX as the benchmarks write it, space-tokenized; as the model wrote it where that does not parse."""
    confidence: float | None
    """Probability that the model gives to it as a whole, 0 to 1; None from a server that does not say."""

    @classmethod
    def of(cls, text: str, confidence: float | None) -> Reading:
        """The reading that a model's text is."""
        return cls(_normal(text), confidence)

    @property
    def latex(self) -> str:
        """LaTeX as people write it; `tokens` where that does not parse or has an unknown environment."""
        try:
            return convert(self.tokens, "latex")
        except (LatexError, ExportError):
            return self.tokens

    @property
    def well_formed(self) -> bool:
        """Whether it parses as an expression."""
        return recognize.well_formed(self.tokens)

    @property
    def mathml(self) -> str:
        """A `<math>` element."""
        return convert(self.tokens, "mathml")

    @property
    def html(self) -> str:
        """A `<math>` element that carries its LaTeX."""
        return convert(self.tokens, "html")

    @property
    def omml(self) -> str:
        """Office Math: a paragraph of a Word document."""
        return convert(self.tokens, "omml")

    @property
    def typst(self) -> str:
        """What stands between the dollar signs of Typst."""
        return convert(self.tokens, "typst")

    @property
    def asciimath(self) -> str:
        """AsciiMath."""
        return convert(self.tokens, "asciimath")

    @property
    def unicode(self) -> str:
        """Plain text for a terminal or a message."""
        return convert(self.tokens, "unicode")

    @property
    def svg(self) -> str:
        """A typeset picture, in the color of the text around it."""
        from unimumer.typeset import to_svg  # late: the font takes a tenth of a second, and few typeset

        return to_svg(self.tokens)

    def png(self, size: float = 64) -> bytes:
        """A typeset picture in black on white, `size` pixels an em."""
        from unimumer.typeset import to_png

        return to_png(self.tokens, size)

    def sympy(self) -> Basic:
        """A SymPy object, nothing evaluated; needs the extra `sympy`."""
        from unimumer.export import to_sympy

        return to_sympy(parse(self.tokens))


@dataclass(frozen=True, slots=True)
class Part:
    """One expression of several, and where it stands."""

    box: tuple[float, float, float, float]
    """Left, top, right, bottom: pixels of the upright picture, or units of the ink."""
    recognition: Recognition


@dataclass(frozen=True)
class Recognition(Reading):
    """What a source says."""

    alternatives: tuple[Reading, ...]
    """Other readings, best first."""
    model: str
    """Name of the model that read it."""
    warnings: tuple[Flaw, ...] = ()
    """What makes the reading doubtful, in the picture and in the answer."""
    checks: Verified | None = None
    """What the checks said; None when none were asked for."""
    parts: tuple[Part, ...] = ()
    """Where there are several expressions, each by itself in reading order; none where there is one."""
    source: Source | None = field(default=None, repr=False, compare=False)
    """What was read, as it was given; None for a recognition out of a dictionary."""

    @property
    def complete(self) -> bool:
        """False when the model was stopped before it had finished."""
        return INCOMPLETE not in self.warnings

    @cached_property
    def symbols(self) -> tuple[WrittenSymbol, ...]:
        """Each written token with its box, and with its strokes where ink was read; found out by geometry.

        Empty where the reading does not parse or cannot be typeset, where there are more than 400 pieces of ink, and
        without a source. Raises as reading the source
        does, which is decoded once more.
        """
        if self.source is None or not self.well_formed:
            return ()
        from unimumer.typeset import TypesetError

        one = opened(self.source)
        try:
            if one.ink is None:
                height, width = one.picture.shape[:2]
                boxes = components(inked(one.picture), width, height)
                found = find_symbols(parse(self.tokens), boxes)
                return tuple(replace(symbol, strokes=()) for symbol in found)
            return find_in_ink(parse(self.tokens), one.ink)
        except (TypesetError, ExportError):
            return ()

    def to_dict(self, symbols: bool = False) -> dict[str, Any]:
        """All there is to say as JSON values, by the schema in docs/recognizer.md; the source is left out.

        Symbols are there if asked for: to find them takes a while.
        """
        return {
            "schema": SCHEMA,
            **_reading(self),
            "well_formed": self.well_formed,
            "complete": self.complete,
            "model": self.model,
            "alternatives": [_reading(other) for other in self.alternatives],
            "warnings": [asdict(warning) for warning in self.warnings],
            "checks": None if self.checks is None else asdict(self.checks),
            "parts": [{"box": list(part.box), **part.recognition.to_dict()} for part in self.parts],
            **({"symbols": [asdict(symbol) for symbol in self.symbols]} if symbols else {}),
        }

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Recognition:
        """Read what `to_dict` gave. Raises SchemaError for anything else, and for another version."""
        if not isinstance(content, Mapping) or content.get("schema") != SCHEMA:
            raise SchemaError(f"not a recognition of schema {SCHEMA}; `to_dict` gives one")
        try:
            result = cls(
                *_sound(content),
                tuple(Reading(*_sound(other)) for other in content["alternatives"]),
                content["model"],
                tuple(Flaw(**warning) for warning in content["warnings"]),
                _checks(content["checks"]),
                tuple(Part(_box(part["box"]), cls.from_dict(part)) for part in content.get("parts", ())),
            )
            if "symbols" in content:
                result.__dict__["symbols"] = tuple(_symbol(symbol) for symbol in content["symbols"])
            return result
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise SchemaError(f"a recognition of schema {SCHEMA} with a part missing or wrong: {error!r}") from None

    def _repr_html_(self) -> str:
        """What a notebook shows: the picture, the mathematics, the confidence, and what makes it doubtful."""
        try:
            mathematics = self.html
        except (LatexError, ExportError):
            mathematics = f"<code>{escape(self.tokens)}</code>"
        sure = "" if self.confidence is None else f"<small>{self.confidence:.0%} sure</small>"
        doubts = "".join(f"<div><small>⚠ {escape(str(warning))}</small></div>" for warning in self.warnings)
        return f"<div>{self._shown}<div>{mathematics}{sure}</div>{doubts}</div>"

    @cached_property
    def _shown(self) -> str:
        """The picture that was read, small, as an HTML element; nothing where it is no longer there."""
        try:
            picture = None if self.source is None else opened(self.source).picture
        except UnimumerError:
            picture = None
        if picture is None:
            return ""
        small, file = Image.fromarray(picture), BytesIO()
        small.thumbnail((_SHOWN, _SHOWN))
        small.save(file, "PNG")
        encoded = b64encode(file.getvalue()).decode()
        return f'<img alt="what was read" style="max-height:12em" src="data:image/png;base64,{encoded}">'


def _normal(text: str) -> str:
    """The text in label form; as it is where it does not parse."""
    written = recognize.parse(text)
    try:
        return normalize(written)
    except LatexError:
        return written


def _reading(reading: Reading) -> dict[str, Any]:
    return {"latex": reading.latex, "tokens": reading.tokens, "confidence": reading.confidence}


def _sound(content: Mapping[str, Any]) -> tuple[str, float | None]:
    """Tokens and confidence of a reading; TypeError where they are none."""
    tokens, confidence = content["tokens"], content["confidence"]
    if not isinstance(tokens, str) or not isinstance(confidence, (int, float, type(None))):
        raise TypeError(f"tokens {tokens!r} with confidence {confidence!r}")
    return tokens, confidence


def _box(values: Any) -> tuple[float, float, float, float]:
    left, top, right, bottom = map(float, values)
    return left, top, right, bottom


def _symbol(content: Mapping[str, Any]) -> WrittenSymbol:
    return WrittenSymbol(content["token"], content["index"], _box(content["box"]), tuple(content["strokes"]))


def _checks(content: Mapping[str, Any] | None) -> Verified | None:
    if content is None:
        return None
    from unimumer.verify import RankedCandidate, Verified  # late: it takes a while to load, and few verify

    candidates = tuple(RankedCandidate(**one | {"votes": tuple(one["votes"])}) for one in content["candidates"])
    findings = tuple(CheckFinding(**one) for one in content["findings"])
    return Verified(content["latex"], content["plain"], candidates, findings)
