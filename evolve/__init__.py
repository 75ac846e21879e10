"""How activations are found: a search over programs, scored in the micro-lab."""

from actdsl.evolve.archive import Archive
from actdsl.evolve.candidate import Candidate, Status
from actdsl.evolve.evaluator import Evaluator, Outcome
from actdsl.evolve.run import run
from actdsl.evolve.run_directory import RunDirectory, holds_run
from actdsl.evolve.search import Search
from actdsl.evolve.settings import Settings
from actdsl.evolve.workers import Workers, cores

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
