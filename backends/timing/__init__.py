"""How fast it is: an activation against other ways to run it, and how soon each is ready."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from actdsl.backends.timing.clock import Quartiles, race
from actdsl.backends.timing.latency import COMPILERS, Latency, compile_latency
from actdsl.backends.timing.machine import description, threads
from actdsl.backends.timing.measure import TASKS, Cell, Result, measure
from actdsl.backends.timing.spellings import Spelling, plain, spellings
from actdsl.backends.timing.ways import DEFAULT_WAYS, WAYS, absent

if TYPE_CHECKING:
    from actdsl.backends.timing.drawing import picture
    from actdsl.backends.timing.tables import latency_table, time_table

__all__ = [
    "COMPILERS",
    "DEFAULT_WAYS",
    "TASKS",
    "WAYS",
    "Cell",
    "Latency",
    "Quartiles",
    "Result",
    "Spelling",
    "absent",
    "compile_latency",
    "description",
    "latency_table",
    "measure",
    "picture",
    "plain",
    "race",
    "spellings",
    "threads",
    "time_table",
]

# On demand: they need matplotlib and rich, which a measurement does not.
_HOMES = {"latency_table": "tables", "picture": "drawing", "time_table": "tables"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"actdsl.backends.timing.{_HOMES[name]}"), name)
    raise AttributeError(name)
