"""How pieces are put together: scripts, fractions, roots, brackets, accents, tables."""

from __future__ import annotations

from typing import NamedTuple

from unimumer.export.groups import Table
from unimumer.latex.unicode import Mark
from unimumer.typeset.font import constants, glyph, stretched
from unimumer.typeset.pieces import Piece, drawn, finished, put_together, rule

QUAD = 1.0  # the space between columns, in em


class Style(NamedTuple):
    """Display style or not, and how deep in scripts: 0, 1 or 2."""

    display: bool
    level: int

    @property
    def size(self) -> float:
        """What one em is here, in em of the whole."""
        math = constants()
        return float((1, math.scriptPercentScaleDown, math.scriptScriptPercentScaleDown)[self.level])

    def script(self) -> Style:
        """The style of scripts of something in this style."""
        return Style(False, min(self.level + 1, 2))

    def inner(self) -> Style:
        """The style above and below the line of a fraction."""
        return Style(False, self.level) if self.display else self.script()


def on_axis(piece: Piece, style: Style) -> Piece:
    """A piece centered on the axis, on which minus signs and fraction lines stand."""
    return put_together((piece, 0, constants().axisHeight * style.size - (piece.ascent - piece.descent) / 2))


def beside(pieces: list[Piece]) -> Piece:
    """Pieces from left to right on one baseline."""
    row = Piece()
    for piece in pieces:
        row.put(piece, row.width)
    return finished(row)


def fenced(opening: str, body: Piece, closing: str, style: Style, start: int, end: int) -> Piece:
    """A piece in brackets as high as it needs; an empty bracket is none."""
    if not opening and not closing:
        return body
    axis = constants().axisHeight * style.size
    reach = 2 * max(body.ascent - axis, body.descent + axis)
    # TeX leaves a tenth, or five points, of what is inside unclasped.
    needed = max(0.901 * reach, reach - 0.5 * style.size)
    left = [_bracket(opening, needed, style, start)] if opening else []
    right = [_bracket(closing, needed, style, end)] if closing else []
    return beside([*left, body, *right])


def _bracket(text: str, needed: float, style: Style, token: int) -> Piece:
    plain = drawn(glyph(text), style.size, token)
    if plain.ascent + plain.descent >= needed:
        return plain
    return on_axis(drawn(stretched(text, needed / style.size), style.size, token), style)


def scripts(base: Piece, sub: Piece | None, sup: Piece | None, style: Style, single: bool) -> Piece:
    """Scripts at the right; `single` when the base is one sign, whose own height does not raise them."""
    math, size = constants(), style.size
    up = down = 0.0
    if sup is not None:
        drop = 0 if single else base.ascent - math.superscriptBaselineDropMax * size
        up = max(math.superscriptShiftUp * size, drop, sup.descent + math.superscriptBottomMin * size)
    if sub is not None:
        drop = 0 if single else base.descent + math.subscriptBaselineDropMin * size
        down = max(math.subscriptShiftDown * size, drop, sub.ascent - math.subscriptTopMax * size)
    if sub is not None and sup is not None:
        gap = (up - sup.descent) - (sub.ascent - down)
        missing = max(0, math.subSuperscriptGapMin * size - gap)
        lift = min(missing, max(0, math.superscriptBottomMaxWithSubscript * size - (up - sup.descent)))
        up, down = up + lift, down + missing - lift
    piece = Piece()
    piece.put(base, 0)
    # Of a leaning integral the advance holds the upper end; of a letter it holds the foot.
    slant = _sole(base).slant
    if sub is not None:
        piece.put(sub, base.width - (0 if single else slant), -down)
    if sup is not None:
        piece.put(sup, base.width + (slant if single else 0), up)
    piece.width += math.spaceAfterScript * size
    return piece


def _sole(piece: Piece) -> Piece:
    """What a piece of one part is, however deep it is wrapped."""
    while piece.shape is None and len(piece.parts) == 1:
        piece = piece.parts[0][2]
    return piece


def limits(base: Piece, below: Piece | None, above: Piece | None) -> Piece:
    """Scripts straight below and above."""
    math = constants()
    width = max(piece.width for piece in (base, below, above) if piece is not None)
    slant = _sole(base).slant / 2
    piece = Piece()
    piece.put(base, (width - base.width) / 2)
    if above is not None:
        rise = max(math.upperLimitGapMin + above.descent, math.upperLimitBaselineRiseMin)
        piece.put(above, (width - above.width) / 2 + slant, base.ascent + rise)
    if below is not None:
        drop = max(math.lowerLimitGapMin + below.ascent, math.lowerLimitBaselineDropMin)
        piece.put(below, (width - below.width) / 2 - slant, -base.descent - drop)
    piece.width = max(piece.width, width)
    return piece


