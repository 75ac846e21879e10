"""swiglu: an activation function, compiled by actdsl 0.1.0 for jax.

A gated unit (Shazeer, 2020): one half of a layer's output, gated by the swish of the other.

    activation swiglu(x, gate):
        return x * silu(gate)

Cost per element: 17 FLOPs, 1 transcendental, 12 bytes moved in float32.
Canonical hash: f15ada3d2deea64c
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


def _forward(x, gate):
    return (x * (gate * jax.nn.sigmoid(gate)),)


def _slopes(x, gate):
    t0 = jax.nn.sigmoid(gate)
    return (gate * t0, x * (t0 + gate * (jax.nn.sigmoid(gate) * jax.nn.sigmoid(-gate))))


def _curvatures(x, gate):
    t0 = (jax.nn.sigmoid(gate) * jax.nn.sigmoid(-gate))
    return (0.0, jax.nn.sigmoid(gate) + gate * t0, jax.nn.sigmoid(gate) + gate * t0, x * (t0 + (t0 + gate * -(jnp.tanh(0.5 * gate) * t0))))


_activation = pointwise(_forward, _slopes, _curvatures)


def swiglu(x, gate):
    """swiglu of arrays of one shape."""
    x, gate = jnp.asarray(x), jnp.asarray(gate)
    return _activation(x, gate)
