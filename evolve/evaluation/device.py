"""Candidates compared on a GPU: the networks of all of them are one population."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec

from actdsl.errors import ActdslError, MissingExtraError
from actdsl.evolve.admission import check_size
from actdsl.evolve.evaluation.evaluator import Outcome, failed
from actdsl.evolve.lab import Evaluation, LossCache, Runs, Suite
from actdsl.evolve.lab.losses import to_plain
from actdsl.grammar import parse


class Device:
    """Trains in this process whatever the cache has no losses of.

    Args:
        suite: the lab's suite.
        device: ``cuda``, or ``cpu``, where a population is no quicker than its members.
    """

    def __init__(self, suite: Suite, device: str = "cuda") -> None:
        self._suite, self._device = suite, device

    def outcomes(
        self, texts: Sequence[str], seeds: tuple[int, ...]
    ) -> Iterator[tuple[int, Outcome]]:
        """Each text's index and outcome on the lab's seeds; what one provokes is its own failure."""
        start = time.perf_counter()
        known, waiting = dict[int, Runs](), dict[int, Runs]()
        for index, text in enumerate(texts):
            try:
                runs = self._runs(text)
                (known if runs.knows(seeds) else waiting)[index] = runs
            except Exception as error:
                yield index, failed(error, time.perf_counter() - start)
        for index, trained in self._trained(waiting, seeds):
            if isinstance(trained, Exception):
                yield index, failed(trained, time.perf_counter() - start)
            else:
                known[index] = waiting[index]
                known[index].keep(trained)
        for index, runs in known.items():
            losses = to_plain(runs.evaluation(seeds))
            yield index, Outcome(losses, seconds=time.perf_counter() - start)

    def _runs(self, text: str) -> Runs:
        program = parse(text).program
        check_size(program)
        return Runs(program, self._suite, LossCache.default(self._device))

    def _trained(
        self, waiting: dict[int, Runs], seeds: tuple[int, ...]
    ) -> Iterator[tuple[int, Evaluation | Exception]]:
        """All together; if that fails, half by half, until who is to blame is alone."""
        from actdsl.evolve.lab.population import evaluate_all

        if not waiting:
            return
        indices = list(waiting)
        try:
            kernels = [runs.kernel for runs in waiting.values()]
            found = evaluate_all(kernels, self._suite, seeds, self._device)
        except Exception as error:
            if len(indices) == 1:
                yield indices[0], error
                return
            cut = len(indices) // 2
            for half in (indices[:cut], indices[cut:]):
                yield from self._trained({index: waiting[index] for index in half}, seeds)
        else:
            yield from zip(indices, found, strict=True)


def check_device() -> None:
    """Whether a GPU can be trained on.

    Raises:
        ActdslError: torch finds no CUDA device, or numba-cuda is not installed.
    """
    import torch

    if not torch.cuda.is_available():
        raise ActdslError("there is no CUDA device here: use --device cpu")
    if find_spec("numba_cuda") is None:
        raise MissingExtraError("numba-cuda", "cuda", "training on a GPU")
