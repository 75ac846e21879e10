"""Functions of float64, each within 4 units in the last place."""
