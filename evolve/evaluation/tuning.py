"""Constants tuned by gradient: each becomes a parameter, learns along, and is written back.

Networks train on the tasks that learning rates are tried on, which no suite evaluates, with every
free constant learnable. The median over tasks and layers is what the constant becomes, if the text
with the new constants learns those tasks better than the old one; nothing out of distribution is
looked at. Parameters are left alone: they learn in every training.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from actdsl.evolve.lab import LabKernel, Suite, lab_kernel
from actdsl.evolve.lab.learning_rate import PROBES, learning_rate
from actdsl.evolve.lab.network import initial, split
from actdsl.evolve.lab.run import run
from actdsl.evolve.lab.tasks import dataset, stream
from actdsl.evolve.lab.trainer import train
from actdsl.evolve.proposers.expressions.constants import few_digits
from actdsl.evolve.proposers.expressions.parameters import free_name, params_of
from actdsl.evolve.proposers.expressions.places import is_free_constant, places, put
from actdsl.evolve.proposers.expressions.source import read, write
from actdsl.grammar import parse
from actdsl.ir import Node, Param, const, constant, param, substitute
from actdsl.program import Program

MOST = 4
"""Constants that are tuned; a text with more has them tuned in order of first use."""

_BETTER = 0.01
"""By how much the mean log loss has to fall."""


def tune(text: str, suite: Suite) -> str:
    """The text with tuned constants, or as it was if there are none or the losses do not fall.

    Pure, and short: 6 + 6 + 6 networks and the search for two learning rates.
    """
    body = read(text)
    free, added = freed(body)
    if not added:
        return text
    rationale = parse(text).program.rationale
    params = tuple(params_of(free))
    learnt = _learnt(lab_kernel(Program("tuned", ("x",), params, free), suite.recipe.width), suite)
    if learnt is None:
        return text
    values = dict(zip(params, learnt, strict=True))
    settled = {param(p): const(few_digits(values[p])) for p in added}
    tuned = write(substitute(free, settled), rationale)
    old, new = (_loss(candidate, suite) for candidate in (text, tuned))
    return tuned if new < old - _BETTER else text


def freed(body: Node) -> tuple[Node, list[Param]]:
    """The graph with parameters, without bounds, in the place of constants; and these parameters."""
    added: list[Param] = []
    while len(added) < MOST:
        place = next((p for p in places(body) if is_free_constant(p)), None)
        if place is None:
            break
        value = constant(place.operand)
        assert value is not None
        new = Param(free_name({p.name for p in (*params_of(body), *added)}), value)
        added.append(new)
        body = put(body, place, param(new))
    return body, added


def _learnt(kernel: LabKernel, suite: Suite) -> NDArray[np.float64] | None:
    """The median of each parameter over tasks and layers; None if no training stays finite."""
    recipe, found = suite.recipe, []
    rate = learning_rate(kernel, recipe, suite.sizes)
    for task in PROBES:
        data = dataset(task, 0, suite.sizes, kernel.dtype)
        theta = initial(stream(task, 0, "initial"), task.dimension, recipe, kernel)
        if train(kernel, recipe, rate, theta, data.x_train, data.y_train):
            weights = split(theta, task.dimension, recipe.width, kernel.params.size)
            found += [weights.a1, weights.a2]
    return np.median(np.array(found, np.float64), axis=0) if found else None


def _loss(text: str, suite: Suite) -> float:
    """The mean log loss within the training range; infinite if a network diverges."""
    kernel = lab_kernel(parse(text).program, suite.recipe.width)
    rate = learning_rate(kernel, suite.recipe, suite.sizes)
    losses = [run(kernel, suite.recipe, suite.sizes, rate, task, 0)[0] for task in PROBES]
    with np.errstate(divide="ignore"):
        mean = np.log(np.array(losses)).mean()
    return float(mean) if np.isfinite(mean) else float("inf")