def fraction(above: Piece, below: Piece, style: Style, token: int) -> Piece:
    """Two pieces with a line between them."""
    math, size = constants(), style.size
    axis, thick = math.axisHeight * size, math.fractionRuleThickness * size
    up = math.fractionNumeratorDisplayStyleShiftUp if style.display else math.fractionNumeratorShiftUp
    down = math.fractionDenominatorDisplayStyleShiftDown if style.display else math.fractionDenominatorShiftDown
    over = math.fractionNumDisplayStyleGapMin if style.display else math.fractionNumeratorGapMin
    under = math.fractionDenomDisplayStyleGapMin if style.display else math.fractionDenominatorGapMin
    up = max(up * size, axis + thick / 2 + over * size + above.descent)
    down = max(down * size, thick / 2 - axis + under * size + below.ascent)
    side = 0.1 * size  # so that two fractions side by side stay two
    width = max(above.width, below.width, 0.3 * size)
    return put_together(
        (rule(width, axis + thick / 2, thick / 2 - axis, token), side, 0),
        (above, side + (width - above.width) / 2, up),
        (below, side + (width - below.width) / 2, -down),
        width=width + 2 * side,
    )


def stacked(above: Piece, below: Piece, style: Style) -> Piece:
    """Two pieces one above the other, without a line."""
    math, size = constants(), style.size
    up = math.stackTopDisplayStyleShiftUp if style.display else math.stackTopShiftUp
    down = math.stackBottomDisplayStyleShiftDown if style.display else math.stackBottomShiftDown
    least = math.stackDisplayStyleGapMin if style.display else math.stackGapMin
    missing = least * size - ((up * size - above.descent) - (below.ascent - down * size))
    part = max(0, missing) / 2
    width = max(above.width, below.width)
    return put_together(
        (above, (width - above.width) / 2, up * size + part),
        (below, (width - below.width) / 2, -down * size - part),
        width=width,
    )


def radical(body: Piece, index: Piece | None, style: Style, token: int) -> Piece:
    """A root sign as high as what is under it, its line, and its index."""
    math, size = constants(), style.size
    thick = math.radicalRuleThickness * size
    gap = (math.radicalDisplayStyleVerticalGap if style.display else math.radicalVerticalGap) * size
    # What is under the root is taken to be as high as a letter at least, so that roots of digits and signs agree.
    ascent, descent = max(body.ascent, 0.45 * size), max(body.descent, 0)
    needed = ascent + descent + gap + thick
    hook = drawn(stretched("√", needed / size), size, token)
    spare = hook.ascent + hook.descent - needed
    top = ascent + gap + spare / 2 + thick
    piece = Piece()
    x = 0.0
    if index is not None:
        kern = math.radicalKernBeforeDegree * size
        bottom = top - hook.ascent - hook.descent
        raised = bottom + math.radicalDegreeBottomRaisePercent * (hook.ascent + hook.descent)
        x = max(0, kern + index.width + math.radicalKernAfterDegree * size)
        piece.put(index, max(kern, x - math.radicalKernAfterDegree * size - index.width), raised + index.descent)
    piece.put(hook, x, top - hook.ascent)
    piece.put(rule(body.width, top, thick - top, token), x + hook.width)
    piece.put(body, x + hook.width)
    piece.width = x + hook.width + body.width + 0.05 * size
    return piece


def marked(body: Piece, mark: Mark, style: Style, token: int, single: bool) -> Piece:
    """A mark over, under, around or through a piece; `single` when that is one sign."""
    if mark.place == "box":
        return _framed(body, style, token)
    if mark.place == "strike":
        return _struck(body, mark, token)
    if mark.text in "‾_":
        return _lined(body, mark.place == "over", style, token)
    if mark.place == "over" and mark.combining and mark.text not in "→←↔":
        return _accented(body, mark, style, token, single)
    if single and mark.combining == "\u20d7":
        return _accented(body, mark, style, token, single)
    long = drawn(stretched(mark.text, body.width / style.size, vertical=False), style.size, token)
    gap = constants().stretchStackGapAboveMin * style.size
    x = (body.width - long.width) / 2
    y = body.ascent + gap + long.descent if mark.place == "over" else -body.descent - gap - long.ascent
    return put_together((body, max(0, -x), 0), (long, max(0, x), y))


