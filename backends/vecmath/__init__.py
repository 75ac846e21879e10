"""Vector mathematics for the CPU: branch-free functions that LLVM vectorises.

Each function exists three times: by its own name, of float64, within 4 ulp; with the suffix `_short`,
of float64 with a shorter polynomial, for results that will be rounded to float32; and with the suffix
`f`, as in C, of float32, within 2 ulp. They are compiled from their text, never called from here.
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

SINGLE = frozenset(f"{name}f" for name in DOUBLE)
"""Names of the functions that compute in float32, which only the native backend compiles."""

__all__ = ["DECORATOR", "DOUBLE", "SHORT", "SINGLE", "definition", "source_of"]
