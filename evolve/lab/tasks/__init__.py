"""What the lab's networks learn: polynomials, spherical harmonics, Feynman's equations."""

from .dataset import Dataset, Sizes, dataset, stream
from .equations import DEGENERATE, EQUATIONS, Equation
from .feynman import feynman
from .harmonic import harmonic
from .picture import picture
from .polynomial import polynomial
from .shift import Shift
from .task import Task

__all__ = [
    "DEGENERATE",
    "EQUATIONS",
    "Dataset",
    "Equation",
    "Shift",
    "Sizes",
    "Task",
    "dataset",
    "feynman",
    "harmonic",
    "picture",
    "polynomial",
    "stream",
]
