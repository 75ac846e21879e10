"""What the lab's networks learn: polynomials, spherical harmonics, Feynman's equations."""

from .dataset import Dataset, Sizes, dataset, stream
from .equations import EQUATIONS, Equation
from .feynman import feynman
from .harmonic import harmonic
from .polynomial import polynomial
from .task import Task

__all__ = [
    "EQUATIONS",
    "Dataset",
    "Equation",
    "Sizes",
    "Task",
    "dataset",
    "feynman",
    "harmonic",
    "polynomial",
    "stream",
]
