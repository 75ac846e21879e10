"""Vector mathematics for the CPU: branch-free float64 functions that LLVM vectorises.

Every function takes and returns float64, errs by less than 4 ulp, and is compiled from the text
that `source_of` returns.
"""

from actdsl.backends.vecmath.error_function import erf, erfc
from actdsl.backends.vecmath.exponential import exp, exp2, expm1
from actdsl.backends.vecmath.hyperbolic import asinh, cosh, sinh, tanh
from actdsl.backends.vecmath.logarithm import log, log1p, log2
from actdsl.backends.vecmath.logistic import sigmoid, softplus
from actdsl.backends.vecmath.power import pow
from actdsl.backends.vecmath.source import DECORATOR, source_of
from actdsl.backends.vecmath.trigonometric import atan, cos, cospi, sin, sinpi, tan

__all__ = [
    "DECORATOR",
    "asinh",
    "atan",
    "cos",
    "cosh",
    "cospi",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expm1",
    "log",
    "log1p",
    "log2",
    "pow",
    "sigmoid",
    "sin",
    "sinh",
    "sinpi",
    "softplus",
    "source_of",
    "tan",
    "tanh",
]
