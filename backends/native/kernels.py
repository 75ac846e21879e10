"""The kernels of one program, each compiled when it is first needed."""

from __future__ import annotations

from actdsl.backends.native.launch import Launcher, work
from actdsl.backends.schedule import Kernel, joint, schedule
from actdsl.program import Kind, Program

_WORTH_SAVING = 24
"""Weighted FLOPs of a backward pass that are worth another tensor: memory that is fresh costs much."""


class Kernels:
    """Launchers by kernel and type of element.

    Attributes:
        saves_slopes: whether the forward pass of training also writes the derivative in each
            input, in one pass that shares work, so that the backward pass is products. Done where
            the derivative costs more than the memory traffic.
    """

    def __init__(self, program: Program) -> None:
        plan = schedule(program)
        self.program, self.key = program, plan.key
        self._kernels: dict[str, Kernel] = {k.name: k for k in plan.kernels}
        self._launchers: dict[tuple[str, str], Launcher] = {}
        self.saves_slopes = (
            program.kind is Kind.POINTWISE
            and not program.params
            and work(plan.backward) > _WORTH_SAVING * len(program.inputs)
        )
        if self.saves_slopes:
            self._kernels["joint"] = joint(program)

    def kernel(self, name: str) -> Kernel:
        """``forward``, ``backward``, ``second``, or ``joint`` where slopes are saved."""
        return self._kernels[name]

    def launcher(self, name: str, dtype: str) -> Launcher:
        """A kernel for one type of element."""
        found = self._launchers.get((name, dtype))
        if found is None:
            found = self._launchers[name, dtype] = Launcher(self._kernels[name], dtype)
        return found
