"""The table of what CUDA kernels are made of: how it is read from machine code, and what it says."""

from __future__ import annotations

import json
from types import ModuleType

import pytest
from benchmark_scripts import loaded

import actdsl
from actdsl.backends.cuda.plan import launches
from actdsl.backends.cuda.vectors import vectorisable
from actdsl.backends.schedule import Schedule

SECTION = """
        /*0000*/                   S2R R16, SR_TID.X ;
.L_x_1:
        /*0010*/                   LDG.E.128 R8, desc[UR6][R8.64] ;
        /*0020*/                   FSETP.GEU.AND P0, PT, |R8|, 65536, PT ;
        /*0030*/              @!P0 BRA `(.L_x_2) ;
        /*0040*/                   I2F.S64 R24, R14 ;
        /*0050*/                   FMUL R24, R24, R24 ;
.L_x_2:
        /*0060*/                   MUFU.EX2 R9, R8 ;
        /*0070*/                   STG.E.128 desc[UR6][R6.64], R8 ;
        /*0080*/                   LDG.E.128 R8, desc[UR6][R8.64] ;
        /*0090*/                   STG.E.128 desc[UR6][R6.64], R8 ;
        /*00a0*/               @P1 BRA `(.L_x_1) ;
.L_x_3:
        /*00b0*/                   LDG.E R8, desc[UR6][R8.64] ;
        /*00c0*/               @P1 BRA `(.L_x_3) ;
"""


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return loaded("ptx_table")


def test_the_loop_over_vectors_is_found_and_divided_by_its_elements(script: ModuleType) -> None:
    """Two vectors of four a turn; the branch that reduces a large argument does not count."""
    loop = script.vector_loop(SECTION, inputs=1, width=4)
    assert loop == script.Loop(moved=8, instructions=8 / 8, special=1 / 8)
    assert script.vector_loop(SECTION.replace(".128", ""), inputs=1, width=4) is None


@pytest.mark.parametrize(
    ("moved", "instructions", "special", "bound", "share"),
    [(8, 10, 0, "memory", 1.0), (8, 137.2, 1, "instructions", 0.5), (4, 9, 8.57, "special", 0.5)],
)
def test_the_slowest_resource_is_the_bound(
    script: ModuleType, moved: float, instructions: float, special: float, bound: str, share: float
) -> None:
    found, kept = script.bounded(script.Loop(moved, instructions, special))
    assert found == bound
    assert kept == pytest.approx(share, rel=2e-3)


def test_the_table_kept_is_of_the_whole_zoo(script: ModuleType) -> None:
    rows = json.loads(script.RESULTS.read_text())
    found = {(row["name"], row["dtype"], row["launch"]): row for row in rows}
    steps = [
        (a, step, k)
        for a in actdsl.zoo.values()
        for k in Schedule(a).kernels
        for step in launches(k)
    ]
    assert set(found) == {(a.name, dtype, s.name) for a, s, _ in steps for dtype in script.BYTES}
    for act, step, kernel in steps:
        for dtype in script.BYTES:
            row = found[act.name, dtype, step.name]
            assert row["float64"] == row["local"] == row["stack"] == 0
            assert row["registers"] <= (80 if kernel.name == "second" else 64)
            vectors = vectorisable(step) and not kernel.shaped
            assert bool(row["vector loads"]) == vectors
            assert not vectors or bool(row["vector stores"]) == bool(step.written)
