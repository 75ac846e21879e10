"""The loop that proposes, admits, evaluates and selects."""

from actdsl.evolve.search.loop import Search

__all__ = ["Search"]
