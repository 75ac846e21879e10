"""The micro-lab: small networks trained natively, scored out of distribution."""

from .aggregate import Aggregate, Aggregated, aggregated
from .cache import LossCache
from .compile import lab_kernel
from .evaluate import Evaluation, evaluate
from .fit import fit
from .kernel import LabKernel
from .racing import Race, part, race, rungs
from .recipe import Recipe
from .runs import Runs
from .score import Score, score
from .suites import SUITES, Suite
from .trainer import TRAINER_VERSION

__all__ = [
    "SUITES",
    "TRAINER_VERSION",
    "Aggregate",
    "Aggregated",
    "Evaluation",
    "LabKernel",
    "LossCache",
    "Race",
    "Recipe",
    "Runs",
    "Score",
    "Suite",
    "aggregated",
    "evaluate",
    "fit",
    "lab_kernel",
    "part",
    "race",
    "rungs",
    "score",
]
