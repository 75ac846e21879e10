"""What CUDA kernels are made of, and what may bound them, read from machine code: no device needed.

    python benchmarks/ptx_table.py                            # the zoo, in ten minutes
    python benchmarks/ptx_table.py --names gelu,silu --dtypes bfloat16
    python benchmarks/ptx_table.py --show                     # the tables of the last results

Kernels are compiled for an H100 (compute capability 9.0) and assembled by nvJitLink, which tells
registers and local memory. NVIDIA's nvdisasm (pip install nvidia-cuda-nvdisasm) tells the
instructions of the loop over vectors; what reduces arguments beyond 65536, a branch that a network's
numbers do not take, is left out. Three times an element are put beside each other: its bytes at the
memory's peak, its instructions at a warp's a cycle from each of a multiprocessor's four schedulers,
and what goes to the unit for special functions and conversions, at a quarter of that on 16 lanes.
The largest is the bound; "of peak" is the share of the memory's peak that it leaves. That is an
estimate, not a measurement: latencies and what overlaps are not in it.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass, fields
from importlib import import_module
from pathlib import Path
from typing import Any

import actdsl
from actdsl.backends.cuda.assembler import Assembled, assembled
from actdsl.backends.cuda.plan import launches
from actdsl.backends.cuda.ptx import ptx
from actdsl.backends.schedule import Schedule

RESULTS = Path(__file__).parent / "results" / "ptx_table.json"
CAPABILITY = (9, 0)
BYTES = {"float32": 4, "float16": 2, "bfloat16": 2}
KERNELS = ("forward", "backward")

BANDWIDTH = 3.35e12
MULTIPROCESSORS, LANES, SPECIAL_LANES, CLOCK = 132, 128, 16, 1.7e9
"""An H100 SXM: bytes a second; multiprocessors; lanes of each, of all units and of the special one."""

_SPECIAL = {"MUFU", "FRND", "F2I", "I2F", "F2F"}
_INSTRUCTION = re.compile(r"/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+ )?([A-Z][\w.]*)")
_LABEL = re.compile(r"^(\.L_x_\d+):", re.MULTILINE)
_TARGET = re.compile(r"`\((\.L_x_\d+)\)")


@dataclass(frozen=True)
class Loop:
    """One element of a kernel's loop: what it moves, and what is executed for it."""

    moved: float
    instructions: float
    special: float


def main() -> None:
    """Compile what was asked for, then print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--names", default=",".join(actdsl.zoo), help="activations")
    parser.add_argument("--dtypes", default=",".join(BYTES), help="of the tensors")
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--show", action="store_true", help="print results that are there already")
    chosen = parser.parse_args()
    if not chosen.show:
        found = []
        for name in chosen.names.split(","):
            for dtype in chosen.dtypes.split(","):
                found += rows(name, dtype)
                print(name, dtype, file=sys.stderr, flush=True)
        chosen.output.parent.mkdir(parents=True, exist_ok=True)
        chosen.output.write_text("[\n" + ",\n".join(map(json.dumps, found)) + "\n]\n")
    show(json.loads(chosen.output.read_text()))


def rows(name: str, dtype: str) -> list[dict[str, Any]]:
    """What is known of each launch that an activation's value and its gradients take."""
    text = ptx(actdsl.zoo[name], CAPABILITY, dtype)
    made = assembled(text, CAPABILITY)
    loops = disassembled(made, name, dtype)
    found = []
    for launch in (step for k in Schedule(actdsl.zoo[name]).kernels for step in launches(k)):
        kernel = f"{name}_{launch.name}"
        entry = text.partition(f".entry {kernel}(")[2].partition("\n}")[0]
        words = Counter(re.findall(r"\b[\w.]+", entry))
        loop = loops.get(kernel)
        found.append(
            {
                "name": name,
                "dtype": dtype,
                "launch": launch.name,
                "vector loads": sum(n for w, n in words.items() if w.startswith("ld.global.v")),
                "vector stores": sum(n for w, n in words.items() if w.startswith("st.global.v")),
                "float64": sum(n for w, n in words.items() if ".f64" in w and w != ".f64"),
                **asdict(made.resources[kernel]),
                **(asdict(loop) if loop else {}),
            }
        )
    return found


