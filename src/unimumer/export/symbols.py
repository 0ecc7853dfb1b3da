"""What each command is in other languages: the one table that all writers and the typesetter read.

Classes are TeX's, for they decide spacing and what a bracket or an operator does; `op` and `fn` are split by where
their limits stand. Source of the characters: the Unicode Math symbol list; of the names: the references of Typst 0.15
and AsciiMath 2.2. A name that is missing is the character itself.
"""

from __future__ import annotations

from typing import NamedTuple

ORD, OP, INT, BIN, REL, OPEN, CLOSE, PUNCT = "ord", "op", "int", "bin", "rel", "open", "close", "punct"
FUNCTION, LIMIT, BAR, NUMBER, UNKNOWN = "fn", "lim", "bar", "number", "unknown"


class Sign(NamedTuple):
    """One sign: what it looks like, what it does in a row, and its names."""

    text: str
    """Unicode; a function name or a number has several characters."""
    kind: str
    typst: str = ""
    """Its name in Typst, empty for the character itself; likewise below."""
    asciimath: str = ""


# token, character, class, Typst, AsciiMath; `=` repeats the name of the token, `.` leaves it to the character.
_TABLE = r"""
+ + bin . .
- − bin - -
* ∗ bin * **
/ / ord \/ //
= = rel . .
< < rel . .
> > rel . .
: : rel . .
( ( open . .
) ) close . .
[ [ open . .
] ] close . .
| | bar . .
, , punct . .
; ; punct . .
. . ord . .
! ! close . .
? ? close . .
@ @ ord \@ "@"
" " ord \" text(")
` ` ord \` "`"
\# # ord \# "#"
\% % ord . .
\& & ord \& "&"
\_ _ ord \_ "_"
\$ $ ord \$ "$"
\{ { open . .
\} } close . .
\alpha α ord = =
\beta β ord = =
\gamma γ ord = =
\delta δ ord = =
\epsilon ϵ ord epsilon.alt =
\varepsilon ε ord epsilon =
\zeta ζ ord = =
\eta η ord = =
\theta θ ord = =
\vartheta ϑ ord theta.alt =
\iota ι ord = =
\kappa κ ord = =
\varkappa ϰ ord kappa.alt .
\lambda λ ord = =
\mu μ ord = =
\nu ν ord = =
\xi ξ ord = =
\omicron ο ord = .
\pi π ord = =
\varpi ϖ ord pi.alt .
\rho ρ ord = =
\varrho ϱ ord rho.alt .
\sigma σ ord = =
\varsigma ς ord sigma.alt .
\tau τ ord = =
\upsilon υ ord = =
\phi ϕ ord phi.alt =
\varphi φ ord phi =
\chi χ ord = =
\psi ψ ord = =
\omega ω ord = =
\digamma ϝ ord . .
\Gamma Γ ord = =
\Delta Δ ord = =
\Theta Θ ord = =
\Lambda Λ ord = =
\Xi Ξ ord = =
\Pi Π ord = =
\Sigma Σ ord = =
\Upsilon Υ ord = .
\Phi Φ ord = =
\Psi Ψ ord = =
\Omega Ω ord = =
\aleph ℵ ord . =
\beth ℶ ord . .
\gimel ℷ ord . .
\daleth ℸ ord . .
\hbar ℏ ord . .
\hslash ℏ ord . .
\imath ı ord . .
\jmath ȷ ord . .
\ell ℓ ord ell .
\wp ℘ ord . .
\Re ℜ ord . .
\Im ℑ ord . .
\R ℝ ord RR RR
\Z ℤ ord ZZ ZZ
\N ℕ ord NN NN
\Q ℚ ord QQ QQ
\partial ∂ ord partial del
\nabla ∇ ord nabla grad
\infty ∞ ord infinity oo
\emptyset ∅ ord emptyset O/
\varnothing ∅ ord emptyset O/
\forall ∀ ord forall AA
\exists ∃ ord exists EE
\nexists ∄ ord . .
\top ⊤ ord top TT
\angle ∠ ord angle /_
\measuredangle ∡ ord . .
\triangle △ ord . /_\
\square □ ord . square
\Box □ ord . square
\Diamond ◊ ord . .
\diamondsuit ♢ ord . .
\heartsuit ♡ ord . .
\clubsuit ♣ ord . .
\spadesuit ♠ ord . .
\bigstar ★ ord . .
\flat ♭ ord . .
\natural ♮ ord . .
\sharp ♯ ord . .
\neg ¬ ord not not
\prime ′ ord prime '
\backprime ‵ ord . .
\backslash \ ord \\ \\
\eth ð ord . .
\mho ℧ ord . .
\complement ∁ ord . .
\S § ord . .
\P ¶ ord . .
\copyright © ord . .
\degree ° ord . .
\circ ∘ bin compose @
\pm ± bin plus.minus +-
\mp ∓ bin minus.plus -+
\times × bin times xx
\div ÷ bin div -:
\cdot ⋅ bin dot *
\cdotp ⋅ punct dot *
\ast ∗ bin * **
\star ⋆ bin star.op ***
\bullet ∙ bin . .
\cap ∩ bin inter nn
\cup ∪ bin union uu
\uplus ⊎ bin . .
\sqcap ⊓ bin . .
\sqcup ⊔ bin . .
\vee ∨ bin or vv
\wedge ∧ bin and ^^
\oplus ⊕ bin plus.o o+
\ominus ⊖ bin minus.o .
\otimes ⊗ bin times.o ox
\oslash ⊘ bin . .
\odot ⊙ bin dot.o o.
\bigcirc ◯ bin . .
\dagger † bin dagger .
\ddagger ‡ bin . .
\amalg ⨿ bin . .
\wr ≀ bin . .
\diamond ⋄ bin . diamond
\lhd ⊲ bin . .
\rhd ⊳ bin . .
\unlhd ⊴ bin . .
\unrhd ⊵ bin . .
\ltimes ⋉ bin . |><
\rtimes ⋊ bin . ><|
\leq ≤ rel <= <=
\geq ≥ rel >= >=
\leqslant ⩽ rel . .
\geqslant ⩾ rel . .
\leqq ≦ rel . .
\geqq ≧ rel . .
\ne ≠ rel != !=
\neq ≠ rel != !=
\equiv ≡ rel equiv -=
\sim ∼ rel tilde.op ~
\simeq ≃ rel tilde.eq .
\approx ≈ rel approx ~~
\cong ≅ rel tilde.equiv ~=
\doteq ≐ rel . .
\propto ∝ rel prop prop
\asymp ≍ rel . .
\prec ≺ rel prec -<
\succ ≻ rel succ >-
\preceq ⪯ rel . -<=
\succeq ⪰ rel . >-=
\ll ≪ rel << .
\gg ≫ rel >> .
\lll ⋘ rel <<< .
\ggg ⋙ rel >>> .
\subset ⊂ rel subset sub
\supset ⊃ rel supset sup
\subseteq ⊆ rel subset.eq sube
\supseteq ⊇ rel supset.eq supe
\subsetneq ⊊ rel subset.neq .
\supsetneq ⊋ rel supset.neq .
\nsubseteq ⊈ rel . .
\nsupseteq ⊉ rel . .
\sqsubset ⊏ rel . .
\sqsupset ⊐ rel . .
\sqsubseteq ⊑ rel . .
\sqsupseteq ⊒ rel . .
\in ∈ rel in in
\ni ∋ rel in.rev .
\notin ∉ rel in.not !in
\vdash ⊢ rel tack.r |--
\dashv ⊣ rel tack.l .
\models ⊧ rel models |==
\Vdash ⊩ rel . .
\vDash ⊨ rel . .
\nvDash ⊭ rel . .
\perp ⟂ rel perp _|_
\parallel ∥ rel parallel .
\nparallel ∦ rel parallel.not .
\nmid ∤ rel . .
\smile ⌣ rel . .
\frown ⌢ rel . frown
\bowtie ⋈ rel . |><|
\lesssim ≲ rel . .
\gtrsim ≳ rel . .
\because ∵ rel because :'
\therefore ∴ rel therefore :.
\triangleq ≜ rel . .
\coloneqq ≔ rel := :=
\eqqcolon ≕ rel =: .
\not ⧸ rel . .
\leftarrow ← rel <- larr
\rightarrow → rel -> ->
\leftrightarrow ↔ rel <-> harr
\Leftarrow ⇐ rel arrow.l.double lArr
\Rightarrow ⇒ rel => =>
\Leftrightarrow ⇔ rel <=> <=>
\longleftarrow ⟵ rel <-- larr
\longrightarrow ⟶ rel --> ->
\longleftrightarrow ⟷ rel <--> harr
\Longleftarrow ⟸ rel <== lArr
\Longrightarrow ⟹ rel ==> =>
\Longleftrightarrow ⟺ rel <==> <=>
\mapsto ↦ rel |-> |->
\longmapsto ⟼ rel . |->
\hookleftarrow ↩ rel . .
\hookrightarrow ↪ rel . .
\leftharpoonup ↼ rel . .
\leftharpoondown ↽ rel . .
\rightharpoonup ⇀ rel . .
\rightharpoondown ⇁ rel . .
\rightleftharpoons ⇌ rel . .
\leftrightharpoons ⇋ rel . .
\uparrow ↑ rel arrow.t uarr
\downarrow ↓ rel arrow.b darr
\updownarrow ↕ rel . .
\Uparrow ⇑ rel . .
\Downarrow ⇓ rel . .
\Updownarrow ⇕ rel . .
\nearrow ↗ rel . .
\searrow ↘ rel . .
\swarrow ↙ rel . .
\nwarrow ↖ rel . .
\rightrightarrows ⇉ rel . .
\leftleftarrows ⇇ rel . .
\rightsquigarrow ⇝ rel . .
\iff ⟺ rel <==> <=>
\implies ⟹ rel ==> =>
\impliedby ⟸ rel <== lArr
\sum ∑ op sum sum
\prod ∏ op product prod
\coprod ∐ op product.co .
\int ∫ int integral int
\iint ∬ int integral.double .
\iiint ∭ int integral.triple .
\iiiint ⨌ int integral.quad .
\oint ∮ int integral.cont oint
\oiint ∯ int . .
\bigcap ⋂ op inter.big nnn
\bigcup ⋃ op union.big uuu
\bigsqcup ⨆ op . .
\bigvee ⋁ op or.big vvv
\bigwedge ⋀ op and.big ^^^
\bigodot ⨀ op . .
\bigotimes ⨂ op . .
\bigoplus ⨁ op . .
\biguplus ⨄ op . .
\ldots … ord dots ...
\cdots ⋯ ord dots.c cdots
\vdots ⋮ ord dots.v vdots
\ddots ⋱ ord dots.down ddots
\langle ⟨ open chevron.l (:
\rangle ⟩ close chevron.r :)
\lfloor ⌊ open floor.l |__
\rfloor ⌋ close floor.r __|
\lceil ⌈ open ceil.l |~
\rceil ⌉ close ceil.r ~|
\lgroup ⟮ open . .
\rgroup ⟯ close . .
\ulcorner ⌜ open . .
\urcorner ⌝ close . .
\llcorner ⌞ open . .
\lrcorner ⌟ close . .
\sin sin fn = =
\cos cos fn = =
\tan tan fn = =
\cot cot fn = =
\sec sec fn = =
\csc csc fn = =
\arcsin arcsin fn = =
\arccos arccos fn = =
\arctan arctan fn = =
\sinh sinh fn = =
\cosh cosh fn = =
\tanh tanh fn = =
\coth coth fn = =
\exp exp fn = =
\log log fn = =
\ln ln fn = =
\lg lg fn = "lg"
\arg arg fn = "arg"
\dim dim fn = =
\ker ker fn = "ker"
\hom hom fn = "hom"
\deg deg fn = "deg"
\mod mod fn = =
\lim lim lim = =
\limsup limsup lim = "limsup"
\liminf liminf lim = "liminf"
\max max lim = =
\min min lim = =
\sup sup lim = "sup"
\inf inf lim = "inf"
\det det lim = =
\gcd gcd lim = =
\Pr Pr lim = "Pr"
\injlim injlim lim op("injlim",limits:#true) "injlim"
\projlim projlim lim op("projlim",limits:#true) "projlim"
"""


