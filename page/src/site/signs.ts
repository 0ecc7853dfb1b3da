// Signs by their LaTeX name: the character, and the names in Typst and AsciiMath where the character will not do.

const TABLE = `
alpha α alpha alpha, beta β beta beta, gamma γ gamma gamma, delta δ delta delta, epsilon ϵ epsilon.alt epsilon,
varepsilon ε epsilon varepsilon, zeta ζ zeta zeta, eta η eta eta, theta θ theta theta, iota ι iota iota,
kappa κ kappa kappa, lambda λ lambda lambda, mu μ mu mu, nu ν nu nu, xi ξ xi xi, pi π pi pi, rho ρ rho rho,
sigma σ sigma sigma, tau τ tau tau, upsilon υ upsilon upsilon, phi ϕ phi.alt phi, varphi φ phi varphi,
chi χ chi chi, psi ψ psi psi, omega ω omega omega, Gamma Γ Gamma Gamma, Delta Δ Delta Delta,
Theta Θ Theta Theta, Lambda Λ Lambda Lambda, Xi Ξ Xi Xi, Pi Π Pi Pi, Sigma Σ Sigma Sigma, Phi Φ Phi Phi,
Psi Ψ Psi Psi, Omega Ω Omega Omega, infty ∞ infinity oo, partial ∂ partial del, nabla ∇ nabla grad,
forall ∀ forall AA, exists ∃ exists EE, in ∈ in in, notin ∉ in.not !in, subset ⊂ subset sub,
subseteq ⊆ subset.eq sube, cup ∪ union uu, cap ∩ sect nn, emptyset ∅ emptyset O/, leq ≤ <= <=, geq ≥ >= >=,
neq ≠ != !=, equiv ≡ equiv -=, approx ≈ approx ~~, sim ∼ tilde.op ~, cong ≅ tilde.equiv ~=, propto ∝ prop prop,
pm ± plus.minus +-, mp ∓ minus.plus -+, times × times xx, div ÷ div -:, cdot ⋅ dot.op *, ast ∗ * **,
circ ∘ compose @, cdots ⋯ dots.c cdots, ldots … dots ..., vdots ⋮ dots.v vdots, ddots ⋱ dots.down ddots,
rightarrow → arrow.r ->, leftarrow ← arrow.l larr, leftrightarrow ↔ arrow.l.r harr,
Rightarrow ⇒ arrow.r.double =>, Leftrightarrow ⇔ arrow.l.r.double <=>, mapsto ↦ arrow.r.bar |->, sum ∑ sum sum,
prod ∏ product prod, int ∫ integral int, oint ∮ integral.cont oint, prime ′ prime ', angle ∠ angle /_,
perp ⊥ perp _|_, parallel ∥ parallel ||, wedge ∧ and ^^, vee ∨ or vv, neg ¬ not not, oplus ⊕ plus.circle o+,
otimes ⊗ times.circle ox, ell ℓ ell ell, hbar ℏ planck.reduce ℏ, degree ° degree °`;

export interface Sign {
  readonly unicode: string;
  readonly typst: string;
  readonly asciimath: string;
}

const SIGNS = new Map(
  TABLE.split(",").map((entry): [string, Sign] => {
    const [name, unicode, typst, asciimath] = entry.trim().split(" ");
    return [`\\${name}`, { unicode, typst, asciimath }];
  }),
);

/** A function such as sin, which all three languages know by its name. */
const NAMES = /^\\(sin|cos|tan|cot|sec|csc|arcsin|arccos|arctan|sinh|cosh|tanh|log|ln|lg|exp|lim|max|min|sup|inf|det|dim|ker|gcd|arg|deg|mod)$/;
/** What means something else in Typst, which runs code after `#`. */
const TYPST = /^[#$\\"_^&/;,'@`~*()[\]{}|.]$/;

export function signs(token: string): Sign {
  const known = SIGNS.get(token);
  if (known) return known;
  if (NAMES.test(token)) {
    const name = token.slice(1);
    return { unicode: `${name} `, typst: name, asciimath: name };
  }
  if (token === "-") return { unicode: "−", typst: "-", asciimath: "-" };
  const text = /^\\[^A-Za-z]$/.test(token) ? token.slice(1) : token;
  if (text.startsWith("\\")) return { unicode: text.slice(1), typst: `"${text.slice(1)}"`, asciimath: `"${text.slice(1)}"` };
  const bare = /^[()[\]|/,.'*]$/.test(text);
  return { unicode: text, typst: !bare && TYPST.test(text) ? `\\${text}` : text, asciimath: text };
}
