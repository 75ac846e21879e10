"""Functions of float64 for results that are rounded to float32, each within 2**-30 of exact.

In float64 arithmetic a float32 kernel's sums and products lose nothing that its result could show,
so that cancellations and steep tails keep their accuracy, at half the length of the polynomials
that float64 needs.
"""
