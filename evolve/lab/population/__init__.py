"""The trainer whose batch is a population: many networks in every tensor, for a GPU."""

from .evaluate import evaluate_all
from .members import Member
from .train import CHUNK, run_all, train_all

__all__ = ["CHUNK", "Member", "evaluate_all", "run_all", "train_all"]
