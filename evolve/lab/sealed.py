"""The suite that no search may read: what it believes is confirmed here, once, at the end.

Its polynomials, harmonics and equations are none of the search's, and neither are its seeds. It has
twice as many tasks: it is the tasks that an interval is wide for, and few activations come this far. Only
``actdsl lab --suite sealed`` and a run's proof at the end import this module.
"""

from __future__ import annotations

from .suites import MICRO, Suite
from .tasks import feynman, harmonic, polynomial

SEALED = Suite(
    name="sealed",
    version=2,
    tasks=(
        *(
            polynomial(variables, degree, seed)
            for seed in (2, 4)
            for variables in (1, 2, 3, 4)
            for degree in (2, 3, 4)
        ),
        harmonic(1, 1),
        *(harmonic(2, m) for m in (-1, 2)),
        *(harmonic(3, m) for m in (-2, 1, 3)),
        *(harmonic(4, m) for m in (-4, -3, -1, 0, 2, 3)),
        *(harmonic(5, m) for m in (-5, -4, -3, -1, 1, 2, 3, 4, 5)),
        *(harmonic(6, m) for m in (-4, 1, 6)),
        feynman("I.6.2b"),
        feynman("I.8.14"),
        feynman("I.9.18"),
        feynman("I.10.7"),
        feynman("I.11.19"),
        feynman("I.13.12"),
        feynman("I.18.12"),
        feynman("I.24.6"),
        feynman("I.26.2"),
        feynman("I.27.6"),
        feynman("I.30.3"),
        feynman("I.34.14"),
        feynman("I.47.23"),
        feynman("I.48.2"),
        feynman("II.6.11"),
        feynman("II.6.15a"),
        feynman("II.11.17"),
        feynman("II.24.17"),
        feynman("II.35.18"),
        feynman("II.36.38"),
        feynman("III.9.52"),
        feynman("III.10.19"),
        feynman("III.14.14"),
        feynman("III.17.37"),
    ),
    sizes=MICRO.sizes,
    recipe=MICRO.recipe,
    seeds=(2001, 2002, 2003),  # a version has its own: a run keeps its losses by these
)
