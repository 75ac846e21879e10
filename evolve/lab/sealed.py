"""The suite that no search may read: what it believes is confirmed here, once, at the end.

Its polynomials, harmonics and equations are none of the search's, and neither are its seeds. Only
``actdsl lab --suite sealed`` and a run's proof at the end import this module.
"""

from __future__ import annotations

from .suites import MICRO, Suite
from .tasks import feynman, harmonic, polynomial

SEALED = Suite(
    name="sealed",
    version=1,
    tasks=(
        *(polynomial(variables, degree, 2) for variables in (1, 2, 3, 4) for degree in (2, 3, 4)),
        harmonic(1, 1),
        *(harmonic(2, m) for m in (-1, 2)),
        *(harmonic(3, m) for m in (-2, 1, 3)),
        *(harmonic(4, m) for m in (-4, -3, -1, 0, 2, 3)),
        feynman("I.8.14"),
        feynman("I.10.7"),
        feynman("I.18.12"),
        feynman("I.24.6"),
        feynman("I.26.2"),
        feynman("I.30.3"),
        feynman("I.47.23"),
        feynman("II.6.11"),
        feynman("II.11.17"),
        feynman("II.35.18"),
        feynman("III.9.52"),
        feynman("III.17.37"),
    ),
    sizes=MICRO.sizes,
    recipe=MICRO.recipe,
    seeds=(1001, 1002, 1003),
)
