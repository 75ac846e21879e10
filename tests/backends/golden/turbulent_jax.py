"""turbulent: an activation function, compiled by actdsl 0.1.0 for jax.

Batch statistics in the activation, mined by a language model. It won the micro-lab and
failed in the field: what it learns is the batch. The base is not public; sign(x) *
log1p(0.5 * abs(x)) stands in for it.

    activation turbulent(x):
        let base = sign(x) * log1p(0.5 * abs(x))
        let z = (x - mean(x)) / (std(x) + 1e-6)
        return base + 0.2 * exp(-z**2 / 2) * sin(2 * x)

Cost per element: 60 FLOPs, 3 transcendental, 16 bytes moved in float32.
Canonical hash: b05b119024641281
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import math
from collections.abc import Callable, Sequence
from typing import Any


Formula = Callable[..., "tuple[Any, ...]"]


def working(array: Any) -> Any:
    """The array in the type that it is computed in.

    Halves are computed in float32. On a CPU float32 is computed in float64 where JAX has it (with
    ``jax_enable_x64``), and rounded once; without it, functions with a steep tail lose a few ulp.
    """
    dtype = jnp.result_type(array)
    if dtype in (jnp.float16, jnp.bfloat16):
        return jnp.asarray(array, jnp.float32)
    if dtype == jnp.float32 and _has_float64() and jax.default_backend() == "cpu":
        return jnp.asarray(array, jnp.float64)
    if dtype in (jnp.float32, jnp.float64):
        return jnp.asarray(array)
    raise TypeError(
        f"{dtype} is not supported: use float16, bfloat16, float32 or float64, "
        "for example x.astype(jnp.float32)"
    )


def _has_float64() -> bool:
    """Whether ``jax_enable_x64`` is on: float64 then stays float64."""
    return bool(jax.dtypes.canonicalize_dtype(jnp.float64) == jnp.float64)


def pointwise(forward: Formula, slopes: Formula, curvatures: Formula) -> Callable[..., Any]:
    """A function from formulas for its value, its first and its second partial derivatives.

    ``slopes`` gives one value per argument, ``curvatures`` one per pair of arguments, row by row.
    Forward and reverse mode, ``vmap`` and ``jit`` work; third derivatives are JAX's own.
    """

    @jax.custom_jvp
    def value(*args: Any) -> Any:
        return _apply(forward, args, args[0])[0]

    @jax.custom_jvp
    def slope(*args: Any) -> tuple[Any, ...]:
        return _apply(slopes, args, args[0])

    @value.defjvp
    def value_jvp(args: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
        return value(*args), _linear(slope(*args), tangents)

    @slope.defjvp
    def slope_jvp(args: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
        seconds, count = _apply(curvatures, args, args[0]), len(args)
        rows = [seconds[k * count : (k + 1) * count] for k in range(count)]
        return slope(*args), tuple(_linear(row, tangents) for row in rows)

    return value


def contextual(
    forward: Formula, backward: Formula, second: Formula, inputs: int
) -> Callable[..., Any]:
    """A function whose elements depend on each other: reverse mode, twice; ``vmap`` and ``jit``.

    The formulas are those of the torch target: see :func:`differentiable` there.
    """

    @jax.custom_vjp
    def pull(*args: Any) -> tuple[Any, ...]:
        return _reduced(backward, args, args[1:], inputs)

    def pull_twice(saved: Sequence[Any], flows: Sequence[Any]) -> tuple[Any, ...]:
        grad, *args = saved
        read = (*flows[:inputs], grad, *args[:inputs], *flows[inputs:], *args[inputs:])
        return _reduced(second, read, saved, inputs + 1)

    pull.defvjp(lambda *args: (pull(*args), args), pull_twice)

    @jax.custom_vjp
    def value(*args: Any) -> Any:
        return _apply(forward, args, args[0])[0]

    value.defvjp(lambda *args: (value(*args), args), lambda saved, grad: pull(grad, *saved))
    return value


def mean(array: Any, axis: str) -> Any:
    """Mean over ``all``, ``batch`` or ``feature``, in a shape that broadcasts."""
    return _over(jnp.mean, array, axis)


def amin(array: Any, axis: str) -> Any:
    """Least value, in a shape that broadcasts."""
    return _over(jnp.min, array, axis)


def amax(array: Any, axis: str) -> Any:
    """Greatest value, in a shape that broadcasts."""
    return _over(jnp.max, array, axis)


def shift(array: Any, places: int) -> Any:
    """The array moved up its last axis, zeros coming in."""
    width = array.shape[-1]
    if abs(places) >= width:
        return jnp.zeros_like(array)
    kept = array[..., max(-places, 0) : width - max(places, 0)]
    edges = [(0, 0)] * (array.ndim - 1) + [(max(places, 0), max(-places, 0))]
    return jnp.pad(kept, edges)


def _over(reduce: Callable[..., Any], array: Any, axis: str) -> Any:
    if jnp.ndim(array) == 0 or (axis == "batch" and jnp.ndim(array) < 2):
        return array
    return reduce(array, axis={"all": None, "batch": 0, "feature": -1}[axis], keepdims=True)


def _linear(slopes: Sequence[Any], tangents: Sequence[Any]) -> Any:
    total = slopes[0] * tangents[0].astype(slopes[0].dtype)
    for slope, tangent in zip(slopes[1:], tangents[1:], strict=True):
        total = total + slope * tangent.astype(slope.dtype)
    return total


def _apply(formula: Formula, args: Sequence[Any], like: Any) -> tuple[Any, ...]:
    shape = jnp.shape(like)
    values = formula(*(working(_aligned(a, shape)) for a in args))
    return tuple(jnp.broadcast_to(v, shape).astype(like.dtype) for v in values)


def _aligned(arg: Any, shape: tuple[int, ...]) -> Any:
    """A parameter per channel with the rank of the input, so that statistics see its last axis."""
    if jnp.ndim(arg) == 1 and len(shape) > 1:
        return jnp.reshape(arg, (1,) * (len(shape) - 1) + (-1,))
    return arg


def _reduced(
    formula: Formula, read: Sequence[Any], like: Sequence[Any], elementwise: int
) -> tuple[Any, ...]:
    values = _apply(formula, read, like[0])
    return tuple(
        v if i < elementwise else _summed(v, target)
        for i, (v, target) in enumerate(zip(values, like, strict=True))
    )


def _summed(value: Any, param: Any) -> Any:
    if jnp.ndim(param) == 0:
        return value.sum()
    return value.reshape(-1, value.shape[-1]).sum(0)


def _forward(x):
    t0 = x - mean(x, 'all')
    t1 = mean(t0 * t0, 'all')
    t2 = t0 * (1.0 / (1e-06 + jnp.where((t1 > 0.0), jnp.sqrt(t1), t1)))
    t3 = jnp.sign(x) * jnp.log1p(0.5 * jnp.abs(x)) + 0.2 * (jnp.sin(2.0 * x) * jnp.exp(-0.5 * (t2 * t2)))
    return (t3,)


def _backward(grad, x):
    t0 = jnp.sign(x)
    t1 = x - mean(x, 'all')
    t2 = mean(t1 * t1, 'all')
    t3 = (t2 > 0.0)
    t4 = jnp.sqrt(t2)
    t5 = 1.0 / (1e-06 + jnp.where(t3, t4, t2))
    t6 = t1 * t5
    t7 = jnp.exp(-0.5 * (t6 * t6))
    t8 = 2.0 * x
    t9 = jnp.sin(t8)
    t10 = t6 * t5
    t11 = 0.5 * (t0 * (1.0 / (1.0 + 0.5 * jnp.abs(x)) * t0)) + 0.2 * (2.0 * (t7 * jnp.cos(t8)) + -0.5 * (t9 * (t7 * (t10 + t10))))
    t12 = t6 * (-t6 * t5 * jnp.where(t3, 0.5 * (1.0 / t4), 1.0))
    t13 = t11 * grad + (t1 + t1) * mean(-0.1 * (grad * (t9 * (t7 * (t12 + t12)))), 'all')
    t14 = t6 * -t5
    return (t13 + mean(-0.1 * (grad * (t9 * (t7 * (t14 + t14)))), 'all'),)


def _second(grad_grad_x, grad, x):
    t0 = jnp.sign(x)
    t1 = 1.0 / (1.0 + 0.5 * jnp.abs(x))
    t2 = x - mean(x, 'all')
    t3 = mean(t2 * t2, 'all')
    t4 = (t3 > 0.0)
    t5 = jnp.sqrt(t3)
    t6 = 1.0 / (1e-06 + jnp.where(t4, t5, t3))
    t7 = t2 * t6
    t8 = jnp.exp(-0.5 * (t7 * t7))
    t9 = 2.0 * x
    t10 = jnp.cos(t9)
    t11 = jnp.sin(t9)
    t12 = t7 * t6
    t13 = t12 + t12
    t14 = t8 * t13
    t15 = (0.5 * (t0 * (t1 * t0)) + 0.2 * (2.0 * (t8 * t10) + -0.5 * (t11 * t14))) * grad_grad_x
    t16 = mean(grad_grad_x, 'all')
    t17 = t7 * -t6
    t18 = t17 + t17
    t19 = t8 * t18
    t20 = t2 + t2
    t21 = mean(t20 * grad_grad_x, 'all')
    t22 = -t7 * t6
    t23 = 1.0 / t5
    t24 = 0.5 * t23
    t25 = jnp.where(t4, t24, 1.0)
    t26 = t22 * t25
    t27 = t7 * t26
    t28 = t27 + t27
    t29 = t8 * t28
    t30 = t11 * t29
    t31 = t6 * t6
    t32 = t8 * (t31 + t31)
    t33 = 2.0 * (-0.5 * (t10 * t14) + 2.0 * (t8 * -t11)) + -0.5 * (2.0 * (t14 * t10) + t11 * (-0.5 * (t13 * t14) + t32))
    t34 = 2.0 * mean(-0.1 * (grad * t30), 'all')
    t35 = (grad * (0.25 * (t0 * (t0 * (-t1 * t1 * t0))) + 0.2 * t33) + t34) * grad_grad_x
    t36 = -t6 * t6
    t37 = grad * (2.0 * (t19 * t10) + t11 * (-0.5 * (t18 * t14) + t8 * (t36 + t36)))
    t38 = t6 * -t6
    t39 = t26 * t6 + t7 * (t25 * t38)
    t40 = grad * (2.0 * (t29 * t10) + t11 * (-0.5 * (t28 * t14) + t8 * (t39 + t39)))
    t41 = t36 * t25
    t42 = t6 * t26 + t7 * t41
    t43 = grad * (-0.5 * (t11 * (-0.5 * (t13 * t29) + t8 * (t42 + t42))) - t10 * t29)
    t44 = -t6 * t26 + t7 * -t41
    t45 = 0.2 * (grad_grad_x * t43) + -0.1 * (t16 * (grad * (t11 * (-0.5 * (t18 * t29) + t8 * (t44 + t44)))))
    t46 = t25 * (t6 * -t26 + -t22 * t6 * t25) + t22 * jnp.where(t4, -t24 * t23 * t24, 0.0)
    t47 = t26 * t26 + t7 * t46
    t48 = t45 + -0.1 * (t21 * (grad * (t11 * (-0.5 * (t28 * t29) + t8 * (t47 + t47)))))
    t49 = t35 + (-0.1 * t37 + -t34) * t16 + -0.1 * (t21 * t40) + t20 * mean(t48, 'all')
    t50 = grad * (-0.5 * (t11 * (-0.5 * (t13 * t19) + t8 * (t38 + t38))) - t10 * t19)
    t51 = t26 * -t6 + t7 * (t25 * t31)
    t52 = (0.2 * t50 + -t34) * grad_grad_x + -0.1 * (t21 * (grad * (t11 * (-0.5 * (t28 * t19) + t8 * (t51 + t51)))))
    t53 = t16 * mean(-0.1 * (grad * (t11 * (-0.5 * (t18 * t19) + t32))) + t34, 'all')
    return (t15 + -0.1 * (t16 * (t11 * t19)) + -0.1 * (t21 * t30), t49 + (mean(t52, 'all') + t53))


_activation = contextual(_forward, _backward, _second, inputs=1)


def turbulent(x):
    """turbulent of arrays of one shape."""
    x = jnp.asarray(x)
    return _activation(x)