def disassembled(made: Assembled, name: str, dtype: str) -> dict[str, Loop]:
    """The loop over vectors of every kernel that has one; nothing without nvdisasm."""
    finder: Any = import_module("cuda.pathfinder")
    tool = shutil.which("nvdisasm") or finder.find_nvidia_binary_utility("nvdisasm")
    if tool is None:
        return {}
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(made.code)
        file.flush()
        command = [tool, "-c", file.name]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = {}
    for launch in (step for k in Schedule(actdsl.zoo[name]).kernels for step in launches(k)):
        kernel = f"{name}_{launch.name}"
        section = text.partition(f"\n.text.{kernel}:\n")[2].partition("\n//---")[0]
        inputs = max(1, sum(leaf.op == "input" for leaf in launch.used))
        loop = vector_loop(section, inputs, 16 // BYTES[dtype])
        if loop:
            found[kernel] = loop
    return found


def vector_loop(section: str, inputs: int, width: int) -> Loop | None:
    """The loop of a kernel's machine code that loads most vectors, a vector of each input a turn."""
    blocks = [block for block in re.split(r"(?=^\.L_x_\d+:)", section, flags=re.MULTILINE) if block]
    starts = {label[1]: k for k, block in enumerate(blocks) if (label := _LABEL.match(block))}
    backwards = [
        (starts[target], k)
        for k, block in enumerate(blocks)
        for target in _TARGET.findall(block)
        if starts.get(target, k + 1) <= k
    ]
    loops = [_instructions("".join(blocks[first : last + 1])) for first, last in backwards]
    loops = [loop for loop in loops if "LDG.E.128" in loop]
    if not loops:
        return None
    loop = Counter(max(loops, key=lambda loop: (loop.count("LDG.E.128"), -len(loop))))
    elements = loop["LDG.E.128"] / inputs * width
    return Loop(
        moved=16 * (loop["LDG.E.128"] + loop["STG.E.128"]) / elements,
        instructions=loop.total() / elements,
        special=sum(n for w, n in loop.items() if w.partition(".")[0] in _SPECIAL) / elements,
    )


def _instructions(text: str) -> list[str]:
    """The instructions, but for those between labels and branches that reduce a large argument."""
    found: list[str] = []
    for block in re.split(r"^\.L_x_\d+:|(?<= BRA `)", text, flags=re.MULTILINE):
        words = re.findall(_INSTRUCTION, block)
        if not any(word.startswith("I2F.S64") for word in words):
            found += words
    return found


def show(found: list[dict[str, Any]]) -> None:
    """Print a table for each type: a line for each activation, forward and backward beside it."""
    for dtype in BYTES:
        kept = [row for row in found if row["dtype"] == dtype]
        if kept:
            _table(dtype, kept)


def _table(dtype: str, found: list[dict[str, Any]]) -> None:
    heads = ["activation", "registers", "bytes", "instructions", "special", "of the memory's peak"]
    print(f"\n### {dtype}, forward / backward\n")
    for line in (heads, ["---"] * len(heads)):
        print(f"| {' | '.join(line)} |")
    shares = []
    for name in dict.fromkeys(row["name"] for row in found):
        kernels = [row for row in found if row["name"] == name and row["launch"] in KERNELS]
        columns = [[f"{row['registers']}" for row in kernels]]
        if all("moved" in row for row in kernels):
            loops = [Loop(**{f.name: row[f.name] for f in fields(Loop)}) for row in kernels]
            columns.append([f"{loop.moved:.0f}" for loop in loops])
            columns.append([f"{loop.instructions:.1f}" for loop in loops])
            columns.append([f"{loop.special:.1f}" for loop in loops])
            bounds = [bounded(loop) for loop in loops]
            shares += [share for _, share in bounds]
            columns.append([f"{s:.0%}" + (f" ({b})" if s < 1 else "") for b, s in bounds])
        cells = [" / ".join(column) for column in columns] + [""] * (len(heads) - 1 - len(columns))
        print(f"| {' | '.join([name, *cells])} |")
    print(
        f"\nOf {len(found)} kernels, second derivatives among them: at most "
        f"{max(row['registers'] for row in found)} registers, "
        f"{sum(row['float64'] for row in found)} instructions of float64, "
        f"{sum(row['local'] + row['stack'] for row in found)} bytes of local memory."
    )
    if shares:
        free = sum(share == 1 for share in shares)
        print(f"Bound by memory: {free} of {len(shares)}; the least share is {min(shares):.0%}.")


def bounded(loop: Loop) -> tuple[str, float]:
    """What an element waits for longest, and the share of the memory's peak that this leaves."""
    everywhere = MULTIPROCESSORS * CLOCK
    times = {
        "memory": loop.moved / BANDWIDTH,
        "instructions": loop.instructions / (everywhere * LANES),
        "special": loop.special / (everywhere * SPECIAL_LANES),
    }
    bound = max(times, key=lambda resource: times[resource])
    return bound, times["memory"] / times[bound]


if __name__ == "__main__":
    main()
