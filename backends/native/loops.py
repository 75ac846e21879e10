"""What LLVM is told of a loop: that its rounds do not touch each other's memory, and to mix them.

With the first the vectoriser needs no check that arrays are apart, which an in-place call would fail.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from llvmlite import ir

from actdsl.backends.native.code import vector_bytes

_SIDE_BY_SIDE = {"float32": 4, "float64": 8}
"""How many vectors of what go through the loop's body together: its chains of operations are long."""
_SINGLE_BYTES = 4
_GROUP, _LOOP = "actdsl.group", "actdsl.loop"


@dataclass
class Loop:
    """A loop that is being translated: its index, its body, and what reads or writes arrays in it."""

    index: str
    body: Sequence[ast.stmt]
    touched: list[ir.Instruction] = field(default_factory=list)

    def close(self, module: ir.Module, branch: ir.Instruction) -> None:
        """Mark the branch back to the loop's start, if its rounds are independent."""
        if not self.touched or not self._independent():
            return
        count = len(module.metadata)
        group = module.add_metadata([f"{_GROUP} {count}"])
        for instruction in self.touched:
            instruction.set_metadata("llvm.access.group", group)
        parallel = module.add_metadata(["llvm.loop.parallel_accesses", group])
        single = any(_is_single(node) for statement in self.body for node in ast.walk(statement))
        together = ir.IntType(32)(_SIDE_BY_SIDE["float32" if single else "float64"])
        turns = module.add_metadata(["llvm.loop.interleave.count", together])
        marks = [f"{_LOOP} {count}", parallel, turns]
        if single:
            # By itself LLVM makes room for the widest number, were it only a sum's.
            lanes = ir.IntType(32)(vector_bytes() // _SINGLE_BYTES)
            marks.append(module.add_metadata(["llvm.loop.vectorize.width", lanes]))
        branch.set_metadata("llvm.loop", module.add_metadata(marks))

    def _independent(self) -> bool:
        """Whether every element written is at a place that depends on the index."""
        if any(isinstance(n, ast.For) for s in self.body for n in ast.walk(s)):
            return False
        moving = {self.index}
        for statement in self.body:
            match statement:
                case ast.Assign([ast.Name(name)], value) if _names(value) & moving:
                    moving.add(name)
                case ast.Assign([ast.Subscript(_, place)]) | ast.AugAssign(
                    ast.Subscript(_, place)
                ) if not _names(place) & moving:
                    return False
        return True


def _is_single(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "np.float32"


def _names(expression: ast.expr) -> set[str]:
    return {n.id for n in ast.walk(expression) if isinstance(n, ast.Name)}


def text_of(module: ir.Module) -> str:
    """The module as LLVM reads it; groups and loops made distinct, which llvmlite cannot say."""
    text = re.sub(rf'= !{{ !"{_GROUP} \d+" }}', "= distinct !{}", str(module))
    return re.sub(
        rf'^(!\d+) = !{{ !"{_LOOP} \d+", (.*) }}$', r"\1 = distinct !{ \1, \2 }", text, flags=re.M
    )
