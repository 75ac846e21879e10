"""Adam and its cosine as tensor operations: a learning rate for each member, no number from Python.

A CUDA graph replays what was captured, so whatever changes from step to step is read from a table
on the device, at a place that the device counts itself.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ..adam import BETA1, BETA2, EPSILON


class Adam:
    """Updates of the rows of ``theta`` (members, numbers) by those of ``gradient``, in place."""

    def __init__(
        self, theta: Tensor, gradient: Tensor, learning_rates: Sequence[float], steps: int
    ) -> None:
        self._theta, self._gradient = theta, gradient
        self._first, self._second = torch.zeros_like(theta), torch.zeros_like(theta)
        self._rates = torch.tensor(learning_rates, dtype=torch.float64, device=theta.device)
        step = np.arange(steps)
        falling = (1 + np.cos(np.pi * step / steps)) / 2 / (1 - BETA1 ** (step + 1))
        unbias = 1 / np.sqrt(1 - BETA2 ** (step + 1))
        self._table = torch.tensor(np.array([falling, unbias]), device=theta.device)
        self._step = torch.zeros(1, dtype=torch.int64, device=theta.device)

    def start(self) -> None:
        """Back to before the first step."""
        for state in (self._first, self._second, self._step):
            state.zero_()

    def update(self) -> None:
        """One step."""
        falling, unbias = self._table.index_select(1, self._step)
        rates = (self._rates * falling).to(self._theta.dtype).unsqueeze(1)
        self._first.mul_(BETA1).add_(self._gradient, alpha=1 - BETA1)
        self._second.mul_(BETA2).addcmul_(self._gradient, self._gradient, value=1 - BETA2)
        size = self._second.sqrt().mul_(unbias.to(self._theta.dtype)).add_(EPSILON)
        self._theta.sub_(torch.div(self._first, size).mul_(rates))
        self._step.add_(1)
