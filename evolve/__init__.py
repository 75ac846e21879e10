"""How activations are found: a search over programs, scored in the micro-lab."""

from actdsl.backends.native.pool import cores
from actdsl.evolve.archive import Archive
from actdsl.evolve.candidate import Candidate, Status
from actdsl.evolve.evaluation.evaluator import Evaluator, Outcome
from actdsl.evolve.evaluation.workers import Workers
from actdsl.evolve.record.run_directory import RunDirectory, holds_run
from actdsl.evolve.run import run
from actdsl.evolve.search.loop import Search
from actdsl.evolve.settings import Settings

__all__ = [
    "Archive",
    "Candidate",
    "Evaluator",
    "Outcome",
    "RunDirectory",
    "Search",
    "Settings",
    "Status",
    "Workers",
    "cores",
    "holds_run",
    "run",
]
