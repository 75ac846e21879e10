"""Symbols and words of other languages, and how to say the same in this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Tokens = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Spelling:
    """What to write instead, and the tokens with which reading goes on (None: it cannot)."""

    help: str
    tokens: Tokens | None = None


TYPOGRAPHY: Mapping[str, Spelling] = {
    "×": Spelling("write `*`", (("STAR", "*"),)),
    "⋅": Spelling("write `*`", (("STAR", "*"),)),
    "·": Spelling("write `*`", (("STAR", "*"),)),
    "∗": Spelling("write `*`", (("STAR", "*"),)),
    "÷": Spelling("write `/`", (("SLASH", "/"),)),
    "∕": Spelling("write `/`", (("SLASH", "/"),)),
    "−": Spelling("write the hyphen `-`", (("MINUS", "-"),)),
    "–": Spelling("write the hyphen `-`", (("MINUS", "-"),)),
    "—": Spelling("write the hyphen `-`", (("MINUS", "-"),)),
    "≤": Spelling("write `<=`", (("COMPARISON", "<="),)),
    "≥": Spelling("write `>=`", (("COMPARISON", ">="),)),
    "≠": Spelling("write `!=`", (("COMPARISON", "!="),)),
    "∧": Spelling("write `and`", (("AND", "and"),)),
    "∨": Spelling("write `or`", (("OR", "or"),)),
    "¬": Spelling("write `not`", (("NOT", "not"),)),
    "π": Spelling("write `pi`", (("NAME", "pi"),)),
    "²": Spelling("write `**2`", (("POWER", "**"), ("NUMBER", "2"))),
    "³": Spelling("write `**3`", (("POWER", "**"), ("NUMBER", "3"))),
    "⁴": Spelling("write `**4`", (("POWER", "**"), ("NUMBER", "4"))),
    "½": Spelling("write `0.5`", (("NUMBER", "0.5"),)),
    "√": Spelling("write `sqrt(...)`", ()),
    "∞": Spelling("there is no literal for infinity; compare with a large number instead"),
    "σ": Spelling("write `sigmoid(...)`, or spell the name in ASCII letters"),
    "α": Spelling("write `alpha`", (("NAME", "alpha"),)),
    "β": Spelling("write `beta`", (("NAME", "beta"),)),
    "λ": Spelling("write `lambd`", (("NAME", "lambd"),)),
    "“": Spelling("text belongs in a comment: `# ...`", ()),
    "”": Spelling("text belongs in a comment: `# ...`", ()),
    "\u00a0": Spelling("replace the non-breaking space by a plain one", ()),
    "\u200b": Spelling("delete the zero-width space", ()),
    "\ufeff": Spelling("delete the byte order mark", ()),
}

OPERATORS: Mapping[str, Spelling] = {
    "&&": Spelling("write `and`", (("AND", "and"),)),
    "||": Spelling("write `or`", (("OR", "or"),)),
    "&": Spelling("write `and`", (("AND", "and"),)),
    "|": Spelling("write `or` for a choice, `abs(x)` for a magnitude", (("OR", "or"),)),
    "!": Spelling("write `not`", (("NOT", "not"),)),
    "~": Spelling("write `not`", (("NOT", "not"),)),
    "%": Spelling("write `mod(a, b)`"),
    "@": Spelling("an activation acts on one element at a time; `*` multiplies"),
    ";": Spelling("delete it: every statement begins with a keyword, and nothing ends one", ()),
    "?": Spelling("write `where(condition, a, b)`"),
    "{": Spelling("statements are not put in braces; write `:` after the head"),
    "}": Spelling("statements are not put in braces; delete it", ()),
}

WORDS: Mapping[str, str] = {
    "lambda": "name it before the activation: `def f(u) = ...`",
    "import": "delete the line: every function is at hand without an import",
    "from": "delete the line: every function is at hand without an import",
    "class": "write `activation name(x):` and its statements",
    "for": "there are no loops; write the terms out, or name a part with `let`",
    "while": "there are no loops; write the terms out, or name a part with `let`",
    "assert": "delete the line",
    "print": "delete the line",
    "self": "an activation has no object; declare `param name = value` and use its name",
    "then": "write `where(condition, a, b)`",
    "const": "write `let name = value`",
    "fn": "write `def f(u) = ...`",
    "function": "write `def f(u) = ...`",
}

MODULES = frozenset(
    {"math", "cmath", "np", "numpy", "torch", "F", "nn", "functional", "jnp", "jax", "tf", "scipy",
     "special", "mpmath", "mp", "sympy", "sp", "actdsl"}
)  # fmt: skip

FUNCTIONS: Mapping[str, str] = {
    "absolute": "abs", "arcsinh": "asinh", "arctan": "atan", "arsinh": "asinh", "average": "mean",
    "clamp": "clip", "fabs": "abs", "hard_sigmoid": "hardsigmoid", "hard_swish": "hardswish",
    "heaviside": "where(x > 0, 1, 0)", "if": "where(condition, a, b)",
    "iff": "where(condition, a, b)", "leakyrelu": "leaky_relu", "ln": "log",
    "log10": "log(x) / log(10)", "logistic": "sigmoid", "maximum": "max", "minimum": "min",
    "pow": "a ** b", "power": "a ** b", "select": "where(condition, a, b)", "sgn": "sign",
    "step": "where(x > 0, 1, 0)", "detach": "stopgrad", "stop_gradient": "stopgrad",
    "relu2": "relu_squared", "trunc": "sign(x) * floor(abs(x))", "log_sigmoid": "logsigmoid",
    "gelu_new": "gelu_tanh", "roll": "shift", "cbrt": "sign(x) * abs(x)**(1 / 3)",
    "reciprocal": "1 / x", "fmod": "mod", "remainder": "mod", "norm": "sqrt(mean(x**2, feature))",
}  # fmt: skip

VALUES: Mapping[str, str] = {
    "True": "write a comparison that always holds: `0 < 1`",
    "true": "write a comparison that always holds: `0 < 1`",
    "False": "write a comparison that never holds: `1 < 0`",
    "false": "write a comparison that never holds: `1 < 0`",
    "None": "every name has a value; delete it",
    "inf": "infinity is a bound, as in `in [0, inf]`, and no number; compare with a large one instead",
    "nan": "there is no literal for NaN; `x != x` holds where x is NaN",
    "PI": "write `pi`",
    "E": "write `e`",
    "tau": "write `2 * pi`",
}
