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
    t1 = mean(x, 'all')
    t2 = x - t1
    t3 = mean(t2 * t2, 'all')
    t4 = (t3 > 0.0)
    t5 = jnp.sqrt(t3)
    t6 = 1.0 / (1e-06 + jnp.where(t4, t5, t3))
    t7 = t2 * t6
    t8 = jnp.exp(-0.5 * (t7 * t7))
    t9 = 2.0 * x
    t10 = jnp.sin(t9)
    t11 = t7 * t6
    t12 = 0.5 * (t0 * (1.0 / (1.0 + 0.5 * jnp.abs(x)) * t0)) + 0.2 * (2.0 * (t8 * jnp.cos(t9)) + -0.5 * (t10 * (t8 * (t11 + t11))))
    t13 = t7 * (-t7 * t6 * jnp.where(t4, 0.5 * (1.0 / t5), 1.0))
    t14 = mean(-0.1 * (grad * (t10 * (t8 * (t13 + t13)))), 'all')
    t15 = t7 * -t6
    t16 = mean(-0.1 * (grad * (t10 * (t8 * (t15 + t15)))) + (t1 - x - t2) * t14, 'all')
    return (t12 * grad + (t2 + t2) * t14 + t16,)


def _second(grad_grad_x, grad, x):
    t0 = jnp.sign(x)
    t1 = 1.0 / (1.0 + 0.5 * jnp.abs(x))
    t2 = mean(x, 'all')
    t3 = x - t2
    t4 = mean(t3 * t3, 'all')
    t5 = (t4 > 0.0)
    t6 = jnp.sqrt(t4)
    t7 = 1.0 / (1e-06 + jnp.where(t5, t6, t4))
    t8 = t3 * t7
    t9 = jnp.exp(-0.5 * (t8 * t8))
    t10 = 2.0 * x
    t11 = jnp.cos(t10)
    t12 = jnp.sin(t10)
    t13 = t8 * t7
    t14 = t13 + t13
    t15 = t9 * t14
    t16 = (0.5 * (t0 * (t1 * t0)) + 0.2 * (2.0 * (t9 * t11) + -0.5 * (t12 * t15))) * grad_grad_x
    t17 = mean(grad_grad_x, 'all')
    t18 = t8 * -t7
    t19 = t18 + t18
    t20 = t9 * t19
    t21 = t3 + t3
    t22 = t2 - x - t3
    t23 = mean(t21 * grad_grad_x + t22 * t17, 'all')
    t24 = -t8 * t7
    t25 = 1.0 / t6
    t26 = 0.5 * t25
    t27 = jnp.where(t5, t26, 1.0)
    t28 = t24 * t27
    t29 = t8 * t28
    t30 = t29 + t29
    t31 = t9 * t30
    t32 = t12 * t31
    t33 = t7 * t7
    t34 = t9 * (t33 + t33)
    t35 = 2.0 * (-0.5 * (t11 * t15) + 2.0 * (t9 * -t12)) + -0.5 * (2.0 * (t15 * t11) + t12 * (-0.5 * (t14 * t15) + t34))
    t36 = 2.0 * mean(-0.1 * (grad * t32), 'all')
    t37 = (grad * (0.25 * (t0 * (t0 * (-t1 * t1 * t0))) + 0.2 * t35) + t36) * grad_grad_x
    t38 = -t7 * t7
    t39 = grad * (2.0 * (t20 * t11) + t12 * (-0.5 * (t19 * t15) + t9 * (t38 + t38)))
    t40 = t7 * -t7
    t41 = t28 * t7 + t8 * (t27 * t40)
    t42 = grad * (2.0 * (t31 * t11) + t12 * (-0.5 * (t30 * t15) + t9 * (t41 + t41)))
    t43 = t38 * t27
    t44 = t7 * t28 + t8 * t43
    t45 = grad * (-0.5 * (t12 * (-0.5 * (t14 * t31) + t9 * (t44 + t44))) - t11 * t31)
    t46 = -t7 * t28 + t8 * -t43
    t47 = 0.2 * (grad_grad_x * t45) + -0.1 * (t17 * (grad * (t12 * (-0.5 * (t19 * t31) + t9 * (t46 + t46)))))
    t48 = t27 * (t7 * -t28 + -t24 * t7 * t27) + t24 * jnp.where(t5, -t26 * t25 * t26, 0.0)
    t49 = t28 * t28 + t8 * t48
    t50 = t47 + -0.1 * (t23 * (grad * (t12 * (-0.5 * (t30 * t31) + t9 * (t49 + t49)))))
    t51 = mean(t50, 'all')
    t52 = grad * (-0.5 * (t12 * (-0.5 * (t14 * t20) + t9 * (t40 + t40))) - t11 * t20)
    t53 = (0.2 * t52 + -t36) * grad_grad_x + (-0.1 * (grad * (t12 * (-0.5 * (t19 * t20) + t34))) + t36) * t17
    t54 = t28 * -t7 + t8 * (t27 * t33)
    t55 = t53 + -0.1 * (t23 * (grad * (t12 * (-0.5 * (t30 * t20) + t9 * (t54 + t54)))))
    t56 = t37 + (-0.1 * t39 + -t36) * t17 + -0.1 * (t23 * t42) + t21 * t51 + mean(t55 + t22 * t51, 'all')
    return (t16 + -0.1 * (t17 * (t12 * t20)) + -0.1 * (t23 * t32), t56)


_activation = contextual(_forward, _backward, _second, inputs=1)


def turbulent(x):
    """turbulent of arrays of one shape."""
    x = jnp.asarray(x)
    return _activation(x)
