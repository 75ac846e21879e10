"""Rows for exponentials and logarithms."""

from __future__ import annotations

import mpmath as mp
import numpy as np

from actdsl.ops.functions import exp, sigmoid
from actdsl.ops.row import ONE_REAL, Family, Hazard, Op, by_sympy

_FAMILY = Family.EXPONENTIAL
_LN2 = 0.6931471805599453

ROWS = (
    Op(
        name="exp", family=_FAMILY, doc="e to the x.", operands=ONE_REAL, cost=10,
        transcendental=True, partials=lambda a, y: (y,),
        numpy=np.exp, mpmath=mp.exp, sympy=by_sympy("exp"),
        torch="torch.exp({0})", numba="exp({0})", cuda="math.exp({0})", jax="jnp.exp({0})",
        latex=r"e^{{{0}}}",
    ),
    Op(
        name="exp2", family=_FAMILY, doc="2 to the x.", operands=ONE_REAL, cost=9,
        transcendental=True, partials=lambda a, y: (_LN2 * y,),
        numpy=np.exp2, mpmath=lambda a: mp.power(2, a), sympy=lambda a: 2**a,
        torch="torch.exp2({0})", numba="exp2({0})", cuda="math.exp2({0})", jax="jnp.exp2({0})",
        latex=r"2^{{{0}}}",
    ),
    Op(
        name="expm1", family=_FAMILY, doc="exp(x) - 1, accurate near 0.", operands=ONE_REAL,
        cost=12, transcendental=True, partials=lambda a, y: (exp(a),),
        numpy=np.expm1, mpmath=mp.expm1,
        torch="torch.expm1({0})", numba="expm1({0})", cuda="math.expm1({0})", jax="jnp.expm1({0})",
        latex=r"\left(e^{{{0}}} - 1\right)",
    ),
    Op(
        name="log", family=_FAMILY, doc="Natural logarithm.", operands=ONE_REAL, cost=10,
        transcendental=True, partials=lambda a, y: (1.0 / a,),
        hazard=Hazard("logarithm of zero or less", lambda a: a <= 0),
        numpy=np.log, mpmath=lambda a: _log(a), sympy=by_sympy("log"),
        torch="torch.log({0})", numba="log({0})", cuda="math.log({0})", jax="jnp.log({0})",
        latex=r"\ln\left({0}\right)",
    ),
    Op(
        name="log2", family=_FAMILY, doc="Logarithm to base 2.", operands=ONE_REAL, cost=10,
        transcendental=True, partials=lambda a, y: (1.0 / (_LN2 * a),),
        hazard=Hazard("logarithm of zero or less", lambda a: a <= 0),
        numpy=np.log2, mpmath=lambda a: _log(a) / mp.ln2, sympy=lambda a: by_sympy("log")(a, 2),
        torch="torch.log2({0})", numba="log2({0})", cuda="math.log2({0})", jax="jnp.log2({0})",
        latex=r"\log_2\left({0}\right)",
    ),
    Op(
        name="log1p", family=_FAMILY, doc="log(1 + x), accurate near 0.", operands=ONE_REAL,
        cost=12, transcendental=True, partials=lambda a, y: (1.0 / (1.0 + a),),
        hazard=Hazard("log1p of -1 or less", lambda a: a <= -1),
        numpy=np.log1p, mpmath=lambda a: -mp.inf if a == -1 else mp.log1p(a),
        torch="torch.log1p({0})", numba="log1p({0})", cuda="math.log1p({0})", jax="jnp.log1p({0})",
        latex=r"\ln\left(1 + {0}\right)",
    ),
    Op(
        name="softplus", family=_FAMILY, doc="log(1 + exp(x)), without overflow.",
        operands=ONE_REAL, cost=22, transcendental=True, partials=lambda a, y: (sigmoid(a),),
        numpy=lambda a: np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a))),
        mpmath=lambda a: mp.log1p(mp.exp(a)) if a < 0 else a + mp.log1p(mp.exp(-a)),
        torch="(torch.clamp({0}, min=0.0) + torch.log1p(torch.exp(-torch.abs({0}))))",
        numba="softplus({0})", cuda="softplus({0})",
        jax="(jnp.maximum({0}, 0.0) + jnp.log1p(jnp.exp(-jnp.abs({0}))))",
        latex=r"\ln\left(1 + e^{{{0}}}\right)",
    ),
)  # fmt: skip


def _log(a: mp.mpf) -> mp.mpf:
    return -mp.inf if a == 0 else mp.log(a)
