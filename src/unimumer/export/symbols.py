"""What each command is in other languages: the one table that all writers and the typesetter read.

Classes are TeX's, for they decide spacing and what a bracket or an operator does; `op` and `fn` are split by where
their limits stand. Source of the characters: the Unicode Math symbol list; of the names: the references of Typst 0.15
and AsciiMath 2.2. A name that is missing is the character itself.
"""

from __future__ import annotations

from typing import NamedTuple

from unimumer.latex import unicode

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


# A class by itself, then its signs: token, character, Typst, AsciiMath. Without a character it is the one that
# `latex.unicode` reads as the token, else the token; without names they are the character. `=` repeats the name of the
# token, `.` leaves it to the character.
_TABLE = r"""
bin
+   - - -   * * **   \circ compose @   \pm plus.minus +-   \mp minus.plus -+   \times times xx   \div div -:
\cdot ⋅ dot *   \ast ∗ * **   \star star.op ***   \bullet ∙ . .   \cap inter nn   \cup union uu   \uplus   \sqcap
\sqcup   \vee or vv   \wedge and ^^   \oplus plus.o o+   \ominus minus.o .   \otimes times.o ox   \oslash
\odot dot.o o.   \bigcirc   \dagger dagger .   \ddagger   \amalg   \wr   \diamond . diamond   \lhd   \rhd   \unlhd
\unrhd   \ltimes . |><   \rtimes . ><|
ord
/ / \/ //   .   @ \@ "@"   " \" text(")   ` \` "`"   \# \# "#"   \%   \& \& "&"   \_ \_ "_"   \$ \$ "$"   \alpha = =
\beta = =   \gamma = =   \delta = =   \epsilon epsilon.alt =   \varepsilon epsilon =   \zeta = =   \eta = =
\theta = =   \vartheta theta.alt =   \iota = =   \kappa = =   \varkappa kappa.alt .   \lambda = =   \mu = =   \nu = =
\xi = =   \omicron = .   \pi = =   \varpi pi.alt .   \rho = =   \varrho rho.alt .   \sigma = =   \varsigma sigma.alt .
\tau = =   \upsilon = =   \phi phi.alt =   \varphi phi =   \chi = =   \psi = =   \omega = =   \digamma   \Gamma = =
\Delta = =   \Theta = =   \Lambda = =   \Xi = =   \Pi = =   \Sigma = =   \Upsilon = .   \Phi = =   \Psi = =
\Omega = =   \aleph . =   \beth   \gimel   \daleth   \hbar   \hslash ℏ . .   \imath   \jmath   \ell ell .   \wp   \Re
\Im   \R ℝ RR RR   \Z ℤ ZZ ZZ   \N ℕ NN NN   \Q ℚ QQ QQ   \partial partial del   \nabla nabla grad   \infty infinity oo
\emptyset emptyset O/   \varnothing ∅ emptyset O/   \forall forall AA   \exists exists EE   \nexists   \top top TT
\angle angle /_   \measuredangle   \triangle . /_\   \square . square   \Box □ . square   \Diamond ◊ . .   \diamondsuit
\heartsuit   \clubsuit   \spadesuit   \bigstar   \flat   \natural   \sharp   \surd √ \√ .   \neg not not
\prime ′ prime '   \backprime   \backslash \ \\ \\   \eth   \mho   \complement   \S   \P   \copyright   \degree ° . .
\ldots dots ...   \cdots dots.c cdots   \vdots dots.v vdots   \ddots dots.down ddots
rel
=   <   >   : : . .   \leq <= <=   \geq >= >=   \leqslant   \geqslant   \leqq   \geqq   \ne ≠ != !=   \neq != !=
\equiv equiv -=   \sim tilde.op ~   \simeq tilde.eq .   \approx approx ~~   \cong tilde.equiv ~=   \doteq
\propto prop prop   \asymp   \prec prec -<   \succ succ >-   \preceq . -<=   \succeq . >-=   \ll << .   \gg >> .
\lll <<< .   \ggg >>> .   \subset subset sub   \supset supset sup   \subseteq subset.eq sube   \supseteq supset.eq supe
\subsetneq subset.neq .   \supsetneq supset.neq .   \nsubseteq   \nsupseteq   \sqsubset   \sqsupset   \sqsubseteq
\sqsupseteq   \in in in   \ni in.rev .   \notin in.not !in   \vdash tack.r |--   \dashv tack.l .   \models models |==
\Vdash   \vDash   \nvDash   \bot ⊥ bot _|_   \perp ⟂ perp _|_   \parallel parallel .   \nparallel parallel.not .
\nmid   \smile   \frown . frown   \bowtie . |><|   \lesssim   \gtrsim   \because because :'   \therefore therefore :.
\triangleq   \coloneqq := :=   \eqqcolon =: .   \not ⧸ . .   \leftarrow <- larr   \rightarrow -> ->
\leftrightarrow <-> harr   \Leftarrow arrow.l.double lArr   \Rightarrow => =>   \Leftrightarrow <=> <=>
\longleftarrow <-- larr   \longrightarrow --> ->   \longleftrightarrow <--> harr   \Longleftarrow <== lArr
\Longrightarrow ==> =>   \Longleftrightarrow <==> <=>   \mapsto |-> |->   \longmapsto . |->   \hookleftarrow
\hookrightarrow   \leftharpoonup   \leftharpoondown   \rightharpoonup   \rightharpoondown   \rightleftharpoons
\leftrightharpoons   \uparrow arrow.t uarr   \downarrow arrow.b darr   \updownarrow   \Uparrow   \Downarrow
\Updownarrow   \nearrow   \searrow   \swarrow   \nwarrow   \rightrightarrows   \leftleftarrows   \rightsquigarrow
\iff ⟺ <==> <=>   \implies ⟹ ==> =>   \impliedby ⟸ <== lArr
open
(   [   \{ { . .   \langle chevron.l (:   \lfloor floor.l |__   \lceil ceil.l |~   \lgroup   \ulcorner   \llcorner
close
)   ]   !   ?   \} } . .   \rangle chevron.r :)   \rfloor floor.r __|   \rceil ceil.r ~|   \rgroup   \urcorner
\lrcorner
bar
| | . .
punct
,   ;   \cdotp ⋅ dot *
op
\sum sum sum   \prod product prod   \coprod product.co .   \bigcap inter.big nnn   \bigcup union.big uuu   \bigsqcup
\bigvee or.big vvv   \bigwedge and.big ^^^   \bigodot   \bigotimes   \bigoplus   \biguplus
int
\int integral int   \iint integral.double .   \iiint integral.triple .   \iiiint integral.quad .
\oint integral.cont oint   \oiint
fn
\sin = =   \cos = =   \tan = =   \cot = =   \sec = =   \csc = =   \arcsin = =   \arccos = =   \arctan = =   \sinh = =
\cosh = =   \tanh = =   \coth = =   \exp = =   \log = =   \ln = =   \lg = "lg"   \arg = "arg"   \dim = =   \ker = "ker"
\hom = "hom"   \deg = "deg"   \mod = =
lim
\lim = =   \limsup = "limsup"   \liminf = "liminf"   \max = =   \min = =   \sup = "sup"   \inf = "inf"   \det = =
\gcd = =   \Pr = "Pr"   \injlim op("injlim",limits:#true) "injlim"   \projlim op("projlim",limits:#true) "projlim"
"""


