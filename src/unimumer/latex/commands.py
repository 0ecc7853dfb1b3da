"""What each LaTeX command is to the parser, and with it the word lists of the label normalization.

Source: the label normalization of Uni-MuMER as its published labels show it. A synonym is replaced only where
those labels write one form only: `\\ne` and `\\neq`, `\\ast` and `*` all occur, and all stay.
"""

from __future__ import annotations

from unimumer.latex.nodes import Symbol


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SYNONYMS = {
    "\\le": "\\leq",
    "\\ge": "\\geq",
    "\\lt": "<",
    "\\gt": ">",
    "\\to": "\\rightarrow",
    "\\gets": "\\leftarrow",
    "\\dots": "\\ldots",
    "\\dotsc": "\\ldots",
    "\\dotso": "\\ldots",
    "\\hdots": "\\ldots",
    "\\dotsb": "\\cdots",
    "\\dotsm": "\\cdots",
    "\\dotsi": "\\cdots",
    "\\land": "\\wedge",
    "\\lor": "\\vee",
    "\\lnot": "\\neg",
    "\\owns": "\\ni",
    "\\bmod": "\\mod",
    "\\bot": "\\perp",
    "\\setminus": "\\backslash",
    "\\colon": ":",
    "\\mid": "|",
    "\\vert": "|",
    "\\lvert": "|",
    "\\rvert": "|",
    "\\|": "\\parallel",
    "\\Vert": "\\parallel",
    "\\lVert": "\\parallel",
    "\\rVert": "\\parallel",
    "\\lbrace": "\\{",
    "\\rbrace": "\\}",
    "\\lbrack": "[",
    "\\rbrack": "]",
    "#": "\\#",
    "%": "\\%",
}

# Size, style and font say nothing about what is written by hand.
DROPPED = _words(r"""
    \/ \displaystyle \textstyle \scriptstyle \scriptscriptstyle \nolimits \displaylimits \middle \big
    \Big \bigg \Bigg \bigl \Bigl \biggl \Biggl \bigr \Bigr \biggr \Biggr \bigm \Bigm \biggm \Biggm \quad
    \qquad \, \; \: \! \> ~ \enspace \enskip \space \thinspace \medspace \thickspace \negthinspace
    \nobreak \allowbreak \nonumber \notag \strut \mathstrut \null \relax $ \( \) \[ \] \mathrm \mathbf
    \mathit \mathsf \mathtt \mathcal \mathbb \mathfrak \mathscr \mathnormal \mathbfit \Bbb \frak
    \boldsymbol \bm \bold \pmb \rm \bf \it \sf \tt \cal \mit \boldmath \unboldmath \emph \em \text
    \textrm \textbf \textit \textsf \texttt \textnormal \textup \mbox \hbox \operatorname \mathop
    \mathrel \mathbin \mathord \mathopen \mathclose \mathpunct \mathinner \smash \ensuremath \tiny
    \scriptsize \footnotesize \small \normalsize \large \Large \LARGE \huge \Huge
    """) | {"\\ "}
# The command and its argument leave no trace.
DROPPED_WITH_ARGUMENT = _words(r"\hspace \vspace \label \color \textcolor \phantom \hphantom \vphantom")

FRACTIONS = {
    "\\frac": "\\frac",
    "\\dfrac": "\\frac",
    "\\tfrac": "\\frac",
    "\\cfrac": "\\frac",
    "\\binom": "\\binom",
    "\\dbinom": "\\binom",
    "\\tbinom": "\\binom",
}
# An infix command is written as a fraction, or as an environment of one column.
INFIX = {
    "\\over": "\\frac",
    "\\choose": "\\binom",
    "\\atop": "matrix",
    "\\brack": "bmatrix",
    "\\brace": "Bmatrix",
}
STACKS = _words(r"\overset \underset \stackrel")
ACCENTS = _words(r"""
    \hat \widehat \bar \vec \dot \ddot \dddot \tilde \widetilde \check \widecheck \breve \acute \grave
    \mathring \overline \underline \overbrace \underbrace \overbracket \underbracket \overparen
    \underparen \wideparen \overrightarrow \overleftarrow \overleftrightarrow \underrightarrow
    \underleftarrow \underleftrightarrow \boxed \fbox \cancel \bcancel \xcancel \sout \utilde
    """)
ARROWS = _words(r"""
    \xrightarrow \xleftarrow \xleftrightarrow \xRightarrow \xLeftarrow \xLeftrightarrow \xmapsto
    \xlongequal \xhookrightarrow \xhookleftarrow \xrightharpoonup \xleftharpoondown \xrightleftharpoons
    """)
