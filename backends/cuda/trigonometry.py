"""Device mathematics: sine, cosine and tangent in float32, for every argument, in registers alone.

NVIDIA's library reduces a large argument by a loop over an array, which lies in local memory; and
its hardware's sine is accurate in an absolute sense only, and only near 0, so kernels for half
types take this one too. Up to 65536 the multiple of pi is subtracted in three parts (W. J. Cody
and W. Waite, Software Manual for the Elementary Functions, 1980); beyond, 96 bits of 2/pi are
multiplied by the significand in integers (M. H. Payne and R. N. Hanek, Radian reduction for
trigonometric functions, SIGNUM 18, 1983). Errors are below 2 ulp, and 2.6 for the tangent. The
coefficients are from benchmarks/fit_polynomials.py.
"""

from __future__ import annotations

from actdsl.backends.cuda.stand_ins import bits_of, fma, real, rint, with_sign


def sin_single(x: float) -> float:
    """sin(x), keeping the sign of zero."""
    # Adding 1.5 * 2**23 rounds to an integer, and leaves it in the last bits.
    if abs(x) < real(65536.0):
        shifted = fma(x, real(0.3183098861837907), real(12582912.0))
        r = less_turns(x, shifted - real(12582912.0))
    else:
        turns, r = far_half_turns(x, real(0.0))
        shifted = turns + real(12582912.0)
    value = sin_in_half_turn(with_sign(r, bits_of(shifted)))
    return x if x == real(0.0) else value


def cos_single(x: float) -> float:
    """cos(x) = sin(x + pi/2)."""
    if abs(x) < real(65536.0):
        shifted = fma(x, real(0.3183098861837907), real(0.5)) + real(12582912.0)
        r = less_turns(x, shifted - real(12582912.0) - real(0.5))
    else:
        turns, r = far_half_turns(x, real(1.0))
        shifted = turns + real(12582912.0)
    return sin_in_half_turn(with_sign(r, bits_of(shifted)))


def tan_single(x: float) -> float:
    """tan(x) = sin(x) / cos(x), by one reduction."""
    k, r = quarter_turns(x)
    sine, cosine = sin_near_zero(r), cos_near_zero(r)
    return x if x == real(0.0) else (-cosine / sine if k & 1 else sine / cosine)


def sinpi_single(x: float) -> float:
    """sin(pi x), its argument reduced exactly."""
    y = fma(rint(real(0.5) * x), real(-2.0), x)
    shifted = y + real(12582912.0)
    return sinpi_in_half_turn(with_sign(y - (shifted - real(12582912.0)), bits_of(shifted)))


def cospi_single(x: float) -> float:
    """cos(pi x) = sin(pi (1/2 - |x|)), its argument reduced exactly."""
    return sinpi_in_half_turn(real(0.5) - abs(fma(rint(real(0.5) * x), real(-2.0), x)))


def less_turns(x: float, n: float) -> float:
    """x - n pi."""
    r = fma(n, real(-3.1415927410125732), x)
    r = fma(n, real(8.742277657347586e-08), r)
    return fma(n, real(3.4302490200117637e-15), r)


def sin_in_half_turn(r: float) -> float:
    """sin(r) for abs(r) up to pi/2: an odd minimax polynomial, relative error 2**-27."""
    z = r * r
    p = fma(z, real(2.6060666e-06), real(-0.00019809771))
    p = fma(z, p, real(0.008333069))
    p = fma(z, p, real(-0.1666666))
    return fma(r * z, p, r)


def sinpi_in_half_turn(r: float) -> float:
    """sin(pi r) for abs(r) up to 1/2: an odd minimax polynomial, relative error 2**-31."""
    z = r * r
    p = fma(z, real(-0.006860173), real(0.081939794))
    p = fma(z, p, real(-0.59922653))
    p = fma(z, p, real(2.550161))
    p = fma(z, p, real(-5.1677127))
    return fma(r, real(3.1415927410125732), r * fma(z, p, real(-8.742277657347586e-08)))


