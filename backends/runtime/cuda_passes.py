"""Passes over a tensor on a GPU: how kernels are launched, and how threads' results become one.

Sums are made in a fixed order, without atomic operations, so a result is the same in every run on
one device. A thread folds the elements it meets; a block, or the threads that keep to one column,
leave parts; a second kernel folds these.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from actdsl.backends.runtime.cuda_device import cuda, device, kernel
from actdsl.backends.runtime.extents import extents

BLOCK = 256  # threads of a block: a power of two
WAVES = 8
"""How often a launch that leaves no parts may fill the device.

Which kernels fill it with fewer blocks than ``Launcher.most`` depends on their registers: the last
of several short waves then costs little, where the second of two would run half empty.
"""


class Fold(NamedTuple):
    """A reduction that a pass begins.

    Attributes:
        over: what shares one result: ``all``, ``batch``, ``feature``, or ``channel`` for everything
            at one place along the last axis.
        finish: the kernel that folds the parts.
        mean: whether the result is divided by the number of elements.
    """

    over: str
    finish: Any
    mean: bool = False


class Pass(NamedTuple):
    """One launch over the elements of a tensor, and what it leaves to be folded.

    Attributes:
        kernel: takes the arrays known so far, then arrays to write element by element, then one
            array of parts per fold, then, if ``shaped``, batch, middle and features, or, if
            ``vectorised``, the number of vectors that it may read whole.
        written: how many arrays it writes element by element.
        folds: reductions; over ``feature`` they end in the pass itself.
        shaped: whether it needs to know the shape.
        vectorised: whether a thread takes a vector at a time, and single elements only after these.
    """

    kernel: Any
    written: int
    folds: tuple[Fold, ...] = ()
    shaped: bool = False
    vectorised: bool = False


class Launcher(NamedTuple):
    """Where kernels run.

    Attributes:
        least: the fewest blocks that a launch has, used or idle.
        most: how many blocks keep the device busy.
        scratch: makes an uninitialised array of the working type, given its length.
        call: launches ``(kernel, blocks, arguments)``.
    """

    least: int
    most: int
    scratch: Callable[[int], Any]
    call: Callable[[Any, int, Sequence[Any]], None]

    def blocks(self, wanted: int, waves: int = 1) -> int:
        """As many as wanted, within the bounds."""
        return max(self.least, min(wanted, waves * self.most))


def run_passes(
    passes: Sequence[Pass],
    arrays: Sequence[Any],
    outputs: Sequence[Any],
    sums: Sequence[Any],
    shape: Sequence[int],
    launcher: Launcher,
    vectors: int = 0,
) -> None:
    """Fill ``outputs`` (of the shape, flat) and ``sums`` from ``arrays``, pass after pass.

    The last pass writes them; what those before it find is read by all that follow. ``vectors``
    tells how many whole vectors the tensors have, 0 where one of them is not aligned for vectors.
    """
    if vectors < launcher.least * BLOCK:  # single elements then keep more threads busy
        vectors = 0
    known = list(arrays)
    size, groups = math.prod(shape), _groups(shape)
    for step in passes[:-1]:
        written = [launcher.scratch(size) for _ in range(step.written)]
        folded = [launcher.scratch(groups[fold.over]) for fold in step.folds]
        _run_pass(step, known, written, folded, shape, launcher, vectors)
        known += [*written, *folded]
    _run_pass(passes[-1], known, outputs, sums, shape, launcher, vectors)


def _run_pass(
    step: Pass,
    known: Sequence[Any],
    written: Sequence[Any],
    folded: Sequence[Any],
    shape: Sequence[int],
    launcher: Launcher,
    vectors: int,
) -> None:
    size, groups = math.prod(shape), _groups(shape)
    place = extents(shape) if step.shaped else (vectors,) if step.vectorised else ()
    if any(fold.over == "feature" for fold in step.folds):
        blocks = launcher.blocks(groups["feature"])
        launcher.call(step.kernel, blocks, [*known, *written, *folded, *place])
        return
    column_folds = [fold for fold in step.folds if fold.over != "all"]
    columns = max((groups[fold.over] for fold in column_folds), default=1)
    turns = vectors if step.vectorised and vectors else size
    wanted = launcher.blocks(-(-turns // BLOCK), waves=1 if step.folds else WAVES)
    blocks = max(wanted, -(-columns // BLOCK))
    lanes = blocks * BLOCK // columns * columns
    parts = [launcher.scratch(blocks if fold.over == "all" else lanes) for fold in step.folds]
    launcher.call(step.kernel, blocks, [*known, *written, *parts, *place])
    for fold, part, total in zip(step.folds, parts, folded, strict=True):
        members = size // groups[fold.over] if fold.mean else 1
        launcher.call(fold.finish, launcher.blocks(total.size), [part, total, members])


def _groups(shape: Sequence[int]) -> dict[str, int]:
    """How many results a reduction over each axis has."""
    batch, middle, features = extents(shape)
    return {
        "all": 1,
        "batch": middle * features,
        "feature": batch * middle,
        "channel": features,
    }


def folding_in(step: Any) -> Any:
    """A device function that folds one value per thread of a block, and gives all the result.

    It takes memory that they share, for as many values, and which it leaves free again.
    """

    @device
    def fold_in(values: Any, value: Any) -> Any:
        thread = cuda.threadIdx.x
        values[thread] = value
        cuda.syncthreads()
        width = BLOCK // 2
        while width > 0:
            if thread < width:
                values[thread] = step(values[thread], values[thread + width])
            cuda.syncthreads()
            width //= 2
        total = values[0]
        cuda.syncthreads()  # the next call writes to the same memory
        return total

    return fold_in


def folding(step: Any, start: Any, real: Any) -> tuple[Any, Any]:
    """For a device function of two numbers and its neutral element, two ways to fold many.

    Returns:
        A device function that folds one value per thread of a block, and gives all of them the
        result; a kernel that folds ``parts[g], parts[g + groups], ...`` into ``totals[g]`` and
        divides by ``members``.
    """
    fold_in = folding_in(step)

    @device
    def fold_block(value: Any) -> Any:
        return fold_in(cuda.shared.array(BLOCK, real), value)

    @kernel
    def finish(parts: Any, totals: Any, members: int) -> None:
        groups = totals.size
        for group in range(cuda.blockIdx.x, groups, cuda.gridDim.x):
            total = start
            for k in range(group + cuda.threadIdx.x * groups, parts.size, BLOCK * groups):
                total = step(total, parts[k])
            total = fold_block(total)
            if cuda.threadIdx.x == 0:
                totals[group] = total / real(members)

    return fold_block, finish
