"""Kernels compiled in this process, straight to machine code, and kept on disk."""

from actdsl.backends.native.function import function

__all__ = ["function"]
