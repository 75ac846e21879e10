"""What people and programs see of a search: progress, leaderboard, curve and documents."""

from actdsl.evolve.view.comparison import comparison_rows, comparison_table
from actdsl.evolve.view.comparison_picture import comparison_picture
from actdsl.evolve.view.curve import curve
from actdsl.evolve.view.document import certificate, run_document, score_document
from actdsl.evolve.view.formula import formula
from actdsl.evolve.view.leaderboard import console, leaderboard
from actdsl.evolve.view.progress import Progress
from actdsl.evolve.view.proof import proof_table
from actdsl.evolve.view.runs import runs_table
from actdsl.evolve.view.suites import suite_document, suite_table

__all__ = [
    "Progress",
    "certificate",
    "comparison_picture",
    "comparison_rows",
    "comparison_table",
    "console",
    "curve",
    "formula",
    "leaderboard",
    "proof_table",
    "run_document",
    "runs_table",
    "score_document",
    "suite_document",
    "suite_table",
]