def _signs() -> dict[str, Sign]:
    signs = {letter: Sign(letter, ORD) for code in range(26) for letter in (chr(65 + code), chr(97 + code))}
    signs |= {digit: Sign(digit, NUMBER) for digit in "0123456789"}
    for line in _TABLE.split("\n")[1:-1]:
        token, text, kind, *names = line.split(" ")
        typst, asciimath = (token[1:] if name == "=" else "" if name == "." else name for name in names)
        signs[token] = Sign(text, kind, typst, asciimath)
    return signs


SIGNS = _signs()
"""Every sign by its token, as the parser leaves it: synonyms are replaced there."""

CLOSERS = {"(": ")", "[": "]", "\\{": "\\}", "\\langle": "\\rangle", "\\lfloor": "\\rfloor", "\\lceil": "\\rceil"}
"""The brackets that belong together; intervals open and close otherwise, and `groups` takes these too."""


def sign(token: str) -> Sign:
    """The sign of a token; of a command that no table knows, its own text, so that it is seen and never lost."""
    return SIGNS.get(token) or Sign(token, UNKNOWN)


class Mark(NamedTuple):
    """A mark that is set over, under, around or through an expression."""

    text: str
    """The mark alone."""
    place: str
    """`over`, `under`, `box` or `strike`."""
    combining: str
    """The same as a combining character, empty where Unicode has none."""
    typst: str
    """The function that draws it in Typst; empty for a character set above or below."""
    asciimath: str
    """Likewise in AsciiMath."""


