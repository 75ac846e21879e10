"""Kernels for a GPU, as Numba-CUDA source and as PTX."""
