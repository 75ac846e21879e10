"""The errors that ``actdsl show`` states: small where kernels are right, and seen where they are not."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest

import actdsl
from actdsl.backends import accuracy
from actdsl.backends.native.arithmetic import in_single
from actdsl.backends.schedule import Schedule
from actdsl.program import Kind

POINTWISE = sorted(n for n, a in actdsl.zoo.items() if a.kind is Kind.POINTWISE)


@pytest.mark.parametrize("name", POINTWISE)
def test_every_kernel_of_the_zoo_is_accurate(name: str) -> None:
    program = actdsl.zoo[name]
    value, *slopes = accuracy.errors(program)
    assert [e.of for e in (value, *slopes)] == ["value", *(f"d/d{x}" for x in program.inputs)]
    plan = Schedule(program)
    for kernel, found in ((plan.forward, [value]), (plan.backward, slopes)):
        bound = 4.0 if in_single(kernel, "float32") else 0.6
        assert all(error.ulp <= bound for error in found), found


def test_a_wrong_kernel_is_found_out() -> None:
    def kernel(x: np.ndarray) -> np.ndarray:
        y = np.tanh(x.astype(float)).astype(np.float32)
        return np.where(x == x.max(), np.nextafter(y, np.float32(2.0)), y)

    def gradient(flow: np.ndarray, x: np.ndarray) -> list[np.ndarray]:
        return [np.full_like(x, np.nan)]

    wrong = mock.Mock(side_effect=kernel, gradient=gradient)
    with mock.patch.object(accuracy, "function", return_value=wrong):
        value, slope = accuracy.errors(actdsl.zoo["tanh"])
    assert 0.9 < value.ulp < 1.6
    assert value.at[0] == pytest.approx(20.0137)
    assert slope.ulp == np.inf


def test_statistics_have_no_error_at_a_point() -> None:
    with pytest.raises(ValueError, match="turbulent is contextual"):
        accuracy.errors(actdsl.zoo["turbulent"])
