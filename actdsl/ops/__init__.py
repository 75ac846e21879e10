"""The op table: one row per operator, and everything the project knows of it."""

from actdsl.ops.contextual import AXES
from actdsl.ops.row import Cell, Family, Hazard, Op, Unsupported
from actdsl.ops.table import TABLE, function_names, row

__all__ = [
    "AXES",
    "TABLE",
    "Cell",
    "Family",
    "Hazard",
    "Op",
    "Unsupported",
    "function_names",
    "row",
]
