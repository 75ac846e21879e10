"""What people and programs see of a search: progress, leaderboard, curve and documents."""

from actdsl.evolve.view.curve import curve
from actdsl.evolve.view.document import certificate, run_document, score_document
from actdsl.evolve.view.formula import formula
from actdsl.evolve.view.leaderboard import add_score, console, leaderboard, score_table
from actdsl.evolve.view.progress import Progress

__all__ = [
    "Progress",
    "add_score",
    "certificate",
    "console",
    "curve",
    "formula",
    "leaderboard",
    "run_document",
    "score_document",
    "score_table",
]