def far_half_turns(x: float, quarters: float) -> tuple[float, float]:
    """k and r with sin(x + quarters pi/2) = sin(k pi + r), for abs(x) from 2**16 on."""
    turns, r = far_quarter_turns(x)
    k = int(turns + quarters)
    across = real(1.5707963705062866) - abs(r) - real(4.371138828673793e-08)
    return real((k >> 1) & 1), (across if k & 1 else r)


def quarter_turns(x: float) -> tuple[int, float]:
    """k and r with x = k pi/2 + r and abs(r) at most pi/4 or so; of k the last two bits count."""
    if abs(x) < real(65536.0):
        # Adding 1.5 * 2**23 rounds to an integer, and leaves it in the last bits.
        shifted = fma(x, real(0.6366197723675814), real(12582912.0))
        k = bits_of(shifted)
        n = shifted - real(12582912.0)
        r = fma(n, real(-1.5707963705062866), x)
        r = fma(n, real(4.371138828673793e-08), r)
        r = fma(n, real(1.7151245100058819e-15), r)
    else:
        turns, r = far_quarter_turns(x)
        k = bits_of(turns + real(12582912.0))
    return k, r


def far_quarter_turns(x: float) -> tuple[float, float]:
    """The same for abs(x) from 2**16 on, k as a number; r is NaN for infinities and NaN."""
    bits = bits_of(x)
    exponent = (bits >> 23) & 255
    significand = (bits & 0x7FFFFF) | 0x800000
    # The bits of 2/pi whose products are below 4, from 32 zeros and 224 bits in words of 32.
    word, shift = (exponent - 120) >> 5, (exponent - 120) & 31
    a = word_of_two_over_pi(word)
    b = word_of_two_over_pi(word + 1)
    c = word_of_two_over_pi(word + 2)
    d = word_of_two_over_pi(word + 3)
    high = (((a << 32) | b) >> (32 - shift)) & 0xFFFFFFFF
    middle = (((b << 32) | c) >> (32 - shift)) & 0xFFFFFFFF
    low = (((c << 32) | d) >> (32 - shift)) & 0xFFFFFFFF
    # The product modulo 4, with 62 bits behind the point.
    below = significand * middle + ((significand * low) >> 32)
    above = significand * high + (below >> 32)
    k = (above >> 30) & 3
    rest = ((above & 0x3FFFFFFF) << 32) | (below & 0xFFFFFFFF)
    if rest >= 0x2000000000000000:
        k += 1
        rest -= 0x4000000000000000
    nearest = real(rest)
    beyond = real(rest - int(nearest))
    # pi/2 * 2**-62 in two parts.
    r = fma(beyond, real(3.4061216748705226e-19), nearest * real(-9.478396428567739e-27))
    r = fma(nearest, real(3.4061216748705226e-19), r)
    if x < real(0.0):
        k, r = -k, -r
    return real(k), (x - x if exponent == 255 else r)


def word_of_two_over_pi(index: int) -> int:
    """Word ``index`` of the bits of 2/pi, after a word of zeros; a choice, not a table in memory."""
    early = 0 if index == 0 else (0xA2F9836E if index == 1 else 0x4E441529)
    late = 0xDB629599 if index == 5 else (0x3C439041 if index == 6 else 0xFE5163AB)
    middle = 0xFC2757D1 if index == 3 else 0xF534DDC0
    return early if index < 3 else (middle if index < 5 else late)


def sin_near_zero(r: float) -> float:
    """sin(r) for abs(r) up to pi/4: an odd minimax polynomial, relative error 2**-27."""
    z = r * r
    p = fma(z, real(-0.00019518237), real(0.008332189))
    p = fma(z, p, real(-0.16666655))
    return fma(r * z, p, r)


def cos_near_zero(r: float) -> float:
    """cos(r) for abs(r) up to pi/4: an even minimax polynomial, relative error 2**-33."""
    z = r * r
    p = fma(z, real(2.4432537e-05), real(-0.0013887311))
    p = fma(z, p, real(0.041666646))
    p = fma(z, p, real(-0.5))
    return fma(z, p, real(1.0))
