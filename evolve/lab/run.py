"""One run: a network of one task and seed, trained and measured."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .kernel import LabKernel
from .network import initial
from .recipe import Recipe
from .tasks import Sizes, Task, dataset, stream
from .trainer import predict, train

cached_dataset = lru_cache(maxsize=1024)(dataset)  # the same for every candidate


def run(
    kernel: LabKernel, recipe: Recipe, sizes: Sizes, learning_rate: float, task: Task, seed: int
) -> tuple[float, float]:
    """Losses in distribution and out of it; NaN if training diverged, perhaps infinite if not.

    A loss is the mean squared error on standardised targets, summed in float64.
    """
    data = cached_dataset(task, seed, sizes, kernel.dtype)
    theta = initial(stream(task, seed, "initial"), task.dimension, recipe, kernel)
    if not train(kernel, recipe, learning_rate, theta, data.x_train, data.y_train):
        return np.nan, np.nan
    return (
        _mean_squared_error(predict(kernel, recipe, theta, data.x_valid), data.y_valid),
        _mean_squared_error(predict(kernel, recipe, theta, data.x_ood), data.y_ood),
    )


def _mean_squared_error(prediction: NDArray[Any], target: NDArray[Any]) -> float:
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.mean((prediction.astype(np.float64) - target) ** 2))
