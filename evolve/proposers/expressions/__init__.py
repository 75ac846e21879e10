"""Typed expressions of one input: drawn at random, taken apart, read and written."""
