"""What each LaTeX command is to the parser, and with it the word lists of the label normalization.

Source: the label normalization of Uni-MuMER as its published labels show it. A synonym is replaced only where
those labels write one form only: `\\ne` and `\\neq`, `\\ast` and `*` all occur, and all stay.
"""

from __future__ import annotations

from unimumer.latex.nodes import Symbol
from unimumer.latex.unicode import SIGNS


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SYNONYMS = r"""
    \le \leq   \ge \geq   \lt <   \gt >   \to \rightarrow   \gets \leftarrow   \dots \ldots   \dotsc \ldots
    \dotso \ldots   \hdots \ldots   \dotsb \cdots   \dotsm \cdots   \dotsi \cdots   \land \wedge   \lor \vee
    \lnot \neg   \owns \ni   \bmod \mod   \setminus \backslash   \colon :   \mid |   \vert |   \lvert |
    \rvert |   \| \parallel   \Vert \parallel   \lVert \parallel   \rVert \parallel   \lbrace \{   \rbrace \}
    \lbrack [   \rbrack ]   # \#   % \%
    """
SYNONYMS = dict(zip(_SYNONYMS.split()[::2], _SYNONYMS.split()[1::2]))

# Size, style and font say nothing about what is written by hand.
DROPPED = _words(r"""
    \/ \displaystyle \textstyle \scriptstyle \scriptscriptstyle \nolimits \displaylimits \middle \big
    \Big \bigg \Bigg \bigl \Bigl \biggl \Biggl \bigr \Bigr \biggr \Biggr \bigm \Bigm \biggm \Biggm \quad
    \qquad \, \; \: \! \> ~ \enspace \enskip \space \thinspace \medspace \thickspace \negthinspace
    \negmedspace \negthickspace \nobreakspace \hfil \hfill \hss \vfil \vfill \vss \fill \smallskip \medskip
    \bigskip \par \noindent \leavevmode \protect \centering \arraybackslash \linebreak \nolinebreak
    \pagebreak \nopagebreak \displaybreak \allowdisplaybreaks \nobreak \allowbreak \nonumber \notag \strut
    \mathstrut \null \relax $ \( \) \[ \] \mathrm \mathbf \mathit \mathsf \mathtt \mathcal \mathbb
    \mathfrak \mathscr \mathnormal \mathbfit \mathbbm \mathds \mathup \mathsfit \Bbb \frak \boldsymbol \bm
    \bold \pmb \rm \bf \it \sf \sl \sc \tt \cal \mit \bfseries \itshape \rmfamily \boldmath \unboldmath
    \emph \em \text \textrm \textbf \textit \textsf \texttt \textnormal \textup \mbox \makebox \hbox \vbox
    \vtop \vcenter \operatorname \operatornamewithlimits \mathop \mathrel \mathbin \mathord \mathopen
    \mathclose \mathpunct \mathinner \smash \ensuremath \lefteqn \llap \rlap \clap \mathllap \mathrlap
    \mathclap \shoveleft \shoveright \tiny \scriptsize \footnotesize \small \normalsize \large \Large
    \LARGE \huge \Huge
    """) | {"\\ "}
SIZED = _words(r"""
    \middle \big \Big \bigg \Bigg \bigl \Bigl \biggl \Biggl \bigr \Bigr \biggr \Biggr \bigm \Bigm \biggm
    \Biggm
    """)
"""A delimiter follows: `.` is none, `<` an angle bracket."""
WITH_OPTION = _words(r"""
    \smash \makebox \linebreak \nolinebreak \pagebreak \nopagebreak \displaybreak \allowdisplaybreaks
    \shoveleft \shoveright \cfrac \overbracket \underbracket
    """)
"""What stands in brackets after them does not show."""
BOXES = _words(r"\hbox \vbox \vtop")
"""A brace follows: what may stand before it is not read."""
# The command and its argument leave no trace.
DROPPED_WITH_ARGUMENT = _words(r"""
    \hspace \vspace \mspace \label \color \textcolor \extracolsep \phantom \hphantom \vphantom \skew \leftroot
    \uproot
    """)
NEED_BRACES = _words(r"\hspace \vspace \mspace \color \textcolor")
"""Among them those of which no argument is one token."""
DROPPED_WITH_LENGTH = _words(r"\kern \mkern \hskip \mskip \vskip")