WITH_COLUMNS = frozenset({"array", "subarray", "tabular"})

# They define, load or link to something: no label needs them, and no text they are in is only mathematics.
REFUSED = _words(r"""
    \def \edef \gdef \xdef \let \futurelet \newcommand \renewcommand \providecommand \newenvironment
    \catcode \csname \endcsname \expandafter \noexpand \aftergroup \input \include \includegraphics
    \usepackage \documentclass \openin \openout \read \write \immediate \special \directlua \loop
    \repeat \href \url \htmlClass \htmlId \htmlStyle \htmlData \verb
    """)

# Signs that take no argument. One that is missing here is still read, unless a brace follows it.
_SIGNS = r"""
    \alpha \beta \gamma \delta \epsilon \varepsilon \zeta \eta \theta \vartheta \iota \kappa \varkappa
    \lambda \mu \nu \xi \omicron \pi \varpi \rho \varrho \sigma \varsigma \tau \upsilon \phi \varphi
    \chi \psi \omega \digamma \Gamma \Delta \Theta \Lambda \Xi \Pi \Sigma \Upsilon \Phi \Psi \Omega
    \aleph \beth \gimel \daleth \hbar \hslash \imath \jmath \ell \wp \Re \Im \partial \nabla \infty
    \emptyset \varnothing \forall \exists \nexists \top \angle \measuredangle \triangle \square \Box
    \Diamond \diamondsuit \heartsuit \clubsuit \spadesuit \bigstar \flat \natural \sharp \neg \prime
    \backprime \backslash \eth \mho \complement \S \P \copyright \degree \circ \pm \mp \times \div \cdot
    \cdotp \ast \star \bullet \cap \cup \uplus \sqcap \sqcup \vee \wedge \oplus \ominus \otimes \oslash
    \odot \bigcirc \dagger \ddagger \amalg \wr \diamond \lhd \rhd \unlhd \unrhd \ltimes \rtimes \leq
    \geq \leqslant \geqslant \leqq \geqq \ne \neq \equiv \sim \simeq \approx \cong \doteq \propto \asymp
    \prec \succ \preceq \succeq \ll \gg \lll \ggg \subset \supset \subseteq \supseteq \subsetneq
    \supsetneq \nsubseteq \nsupseteq \sqsubset \sqsupset \sqsubseteq \sqsupseteq \in \ni \notin \vdash
    \dashv \models \Vdash \vDash \nvDash \perp \parallel \nparallel \nmid \smile \frown \bowtie \lesssim
    \gtrsim \because \therefore \triangleq \coloneqq \eqqcolon \not \leftarrow \rightarrow
    \leftrightarrow \Leftarrow \Rightarrow \Leftrightarrow \longleftarrow \longrightarrow
    \longleftrightarrow \Longleftarrow \Longrightarrow \Longleftrightarrow \mapsto \longmapsto
    \hookleftarrow \hookrightarrow \leftharpoonup \leftharpoondown \rightharpoonup \rightharpoondown
    \rightleftharpoons \leftrightharpoons \uparrow \downarrow \updownarrow \Uparrow \Downarrow
    \Updownarrow \nearrow \searrow \swarrow \nwarrow \rightrightarrows \leftleftarrows \rightsquigarrow
    \iff \implies \impliedby \sum \prod \coprod \int \iint \iiint \iiiint \oint \oiint \bigcap \bigcup
    \bigsqcup \bigvee \bigwedge \bigodot \bigotimes \bigoplus \biguplus \ldots \cdots \vdots \ddots
    \langle \rangle \lfloor \rfloor \lceil \rceil \lgroup \rgroup \ulcorner \urcorner \llcorner
    \lrcorner \{ \} \# \% \& \_ \$ \hline \sin \cos \tan \cot \sec \csc \arcsin \arccos \arctan \sinh
    \cosh \tanh \coth \exp \log \ln \lg \lim \limsup \liminf \max \min \sup \inf \arg \det \dim \ker
    \hom \deg \gcd \Pr \mod \injlim \projlim
    """
_SPECIAL = frozenset("\\{}_^&'$~")


def _symbols() -> dict[str, Symbol]:
    characters = (chr(code) for code in range(33, 127))
    symbols = {token: Symbol(token) for token in (*characters, *_SIGNS.split()) if token not in _SPECIAL}
    return symbols | {old: Symbol(new) for old, new in SYNONYMS.items()}


SYMBOLS = _symbols()
"""The node of every known sign by its token, synonyms replaced."""
