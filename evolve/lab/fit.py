"""What a trained network makes of one task, along a line through it: for pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .kernel import LabKernel
from .learning_rate import learning_rate
from .network import initial
from .suites import Suite
from .tasks import Task, dataset, stream
from .trainer import predict, train


def fit(
    kernel: LabKernel, suite: Suite, task: Task, u: NDArray[Any], seed: int = 0
) -> NDArray[Any]:
    """Predictions, on the standardised scale, at points u (rows, dimension) of the unit cube.

    The network is the one that an evaluation trains for the task and seed; where training
    diverges, the predictions are NaN.
    """
    recipe = suite.recipe
    data = dataset(task, seed, suite.sizes, kernel.dtype)
    theta = initial(stream(task, seed, "initial"), task.dimension, recipe, kernel)
    rate = learning_rate(kernel, recipe, suite.sizes)
    if not train(kernel, recipe, rate, theta, data.x_train, data.y_train):
        return np.full(len(u), np.nan)
    return predict(kernel, recipe, theta, task.shift.seen(u).astype(kernel.dtype))
