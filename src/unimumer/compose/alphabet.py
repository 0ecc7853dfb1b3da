"""The alphabet that Nano writes: CROHME's symbols and those beyond, how large the latter are, where their ink is found.

Chosen by what the formulas of five collections use (at least eight of 188,000) and by whose ink there is.
"""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """Tokens that stand with white space between them."""
    return tuple(text.split())


_KIN = r"""
B  D J K O Q U W Z \Gamma \Theta \Lambda \Xi \Pi \Sigma \Phi \Psi \Omega \nabla \aleph \dagger \emptyset \angle
B  \triangle \square \uparrow \downarrow \% \# \$ \& \vdots \ddots
a  \epsilon \iota \kappa \nu \tau \omega : ; \star *
d  \delta \partial \hbar \ell
\beta  \zeta \xi \psi
y  \eta \rho \chi \wp
o  \circ
=  \approx \equiv \sim \simeq \cong \propto
\leq  \subset \supset \subseteq \supseteq \notin \ni \therefore \ll \gg \because \perp \vdash \Vdash \models
\leq  \prec \succ
\rightarrow  \Rightarrow \Leftarrow \Leftrightarrow \leftarrow \leftrightarrow \mapsto \longrightarrow
\rightarrow  \rightleftharpoons
+  \cup \cap \vee \wedge \oplus \otimes \odot \ominus \neg
\pm  \mp
/  \backslash
|  \parallel
\sum  \prod \coprod \bigcup \bigcap \bigoplus \bigotimes \bigvee \bigwedge
\int  \oint \iint \iiint
(  \langle \rangle \lfloor \rfloor \lceil \rceil
"""
KIN = {token: kin for kin, *tokens in map(words, _KIN.strip().split("\n")) for token in tokens}
"""Symbols beyond CROHME's, each with one of CROHME's that is written about as large and as high: it begins the line."""

WORDS = words(r"""
    \ln \lg \exp \min \max \det \dim \ker \gcd \cot \sec \csc \arcsin \arccos \arctan \sinh \cosh \tanh
    """)
"""Names of functions beyond CROHME's, which are written letter by letter."""
ACCENTS = words(r"\hat \bar \tilde \vec \dot \ddot \overline \underline \widehat \widetilde \overrightarrow")
STRUCTURE = words(r"\binom \begin \end & \\ {matrix} {pmatrix} {bmatrix} {vmatrix} {Bmatrix} {cases} {aligned}")
CROHME = (
    *"0123456789abcdefghijklmnopqrstuvwxyzABCEFGHILMNPRSTVXY()[]{}_^+-=<>/|!.,",
    *words(r"""
        \frac \sqrt \limits \{ \} \alpha \beta \gamma \theta \lambda \mu \pi \sigma \phi \Delta \sum \int \lim \sin
        \cos \tan \log \infty \pm \times \div \cdot \cdots \ldots \leq \geq \neq \in \forall \exists \rightarrow
        \prime
        """),
)
TOKENS = (*CROHME, *KIN, *WORDS, *ACCENTS, *STRUCTURE)
"""Every token that a label of Nano's may hold."""

_SAME_INK = r"""
\leqslant \leq   \geqslant \geq   \varphi \phi   \varepsilon \epsilon   \vartheta \theta   \varrho \rho
\varnothing \emptyset   \dag \dagger   \ast *   \ne \neq   \implies \Rightarrow   \iff \Leftrightarrow
\bigtriangleup \triangle   \vartriangle \triangle   \Box \square   \thicksim \sim   \thickapprox \approx
\mid |   \| \parallel   \setminus \backslash   \bot \perp   \textless <   \textgreater >   \textdagger \dagger
"""
SAME_INK = dict(zip(words(_SAME_INK)[::2], words(_SAME_INK)[1::2]))
"""Commands whose ink is that of another, which is the one that Nano writes. The released labels drop the variants."""

MATHNOTE_NAMES = {
    **{f"{letter}_cap": letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    **{f"{name}_up": rf"\{name}" for name in ("Sigma", "Pi", "Phi", "Omega", "Psi")},
    **{"Gamma_cap": r"\Gamma", "Delta_cap": r"\Delta", "slash": "/", "colon": ":", "lbrace": r"\{", "rbrace": r"\}"},
    "dot": ".",
}
"""How the symbols of mathnote-ocr are called, where it is neither their token nor its name without the backslash."""


def token_of(name: str) -> str | None:
    """The token for a symbol's name in Detexify (a command) or mathnote-ocr; None for what Nano does not write."""
    token = MATHNOTE_NAMES.get(name, name)
    for spelling in (token, rf"\{token}"):
        spelling = SAME_INK.get(spelling, spelling)
        if spelling in KIN or spelling in CROHME:
            return spelling
    return None