def _accented(body: Piece, mark: Mark, style: Style, token: int, single: bool) -> Piece:
    size = style.size
    found = glyph(mark.combining) if single else stretched(mark.combining, body.width / size * 0.9, vertical=False)
    inner = _sole(body)
    middle = getattr(inner.shape, "attachment", None) if single else None
    middle = body.width / 2 if middle is None else middle * inner.size
    accent = drawn(found, size, token)
    accent.width = 0
    y = max(0, body.ascent - constants().accentBaseHeight * size)
    return put_together((body, 0, 0), (accent, middle - found.attachment * size, y), width=body.width)


def _lined(body: Piece, over: bool, style: Style, token: int) -> Piece:
    math, size = constants(), style.size
    if over:
        bottom = body.ascent + math.overbarVerticalGap * size
        line = rule(body.width, bottom + math.overbarRuleThickness * size, -bottom, token)
    else:
        top = body.descent + math.underbarVerticalGap * size
        line = rule(body.width, -top, top + math.underbarRuleThickness * size, token)
    return put_together((body, 0, 0), (line, 0, 0))


def _framed(body: Piece, style: Style, token: int) -> Piece:
    thick, gap = constants().fractionRuleThickness * style.size, 0.3 * style.size
    top, bottom, width = body.ascent + gap, body.descent + gap, body.width + 2 * gap
    return put_together(
        (body, gap + thick, 0),
        (rule(width + 2 * thick, top + thick, -top, token), 0, 0),
        (rule(width + 2 * thick, -bottom, bottom + thick, token), 0, 0),
        (rule(thick, top, bottom, token), 0, 0),
        (rule(thick, top, bottom, token), width + thick, 0),
    )


def _struck(body: Piece, mark: Mark, token: int) -> Piece:
    piece = Piece()
    piece.put(body, 0)
    if mark.text == "-":
        middle = (body.ascent - body.descent) / 2
        piece.put(rule(body.width, middle + 0.03, 0.03 - middle, token), 0)
    if mark.text in "/X":
        piece.put(Piece(body.width, body.ascent, body.descent, "rising", 1, token), 0)
    if mark.text in "\\X":
        piece.put(Piece(body.width, body.ascent, body.descent, "falling", 1, token), 0)
    return piece


def table(cells: list[list[Piece]], shown: Table, style: Style, token: int) -> Piece:
    """Cells in rows and columns, centered on the axis, with the lines of `array`."""
    size = style.size
    widths = [max((row[at].width for row in cells if at < len(row)), default=0) for at in range(len(shown.align))]
    lefts, x = [], 0.0
    for at, width in enumerate(widths):
        if at:
            x += 0.28 * size if shown.joined and at % 2 else QUAD * size
        lefts.append(x)
        x += width
    piece = Piece()
    y, edges = 0.0, []
    for number, row in enumerate(cells):
        ascent = max([cell.ascent for cell in row] + [0.7 * size])
        descent = max([cell.descent for cell in row] + [0.3 * size])
        y -= ascent + (0.2 * size if number else 0)
        edges.append(y + ascent + 0.1 * size)
        for cell, left, width, align in zip(row, lefts, widths, shown.align):
            free = width - cell.width
            piece.put(cell, left + (free if align == "r" else free / 2 if align == "c" else 0), y)
        y -= descent
    piece.put(Piece(x, 0, -y), 0)
    _grid(piece, shown, [*edges, y - 0.1 * size], [(left, left + width) for left, width in zip(lefts, widths)], token)
    return on_axis(piece, style)


def _grid(piece: Piece, shown: Table, edges: list[float], spans: list[tuple[float, float]], token: int) -> None:
    thick, width = constants().fractionRuleThickness, piece.width
    for line in shown.lines:
        edge = edges[min(line, len(edges) - 1)]
        piece.put(rule(width, edge, thick - edge, token), 0)
    for bar in shown.bars:
        before = spans[bar - 1][1] if bar else 0
        after = spans[bar][0] if bar < len(spans) else width
        piece.put(rule(thick, edges[0], -edges[-1], token), (before + after) / 2)
