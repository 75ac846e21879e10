"""Rows for comparisons, logic and the choice that rests on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from actdsl.ir import BOOL, REAL
from actdsl.ops.row import TWO_REALS, Family, Op, by_sympy

_FAMILY = Family.COMPARISON


def _comparison(
    name: str, symbol: str, doc: str, latex: str,
    numpy: Callable[..., Any], exact: Callable[..., Any], sympy_view: Callable[..., Any],
) -> Op:  # fmt: skip
    infix = f"({{0}} {symbol} {{1}})"
    return Op(
        name=name, symbol=symbol, family=_FAMILY, doc=doc, operands=TWO_REALS, result=BOOL,
        cost=1, partials=None, numpy=numpy, mpmath=exact, sympy=sympy_view,
        torch=infix, numba=infix, cuda=infix, jax=infix, latex=f"{{0}} {latex} {{1}}",
    )  # fmt: skip


ROWS = (
    _comparison("lt", "<", "Less than.", "<", np.less, lambda a, b: a < b, by_sympy("StrictLessThan")),
    _comparison("le", "<=", "At most.", r"\leq", np.less_equal, lambda a, b: a <= b, by_sympy("LessThan")),
    _comparison("gt", ">", "More than.", ">", np.greater, lambda a, b: a > b,
                by_sympy("StrictGreaterThan")),
    _comparison("ge", ">=", "At least.", r"\geq", np.greater_equal, lambda a, b: a >= b,
                by_sympy("GreaterThan")),
    _comparison("eq", "==", "Equal.", "=", np.equal, lambda a, b: a == b, by_sympy("Eq")),
    _comparison("ne", "!=", "Different.", r"\neq", np.not_equal, lambda a, b: a != b, by_sympy("Ne")),
    Op(
        name="and", symbol="and", family=_FAMILY, doc="Both hold.", operands=(BOOL, BOOL),
        result=BOOL, cost=1, partials=None,
        numpy=np.logical_and, mpmath=lambda a, b: a and b, sympy=by_sympy("And"),
        torch="({0} & {1})", numba="({0} & {1})", cuda="({0} & {1})", jax="({0} & {1})",
        latex=r"{0} \wedge {1}",
    ),
    Op(
        name="or", symbol="or", family=_FAMILY, doc="At least one holds.", operands=(BOOL, BOOL),
        result=BOOL, cost=1, partials=None,
        numpy=np.logical_or, mpmath=lambda a, b: a or b, sympy=by_sympy("Or"),
        torch="({0} | {1})", numba="({0} | {1})", cuda="({0} | {1})", jax="({0} | {1})",
        latex=r"{0} \vee {1}",
    ),
    Op(
        name="not", symbol="not", family=_FAMILY, doc="Does not hold.", operands=(BOOL,),
        result=BOOL, cost=1, partials=None,
        numpy=np.logical_not, mpmath=lambda a: not a, sympy=by_sympy("Not"),
        torch="torch.logical_not({0})", numba="(not {0})", cuda="(not {0})",
        jax="jnp.logical_not({0})",
        latex=r"\neg {0}",
    ),
    Op(
        name="where", family=_FAMILY, operands=(BOOL, REAL, REAL), cost=1,
        doc="The second argument where the condition holds, else the third. "
        "The branch not taken adds nothing, not even NaN, to value or gradient.",
        partials=None,  # derive.py keeps the choice outermost; a product with 0 would leak NaN
        kinks="wherever the condition changes",
        numpy=np.where, mpmath=lambda c, a, b: a if c else b,
        sympy=lambda c, a, b: by_sympy("Piecewise")((a, c), (b, True)),
        torch="torch.where({0}, {1}, {2})", numba="({1} if {0} else {2})",
        cuda="({1} if {0} else {2})", jax="jnp.where({0}, {1}, {2})",
        latex=r"\begin{{cases}} {1} & {0} \\ {2} & \text{{otherwise}} \end{{cases}}",
    ),
)  # fmt: skip
