"""The interpreter's and the oracle's cells of the statistics."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from actdsl.ops import TABLE

from .oracle import ulps
from .points import CONTEXTUAL

SAMPLE = [1.5, -2.25, 0.5, 7.0, -0.125, 1.5]


@pytest.mark.parametrize("name", CONTEXTUAL)
def test_statistics_agree_with_mpmath(name: str) -> None:
    op = TABLE[name]
    array = np.array(SAMPLE)
    if name == "shift":
        moved = [0.0, 0.0, 1.5, -2.25, 0.5, 7.0]
        assert op.numpy(array, 2).tolist() == moved
        assert op.mpmath(list(map(mp.mpf, SAMPLE)), 2) == moved
        return
    truth = op.mpmath(list(map(mp.mpf, SAMPLE)), "all")
    assert ulps(op.numpy(array, "all").item(), truth) <= 1


@pytest.mark.parametrize("name", [n for n in CONTEXTUAL if n != "shift"])
@pytest.mark.parametrize("where", [0, 3])
def test_statistics_pass_nan_on(name: str, where: int) -> None:
    values = [*SAMPLE]
    values[where] = float("nan")
    assert np.isnan(TABLE[name].numpy(np.array(values), "all")).all()
    assert mp.isnan(TABLE[name].mpmath(list(map(mp.mpf, values)), "all"))


@pytest.mark.parametrize("name", ["mean", "var", "std", "amin", "amax"])
@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4), (5,)])
def test_axes(name: str, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).normal(size=shape)
    reduce = getattr(np, name)
    numpy = TABLE[name].numpy
    spread = [np.broadcast_to(numpy(array, axis), shape) for axis in ("all", "batch", "feature")]
    assert np.array_equal(spread[0], np.full(shape, reduce(array)))
    batch = array if len(shape) > 1 else array[np.newaxis]
    assert np.array_equal(
        spread[1], np.broadcast_to(reduce(batch, axis=0), batch.shape).reshape(shape)
    )
    assert np.array_equal(spread[2], np.stack([reduce(array, axis=-1)] * shape[-1], axis=-1))


@pytest.mark.parametrize("places", [-9, -4, -3, -1, 0, 1, 3, 4, 9])
def test_shift_moves_up_the_last_axis(places: int) -> None:
    array = np.arange(1.0, 9.0).reshape(2, 4)
    moved = TABLE["shift"].numpy(array, places)
    for r in range(2):
        for j in range(4):
            assert moved[r, j] == (array[r, j - places] if 0 <= j - places < 4 else 0.0)