def _signs() -> dict[str, Sign]:
    signs = {letter: Sign(letter, ORD) for code in range(26) for letter in (chr(65 + code), chr(97 + code))}
    signs |= {digit: Sign(digit, NUMBER) for digit in "0123456789"}
    characters = {command: character for character, command in reversed(unicode.SIGNS.items())}
    kind = ""
    for line in _TABLE.split("\n")[1:-1]:
        if line.isalpha():
            kind = line
            continue
        for entry in line.split("   "):
            token, *about = entry.split(" ")
            text = about.pop(0) if len(about) == 3 else characters.get(token, token.removeprefix("\\"))
            names = (token[1:] if name == "=" else "" if name == "." else name for name in about)
            signs[token] = Sign(text, kind, *names)
    return signs


SIGNS = _signs()
"""Every sign by its token, as the parser leaves it: synonyms are replaced there."""

CLOSERS = {"(": ")", "[": "]", "\\{": "\\}", "\\langle": "\\rangle", "\\lfloor": "\\rfloor", "\\lceil": "\\rceil"}
"""The brackets that belong together; intervals open and close otherwise, and `groups` takes these too."""


def sign(token: str) -> Sign:
    """The sign of a token; of a command that no table knows, its own text, so that it is seen and never lost."""
    return SIGNS.get(token) or Sign(token, UNKNOWN)
