"""What LaTeX writes for the characters of Unicode mathematics, so that one sign has one label.

Sources: the names of the characters in the Unicode standard, and their decompositions (Unicode Character Database,
as Python carries it). A character that stands for no sign of LaTeX, such as a Chinese one, stays what it is.
"""

from __future__ import annotations

from typing import NamedTuple
from unicodedata import decomposition

_TABLE = r"""
    - −‐‑‒–      * ∗      / ⁄∕      : ∶      \{ ❴      \} ❵      | ∣      \parallel ∥‖      \sharp ♯
    \alpha α \beta β \gamma γ \delta δ \epsilon ϵ \varepsilon ε \zeta ζ \eta η \theta θ \vartheta ϑ \iota ι
    \kappa κ \varkappa ϰ \lambda λ \mu μµ \nu ν \xi ξ \omicron ο \pi π \varpi ϖ \rho ρ \varrho ϱ \sigma σ
    \varsigma ς \tau τ \upsilon υ \phi ϕ \varphi φ \chi χ \psi ψ \omega ω \digamma ϝ \Gamma Γ \Delta Δ∆
    \Theta Θ \Lambda Λ \Xi Ξ \Pi Π \Sigma Σ \Upsilon Υ \Phi Φ \Psi Ψ \Omega ΩΩ \aleph ℵ \beth ℶ \gimel ℷ
    \daleth ℸ \hbar ℏħ \imath ı \jmath ȷ \ell ℓ \wp ℘ \Re ℜ \Im ℑ \partial ∂ \nabla ∇ \infty ∞ \emptyset ∅
    \forall ∀ \exists ∃ \nexists ∄ \top ⊤ \angle ∠ \measuredangle ∡ \triangle △ \square □ \Diamond ◇◊
    \diamondsuit ♢ \heartsuit ♡ \clubsuit ♣ \spadesuit ♠ \bigstar ★ \flat ♭ \natural ♮ \neg ¬ \backprime ‵
    \backslash ∖ \eth ð \mho ℧ \complement ∁ \S § \P ¶ \copyright © \pm ± \mp ∓ \times × \div ÷ \cdot ·⋅
    \star ⋆ \bullet •∙ \cap ∩ \cup ∪ \uplus ⊎ \sqcap ⊓ \sqcup ⊔ \vee ∨ \wedge ∧ \oplus ⊕ \ominus ⊖
    \otimes ⊗ \oslash ⊘ \odot ⊙ \bigcirc ◯ \circ ∘ \dagger † \ddagger ‡ \amalg ⨿ \wr ≀ \diamond ⋄ \lhd ⊲
    \rhd ⊳ \unlhd ⊴ \unrhd ⊵ \ltimes ⋉ \rtimes ⋊ \leq ≤ \geq ≥ \leqslant ⩽ \geqslant ⩾ \leqq ≦ \geqq ≧
    \neq ≠ \equiv ≡ \sim ∼ \simeq ≃ \approx ≈ \cong ≅ \doteq ≐ \propto ∝ \asymp ≍ \prec ≺ \succ ≻
    \preceq ⪯ \succeq ⪰ \ll ≪ \gg ≫ \lll ⋘ \ggg ⋙ \subset ⊂ \supset ⊃ \subseteq ⊆ \supseteq ⊇ \subsetneq ⊊
    \supsetneq ⊋ \nsubseteq ⊈ \nsupseteq ⊉ \sqsubset ⊏ \sqsupset ⊐ \sqsubseteq ⊑ \sqsupseteq ⊒ \in ∈∊
    \ni ∋∍ \notin ∉ \vdash ⊢ \dashv ⊣ \models ⊧ \Vdash ⊩ \vDash ⊨ \nvDash ⊭ \perp ⊥⟂ \nparallel ∦ \nmid ∤
    \smile ⌣ \frown ⌢ \bowtie ⋈ \lesssim ≲ \gtrsim ≳ \because ∵ \therefore ∴ \triangleq ≜ \coloneqq ≔
    \eqqcolon ≕ \leftarrow ← \rightarrow → \leftrightarrow ↔ \Leftarrow ⇐ \Rightarrow ⇒
    \Leftrightarrow ⇔ \longleftarrow ⟵ \longrightarrow ⟶ \longleftrightarrow ⟷ \Longleftarrow ⟸
    \Longrightarrow ⟹ \Longleftrightarrow ⟺ \mapsto ↦ \longmapsto ⟼ \hookleftarrow ↩ \hookrightarrow ↪
    \leftharpoonup ↼ \leftharpoondown ↽ \rightharpoonup ⇀ \rightharpoondown ⇁ \rightleftharpoons ⇌
    \leftrightharpoons ⇋ \uparrow ↑ \downarrow ↓ \updownarrow ↕ \Uparrow ⇑ \Downarrow ⇓ \Updownarrow ⇕
    \nearrow ↗ \searrow ↘ \swarrow ↙ \nwarrow ↖ \rightrightarrows ⇉ \leftleftarrows ⇇ \rightsquigarrow ⇝
    \sum ∑ \prod ∏ \coprod ∐ \int ∫ \iint ∬ \iiint ∭ \iiiint ⨌ \oint ∮ \oiint ∯ \bigcap ⋂ \bigcup ⋃
    \bigsqcup ⨆ \bigvee ⋁ \bigwedge ⋀ \bigodot ⨀ \bigotimes ⨂ \bigoplus ⨁ \biguplus ⨄ \ldots … \cdots ⋯
    \vdots ⋮ \ddots ⋱ \langle ⟨〈 \rangle ⟩〉 \lfloor ⌊ \rfloor ⌋ \lceil ⌈ \rceil ⌉ \lgroup ⟮ \rgroup ⟯
    \ulcorner ⌜ \urcorner ⌝ \llcorner ⌞ \lrcorner ⌟
    """
