"""The networks of a population as one: forward and backward on tensors that stay where they are."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from actdsl.backends.population import Tensors, calls

from ..kernel import LabKernel
from ..network import Weights


class Network:
    """Members' networks, (members, rows, width) everywhere between inputs and outputs.

    Args:
        kernels: the activations.
        kinds: each member's, by index.
        weights: views of the flat weights (members, numbers), as ``network.split`` gives them.
        gradient: views of where their gradients go.
        x: inputs (members, rows, dimension).
    """

    def __init__(
        self,
        kernels: Sequence[LabKernel],
        kinds: Sequence[int],
        weights: Weights,
        gradient: Weights,
        x: Tensor,
    ) -> None:
        self._weights, self._gradient, self._x = weights, gradient, x
        width = weights.b1.shape[1]

        def matrices(columns: int) -> Tensor:
            return torch.empty((*x.shape[:2], columns), dtype=x.dtype, device=x.device)

        self._z1, self._h1, self._z2, self._h2, self._dh, self._dz = (
            matrices(width) for _ in range(6)
        )
        self.y = matrices(1)
        layers = [kernel.layer for kernel in kernels]
        backward = self._dh, self._dz
        own = Tensors(self._z1, weights.a1, self._h1, *backward, gradient.a1)
        self._first = calls(layers, kinds, own)
        own = Tensors(self._z2, weights.a2, self._h2, *backward, gradient.a2)
        self._second = calls(layers, kinds, own)

    def forward(self) -> None:
        """Write the outputs ``y``, of shape (members, rows, 1)."""
        w1, b1, w2, b2, w3, b3, _, _ = self._weights
        torch.baddbmm(b1.unsqueeze(1), self._x, w1, out=self._z1)
        self._first.forward()
        torch.baddbmm(b2.unsqueeze(1), self._h1, w2, out=self._z2)
        self._second.forward()
        torch.baddbmm(b3.unsqueeze(1), self._h2, w3.mT, out=self.y)

    def backward(self, dy: Tensor) -> None:
        """Write the gradient of all weights, from that of the outputs, after ``forward``."""
        _, _, w2, _, w3, _, _, _ = self._weights
        dw1, db1, dw2, db2, dw3, db3, _, _ = self._gradient
        torch.sum(dy, 1, out=db3)
        torch.bmm(dy.mT, self._h2, out=dw3)
        torch.bmm(dy, w3, out=self._dh)
        self._second.backward()
        torch.bmm(self._h1.mT, self._dz, out=dw2)
        torch.sum(self._dz, 1, out=db2)
        torch.bmm(self._dz, w2.mT, out=self._dh)
        self._first.backward()
        torch.bmm(self._x.mT, self._dz, out=dw1)
        torch.sum(self._dz, 1, out=db1)
