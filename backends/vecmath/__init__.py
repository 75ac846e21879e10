"""Vector mathematics for the CPU: branch-free functions that LLVM vectorises.

Every function takes and returns float64, and exists twice: by its own name, within 4 ulp of float64,
and with the suffix `_short`, a shorter polynomial for results that will be rounded to float32. They are
compiled from their text, never called from here.
"""

from actdsl.backends.vecmath.source import DECORATOR, definition, source_of

DOUBLE = frozenset(
    {"exp", "exp2", "expm1", "log", "log2", "log1p", "pow", "erf", "erfc", "gaussian"}
    | {"sin", "cos", "tan", "sinpi", "cospi", "atan", "sinh", "cosh", "tanh", "sech2", "asinh"}
    | {"sigmoid", "sigmoid_slope", "softplus"}
)
"""Names of the functions that are accurate in float64."""

SHORT = frozenset(f"{name}_short" for name in DOUBLE)
"""Names of the functions that are short: accurate when rounded to float32."""

__all__ = ["DECORATOR", "DOUBLE", "SHORT", "definition", "source_of"]