_COLUMNS = _TABLE.split()[::2], _TABLE.split()[1::2]
SIGNS = {character: command for command, characters in zip(*_COLUMNS) for character in characters}
"""The command, or the character of ASCII, of each character that is one sign."""

# What is written with more than one token.
_SPELLED = {
    "′": ("'",),
    "’": ("'",),
    "″": ("'", "'"),
    "‴": ("'", "'", "'"),
    "°": ("^", "{", "\\circ", "}"),
    "√": ("\\sqrt",),
    "∛": ("\\sqrt", "[", "3", "]"),
    "∜": ("\\sqrt", "[", "4", "]"),
    **dict.fromkeys("\u200b\u2060\u2061\u2062\u2063\u2064\ufeff\ufe0e\ufe0f", ()),  # they show nothing
}


class Mark(NamedTuple):
    """A mark that is set over, under, around or through an expression."""

    text: str
    """The mark alone."""
    place: str
    """`over`, `under`, `box` or `strike`."""
    combining: str
    """The same as a combining character, empty where Unicode has none."""


# Places; then command, mark and code of the combining character.
_MARKS = r"""
over    \hat ^ 0302   \widehat ^ 0302   \bar ¯ 0304   \vec → 20D7   \dot ˙ 0307   \ddot ¨ 0308   \dddot ⃛ 20DB
over    \tilde ~ 0303   \widetilde ~ 0303   \check ˇ 030C   \widecheck ˇ 030C   \breve ˘ 0306   \acute ´ 0301
over    \grave ` 0300   \mathring ˚ 030A   \overline ‾ 0305   \overbrace ⏞ -   \overbracket ⎴ -   \overparen ⏜ -
over    \wideparen ⏜ -   \overrightarrow → 20D7   \overleftarrow ← 20D6   \overleftrightarrow ↔ 20E1
under   \underline _ 0332   \underbrace ⏟ -   \underbracket ⎵ -   \underparen ⏝ -   \underrightarrow → 20EF
under   \underleftarrow ← 20EE   \underleftrightarrow ↔ 034D   \utilde ~ 0330
box     \boxed □ -   \fbox □ -   \textcircled ○ 20DD
strike  \cancel / 0338   \bcancel \ 20E5   \xcancel X 0338   \sout - 0336
"""


def _marks() -> dict[str, Mark]:
    marks = {}
    for line in _MARKS.strip().split("\n"):
        place, *entries = line.split()
        for command, text, code in zip(entries[::3], entries[1::3], entries[2::3]):
            marks[command] = Mark(text, place, "" if code == "-" else chr(int(code, 16)))
    return marks


