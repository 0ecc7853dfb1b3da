"""The alphabet that Nano writes: CROHME's symbols and those beyond, how large the latter are, where their ink is found.

Chosen by what the formulas of five collections use (at least eight of 188,000) and by whose ink there is.
"""

from __future__ import annotations

KIN = {
    # letters and digits of other alphabets
    **dict.fromkeys((*"DJKOQUWZ", r"\Gamma", r"\Theta", r"\Lambda", r"\Xi", r"\Pi", r"\Sigma", r"\Phi"), "B"),
    **dict.fromkeys((r"\Psi", r"\Omega", r"\nabla", r"\aleph", r"\dagger", r"\emptyset", r"\angle", r"\triangle"), "B"),
    **dict.fromkeys((r"\square", r"\uparrow", r"\downarrow", r"\%", r"\#", r"\$", r"\&", r"\vdots", r"\ddots"), "B"),
    **dict.fromkeys((r"\epsilon", r"\iota", r"\kappa", r"\nu", r"\tau", r"\omega", ":", ";", r"\star", "*"), "a"),
    **dict.fromkeys((r"\delta", r"\partial", r"\hbar", r"\ell"), "d"),
    **dict.fromkeys((r"\zeta", r"\xi", r"\psi"), r"\beta"),
    **dict.fromkeys((r"\eta", r"\rho", r"\chi", r"\wp"), "y"),
    r"\circ": "o",
    # relations and arrows
    **dict.fromkeys((r"\approx", r"\equiv", r"\sim", r"\simeq", r"\cong", r"\propto"), "="),
    **dict.fromkeys((r"\subset", r"\supset", r"\subseteq", r"\supseteq", r"\notin", r"\ni", r"\therefore"), r"\leq"),
    **dict.fromkeys(
        (r"\ll", r"\gg", r"\because", r"\perp", r"\vdash", r"\Vdash", r"\models", r"\prec", r"\succ"), r"\leq"
    ),
    **dict.fromkeys((r"\Rightarrow", r"\Leftarrow", r"\Leftrightarrow", r"\leftarrow"), r"\rightarrow"),
    **dict.fromkeys((r"\leftrightarrow", r"\mapsto", r"\longrightarrow", r"\rightleftharpoons"), r"\rightarrow"),
    # operators, large ones and brackets
    **dict.fromkeys((r"\cup", r"\cap", r"\vee", r"\wedge", r"\oplus", r"\otimes", r"\odot", r"\ominus", r"\neg"), "+"),
    r"\mp": r"\pm",
    r"\backslash": "/",
    r"\parallel": "|",
    **dict.fromkeys((r"\prod", r"\coprod", r"\bigcup", r"\bigcap", r"\bigoplus", r"\bigotimes"), r"\sum"),
    **dict.fromkeys((r"\bigvee", r"\bigwedge"), r"\sum"),
    **dict.fromkeys((r"\oint", r"\iint", r"\iiint"), r"\int"),
    **dict.fromkeys((r"\langle", r"\rangle", r"\lfloor", r"\rfloor", r"\lceil", r"\rceil"), "("),
}
"""Symbols beyond CROHME's, each with one of CROHME's that is written about as large and as high."""

WORDS = (
    *(r"\ln", r"\lg", r"\exp", r"\min", r"\max", r"\det", r"\dim", r"\ker", r"\gcd", r"\cot", r"\sec", r"\csc"),
    *(r"\arcsin", r"\arccos", r"\arctan", r"\sinh", r"\cosh", r"\tanh"),
)
"""Names of functions beyond CROHME's, which are written letter by letter."""
ACCENTS = (
    *(r"\hat", r"\bar", r"\tilde", r"\vec", r"\dot", r"\ddot", r"\overline", r"\underline"),
    *(r"\widehat", r"\widetilde", r"\overrightarrow"),
)
STRUCTURE = (
    *(r"\binom", r"\begin", r"\end", "&", r"\\"),
    *("{matrix}", "{pmatrix}", "{bmatrix}", "{vmatrix}", "{Bmatrix}", "{cases}", "{aligned}"),
)
CROHME = (
    *"0123456789abcdefghijklmnopqrstuvwxyzABCEFGHILMNPRSTVXY()[]{}_^+-=<>/|!.,",
    *(
        r"\frac",
        r"\sqrt",
        r"\limits",
        r"\{",
        r"\}",
        r"\alpha",
        r"\beta",
        r"\gamma",
        r"\theta",
        r"\lambda",
        r"\mu",
        r"\pi",
    ),
    *(r"\sigma", r"\phi", r"\Delta", r"\sum", r"\int", r"\lim", r"\sin", r"\cos", r"\tan", r"\log", r"\infty", r"\pm"),
    *(r"\times", r"\div", r"\cdot", r"\cdots", r"\ldots", r"\leq", r"\geq", r"\neq", r"\in", r"\forall", r"\exists"),
    *(r"\rightarrow", r"\prime"),
)
TOKENS = (*CROHME, *KIN, *WORDS, *ACCENTS, *STRUCTURE)
"""Every token that a label of Nano's may hold."""

SAME_INK = {
    r"\leqslant": r"\leq",
    r"\geqslant": r"\geq",
    r"\varphi": r"\phi",
    r"\varepsilon": r"\epsilon",
    r"\vartheta": r"\theta",
    r"\varrho": r"\rho",
    r"\varnothing": r"\emptyset",
    r"\dag": r"\dagger",
    r"\ast": "*",
    r"\ne": r"\neq",
    r"\implies": r"\Rightarrow",
    r"\iff": r"\Leftrightarrow",
    r"\bigtriangleup": r"\triangle",
    r"\vartriangle": r"\triangle",
    r"\Box": r"\square",
    r"\thicksim": r"\sim",
    r"\thickapprox": r"\approx",
    r"\mid": "|",
    r"\|": r"\parallel",
    r"\setminus": r"\backslash",
    r"\bot": r"\perp",
    r"\textless": "<",
    r"\textgreater": ">",
    r"\textdagger": r"\dagger",
}
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