# command, mark, place, combining character, Typst, AsciiMath
_MARKS = r"""
\hat ^ over 0302 hat hat
\widehat ^ over 0302 hat hat
\bar ¯ over 0304 macron bar
\vec → over 20D7 arrow vec
\dot ˙ over 0307 dot dot
\ddot ¨ over 0308 dot.double ddot
\dddot ⃛ over 20DB dot.triple .
\tilde ~ over 0303 tilde tilde
\widetilde ~ over 0303 tilde tilde
\check ˇ over 030C caron .
\widecheck ˇ over 030C caron .
\breve ˘ over 0306 breve .
\acute ´ over 0301 acute .
\grave ` over 0300 grave .
\mathring ˚ over 030A circle .
\overline ‾ over 0305 overline overline
\underline _ under 0332 underline ul
\overbrace ⏞ over . overbrace overbrace
\underbrace ⏟ under . underbrace ubrace
\overbracket ⎴ over . overbracket .
\underbracket ⎵ under . underbracket .
\overparen ⏜ over . overparen overarc
\underparen ⏝ under . underparen .
\wideparen ⏜ over . overparen overarc
\overrightarrow → over 20D7 arrow vec
\overleftarrow ← over 20D6 arrow.l .
\overleftrightarrow ↔ over 20E1 arrow.l.r .
\underrightarrow → under 20EF . .
\underleftarrow ← under 20EE . .
\underleftrightarrow ↔ under 034D . .
\utilde ~ under 0330 . .
\boxed □ box . . .
\fbox □ box . . .
\cancel / strike 0338 cancel cancel
\bcancel \ strike 20E5 cancel(inverted:#true) cancel
\xcancel X strike 0338 cancel(cross:#true) cancel
\sout - strike 0336 cancel(angle:#90deg) .
"""


def _marks() -> dict[str, Mark]:
    marks = {}
    for line in _MARKS.split("\n")[1:-1]:
        command, text, place, code, *names = line.split(" ")
        typst, asciimath = ("" if name == "." else name for name in names)
        marks[command] = Mark(text, place, "" if code == "." else chr(int(code, 16)), typst, asciimath)
    return marks


MARKS = _marks()
"""What each command of `Accent` draws."""

ARROWS = {
    "\\xrightarrow": "→",
    "\\xleftarrow": "←",
    "\\xleftrightarrow": "↔",
    "\\xRightarrow": "⇒",
    "\\xLeftarrow": "⇐",
    "\\xLeftrightarrow": "⇔",
    "\\xmapsto": "↦",
    "\\xlongequal": "=",
    "\\xhookrightarrow": "↪",
    "\\xhookleftarrow": "↩",
    "\\xrightharpoonup": "⇀",
    "\\xleftharpoondown": "↽",
    "\\xrightleftharpoons": "⇌",
}
"""The sign that each command of `Arrow` makes as long as what is written on it."""
