"""Code that generated files carry with them: ordinary modules, copied into each file as they are.

They import nothing of actdsl, so that what ``actdsl compile`` writes runs without it.
"""
