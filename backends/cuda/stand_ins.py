"""What device functions call of the hardware, as plain Python, so that they run where there is none.

A generated file has the working type as ``real`` and the machine's instructions under these names.
Results have the type of the last argument, so NumPy's float32 stays float32.
"""

from __future__ import annotations

import math
import struct

real = float


def fma(a: float, b: float, c: float) -> float:
    """a * b + c, rounded (nearly) once."""
    return type(c)(float(a) * float(b) + float(c))


def bits_of(x: float) -> int:
    """The pattern of a float32, as an integer of its sign."""
    (bits,) = struct.unpack("<i", struct.pack("<f", x))
    return int(bits)


def with_sign(x: float, k: int) -> float:
    """-x if k is odd, else x."""
    return -x if k & 1 else x


def ex2(x: float) -> float:
    """2**x."""
    return type(x)(2.0 ** float(x)) if x < real(128.0) else type(x)(math.inf)


def lg2(x: float) -> float:
    """The logarithm to base 2."""
    return type(x)(math.log2(x)) if x > 0 else type(x)(-math.inf if x == 0 else math.nan)


def rcp(x: float) -> float:
    """1 / x."""
    return type(x)(1.0 / float(x))


def div_full(a: float, b: float) -> float:
    """a / b."""
    return type(a)(float(a) / float(b))


def sqrt_approx(x: float) -> float:
    """The square root."""
    return type(x)(math.sqrt(x))


def rsqrt_approx(x: float) -> float:
    """1 / sqrt(x)."""
    return type(x)(1.0 / math.sqrt(x))


def rint(x: float) -> float:
    """The nearest integer, ties to even."""
    return type(x)(x - math.remainder(x, 1.0))
