"""A run as one HTML page that needs nothing else."""

from actdsl.evolve.view.report.page import page

__all__ = ["page"]
