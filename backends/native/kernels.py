"""The kernels of one program, each compiled when it is first needed."""

from __future__ import annotations

from dataclasses import replace

from actdsl.backends.native.launch import Launcher
from actdsl.backends.schedule import Kernel, Schedule, saving
from actdsl.program import Program

_WORTH_SAVING = 24
"""Weighted FLOPs of a backward pass that are worth another tensor: memory that is fresh costs much."""


class Kernels:
    """Launchers by kernel and type of element.

    Attributes:
        saves: whether training runs ``joint`` and ``pullback`` instead of ``forward`` and
            ``backward``, because there are slopes worth saving or statistics to hand on.
        slopes: how many are saved.
        reread: which of the program's inputs ``pullback`` reads beside them.
    """

    def __init__(self, program: Program, fast: bool = False) -> None:
        """``fast``: compute float32 and halves in float32 even where that costs accuracy."""
        self._plan, self._fast = Schedule(program), fast
        self.program = program
        self.key = f"{self._plan.key}_fast" if fast else self._plan.key
        self._launchers: dict[tuple[str, str], Launcher] = {}
        joint, pullback = saving(program, _WORTH_SAVING)
        self._saving = {"joint": joint, "pullback": pullback}
        self.slopes = len(joint.outputs) - 1
        self.saves = bool(self.slopes or joint.found)
        self.reread = [k for k, name in enumerate(program.inputs) if name in pullback.inputs]

    def kernel(self, name: str) -> Kernel:
        """``forward``, ``backward``, ``second``; where it ``saves``, ``joint`` and ``pullback``."""
        found: Kernel = self._saving.get(name) or getattr(self._plan, name)
        return replace(found, fast=True) if self._fast else found

    def launcher(self, name: str, dtype: str) -> Launcher:
        """A kernel for one type of element."""
        found = self._launchers.get((name, dtype))
        if found is None:
            found = self._launchers[name, dtype] = Launcher(self.kernel(name), dtype)
        return found