ACCENTS = _marks()
"""What each command draws that is set on an expression."""
_ARROWS = r"""
    \xrightarrow → \xleftarrow ← \xleftrightarrow ↔ \xRightarrow ⇒ \xLeftarrow ⇐ \xLeftrightarrow ⇔ \xmapsto ↦
    \xlongequal = \xhookrightarrow ↪ \xhookleftarrow ↩ \xrightharpoonup ⇀ \xleftharpoondown ↽ \xrightleftharpoons ⇌
    """
ARROWS = dict(zip(_ARROWS.split()[::2], _ARROWS.split()[1::2]))
"""The sign that each command makes as long as what is written on it."""
_ON_BASE = {
    mark.combining: command
    for command, mark in reversed(ACCENTS.items())
    if mark.combining and mark.place in ("over", "under")
}
"""Characters that stand on the one before, and the command they come before it as."""
_ROOTS = frozenset("√∛∜")
_NOT_UNDER_ROOT: tuple[list[str], ...] = ([], ["("], ["["], [")"], ["]"], ["}"], ["&"], ["\\\\"], ["="], [","])
_NOT = "\u0338"
_SCRIPTS = {"<super>": "^", "<sub>": "_"}
_FONTS = frozenset({"<font>", "<wide>", "<narrow>", "<small>"})


def spelled(tokens: list[str]) -> tuple[list[str], list[int]]:
    """Tokens with every character of Unicode mathematics written as LaTeX, and the index each of them comes from.

    Signs become commands, letters of a font the letters, raised and lowered characters that stand together one
    script, fractions `\\frac`, and an accent goes before its letter.
    """
    out: list[str] = []
    origin: list[int] = []
    script = ""
    for index, token in enumerate(tokens):
        if token.isascii() or len(token) > 1:
            new: tuple[str, ...] = (token,)
        elif token in _ON_BASE or token == _NOT:
            new = _accented(out, token)
            del origin[len(out) :]
        elif token in _ROOTS and (following := tokens[index + 1 : index + 2]) in _NOT_UNDER_ROOT:
            # What is in a bracket may be under it or not: the parser refuses it. Alone it is a sign.
            new = ("\\surd",) if following not in (["("], ["["]) and token == "√" else (token,)
        else:
            new = _SPELLED[token] if token in _SPELLED else _spelled(token) or (token,)
        joins = len(new) > 1 and new[0] == script and out[-1:] == ["}"]
        if joins:  # the script that has just been closed goes on
            out.pop()
            origin.pop()
            new = new[2:]
        out += new
        origin += [index] * len(new)
        script = new[0] if new and new[0] in ("^", "_") and len(new) > 1 else script if joins else ""
    return out, origin


def _accented(out: list[str], mark: str) -> tuple[str, ...]:
    """The last token with an accent or a stroke, taken off `out`; the mark alone when no sign is before it."""
    if not out or not (out[-1][-1].isalnum() or mark == _NOT):
        return (mark,)
    base = out.pop()
    return ("\\not", base) if mark == _NOT else (_ON_BASE[mark], "{", base, "}")


def _spelled(character: str) -> tuple[str, ...] | None:
    """The tokens of one character, None for one that LaTeX has no other name for."""
    if character.isascii():
        return (character,)
    if character in SIGNS:
        return (SIGNS[character],)
    first, *rest = decomposition(character).split() or [""]
    if first in _FONTS or first in _SCRIPTS:
        inner = _all(rest)
        return inner and (inner if first in _FONTS else (_SCRIPTS[first], "{", *inner, "}"))
    if first == "<fraction>" and "2044" in rest[1:-1]:
        slash = rest.index("2044")
        return ("\\frac", "{", *(_all(rest[:slash]) or ()), "}", "{", *(_all(rest[slash + 1 :]) or ()), "}")
    if not first or first[0] == "<":
        return None
    base = _spelled(chr(int(first, 16)))
    if not rest or base is None:
        return base
    mark = chr(int(rest[0], 16))
    if mark == _NOT:
        return ("\\not", *base)
    return (_ON_BASE[mark], "{", *base, "}") if mark in _ON_BASE else None


def _all(codes: list[str]) -> tuple[str, ...] | None:
    parts = [_spelled(chr(int(code, 16))) for code in codes]
    return None if None in parts else tuple(token for part in parts if part for token in part)