FRACTIONS = {
    **dict.fromkeys((r"\frac", r"\dfrac", r"\tfrac", r"\cfrac"), r"\frac"),
    **dict.fromkeys((r"\binom", r"\dbinom", r"\tbinom"), r"\binom"),
}
INFIX = {r"\over": r"\frac", r"\choose": r"\binom", r"\atop": "matrix", r"\brack": "bmatrix", r"\brace": "Bmatrix"}
"""The command, or the environment of one column, that an infix fraction is written as."""
STACKS = _words(r"\overset \underset \stackrel")
WITH_COLUMNS = frozenset({"array", "subarray", "tabular"})
ENVIRONMENTS = {
    name: name
    for name in _words(r"""
    matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix cases dcases rcases array subarray tabular
    align align* aligned gather gather* gathered multline multline* multlined split eqnarray eqnarray* flalign
    flalign*
    """)
} | {
    **{f"{name}matrix*": f"{name}matrix" for name in ("", "p", "b", "B", "v", "V", "small")},
    **{"cases*": "cases", "dcases*": "dcases", "drcases": "rcases", "alignedat": "aligned"},
    **{f"{name}alignat{star}": f"align{star}" for name in ("", "x", "xx") for star in ("", "*")},
    **dict.fromkeys(("math", "displaymath", "equation", "equation*"), ""),
}
"""The name an environment is written with; none where it is only the place of a formula. What one of another name
draws is not known, and it is refused."""
MATRICES = _words("matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix")
PLACED = _words("aligned gathered multlined array tabular subarray split")
"""Environments with an optional `[t]`, `[b]` or `[c]`."""
COUNTED = frozenset(name for name in ENVIRONMENTS if "alignat" in name or name == "alignedat")
"""Environments whose first argument is a number of columns."""
BRACKETS = {
    "pmatrix": ("(", ")"),
    "bmatrix": ("[", "]"),
    "Bmatrix": (r"\{", r"\}"),
    "vmatrix": ("|", "|"),
    "Vmatrix": (r"\parallel", r"\parallel"),
    "cases": (r"\{", ""),
    "dcases": (r"\{", ""),
    "rcases": ("", r"\}"),
}
"""The brackets that environments draw themselves; none on a side where it is empty."""

# They define, load or link to something, draw, move what follows, or number it; or their arguments need no braces.
REFUSED = _words(r"""
    \def \edef \gdef \xdef \let \futurelet \newcommand \renewcommand \providecommand \newenvironment
    \DeclareMathOperator \DeclarePairedDelimiter \DeclareMathSymbol \DeclareRobustCommand \newtheorem \global
    \long \catcode \csname \endcsname \expandafter \noexpand \aftergroup \the \number \romannumeral \if \ifx
    \ifmmode \else \fi \input \include \includegraphics \usepackage \documentclass \openin \openout \read
    \write \immediate \special \directlua \loop \repeat \href \url \htmlClass \htmlId \htmlStyle \htmlData
    \verb \tag \eqno \leqno \ref \eqref \cite \footnote \nicefrac \sfrac \xfrac \cancelto \sideset \prescript
    \raise \lower \moveleft \moveright \raisebox \rule \vrule \hrule \char \mathchar \symbol \unicode \radical
    \mathaccent \delimiter \mathchoice \mathpalette \multicolumn \multirow \cline \omit \span \multispan
    \noalign \halign \valign \setlength \addtolength \setcounter \bgroup \egroup \begingroup \endgroup \put
    \parbox \framebox \colorbox \fcolorbox \scalebox \resizebox \rotatebox \item \fontsize \hdotsfor
    \genfrac \above \overwithdelims \atopwithdelims \abovewithdelims \root \of \pod \matrix \pmatrix \cases
    \eqalign \displaylines
    """)
REGISTERS = _words(r"""
    \arraycolsep \tabcolsep \baselineskip \lineskip \jot \parskip \parindent \textwidth \linewidth \columnwidth
    \hsize \unitlength \thinmuskip \medmuskip \thickmuskip \abovedisplayskip \belowdisplayskip \smallskipamount
    \medskipamount \bigskipamount \doublerulesep \arrayrulewidth \mathsurround \nulldelimiterspace \arraystretch
    """)
"""Names of lengths. As an expression they are refused: what is set with them is not known."""

# Signs that take no argument, beside those of `unicode`. One that is missing is still read, unless a brace follows it.
_SIGNS = r"""
    \hslash \varnothing \bot \Box \surd \prime \degree \cdotp \ast \ne \iff \implies \impliedby \# \% \& \_ \$
    \hline \injlim \projlim
    """
_NAMES = r"""
    \sin \cos \tan \cot \sec \csc \arcsin \arccos \arctan \sinh \cosh \tanh \coth \exp \log \ln \lg \lim \limsup
    \liminf \max \min \sup \inf \arg \det \dim \ker \hom \deg \gcd \Pr \mod
    """
FUNCTIONS = tuple(_NAMES.split())
"""Names that are written with letters."""
_SPECIAL = frozenset("\\{}_^&'$~")


def _symbols() -> dict[str, Symbol]:
    characters = (chr(code) for code in range(33, 127))
    tokens = (*characters, *_SIGNS.split(), *FUNCTIONS, *SIGNS.values())
    symbols = {token: Symbol(token) for token in tokens if token not in _SPECIAL}
    return symbols | {old: Symbol(new) for old, new in (SYNONYMS | SIGNS).items()}


SYMBOLS = _symbols()
"""The node of every known sign by its token, synonyms replaced."""
