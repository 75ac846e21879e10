"""Feynman's equations as lab tasks: each variable scaled from its range to [0, 1]."""

from __future__ import annotations

from dataclasses import dataclass

from .equations import EQUATIONS, Equation
from .shift import Rows
from .task import Task

FAMILY = "feynman"

_BY_NAME = {equation.name: equation for equation in EQUATIONS}


@dataclass(frozen=True)
class Scaled:
    """An equation as a function of the unit cube, one column a variable, in the row's order."""

    equation: Equation

    def __call__(self, u: Rows) -> Rows:
        columns = zip(self.equation.variables, self.equation.ranges, u.T, strict=True)
        return self.equation.formula(
            {name: low + (high - low) * column for name, (low, high), column in columns}
        )


def feynman(name: str) -> Task:
    """The equation of that number in the Lectures, such as ``"I.6.2"``.

    Raises:
        KeyError: if the data set has no such equation.
    """
    equation = _BY_NAME[name]
    return Task(
        name=f"feynman/{name}",
        family=FAMILY,
        dimension=len(equation.variables),
        function=Scaled(equation),
        formula=equation.formula.text,
        source=f"AI Feynman, equation {name}",
    )
