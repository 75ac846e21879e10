"""The micro-lab: small networks trained natively, scored out of distribution."""

from .compile import lab_kernel
from .evaluate import Evaluation, evaluate
from .kernel import LabKernel, joint_signature, pullback_signature
from .score import Score, score
from .suites import SUITES, Suite
from .trainer import Recipe

__all__ = [
    "SUITES",
    "Evaluation",
    "LabKernel",
    "Recipe",
    "Score",
    "Suite",
    "evaluate",
    "joint_signature",
    "lab_kernel",
    "pullback_signature",
    "score",
]
