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

SUMS = frozenset(
    {f"{name}_sumf" for name in ("exp", "gaussian", "erfc", "sigmoid", "sigmoid_slope")}
    | {f"{name}_sumf" for name in ("sin", "cos", "tanh", "sech2")}
    | {"boundedf"}
)
"""Names of those among them that take x and a small rest, and of what keeps the rest small."""

__all__ = ["DECORATOR", "DOUBLE", "SHORT", "SINGLE", "SUMS", "definition", "source_of"]
