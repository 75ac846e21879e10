"""One thread of a GPU, as far as our kernels need it: PTX, read and executed line by line."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np

_FLOATS = {"f16": np.float16, "f32": np.float32, "f64": np.float64}
_OPERAND = re.compile(r"\{[^}]*\}|\[[^\]]*\]|[^,\s]+")
_LINE = re.compile(r"(?:@(!?)(%p\d+) )?([\w.:]+)\s*(.*)")
_SPECIAL = {"%tid.x": 0, "%ctaid.x": 0, "%ntid.x": 1, "%nctaid.x": 1}

_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "and": operator.and_,
    "or": operator.or_, "xor": operator.xor, "shl": operator.lshift, "shr": operator.rshift,
    "neg": operator.neg, "abs": abs, "not": operator.invert, "min": min, "max": max,
    "mov": lambda a: a, "cvta": lambda a: a, "fma": lambda a, b, c: type(c)(
        np.float64(a) * np.float64(b) + np.float64(c)
    ),
    "bfi": lambda a, b, start, size: b & ~((1 << size) - 1 << start) | (a & (1 << size) - 1) << start,
    "mad": lambda a, b, c: a * b + c, "copysign": lambda sign, size: np.copysign(size, sign),
    "ex2": np.exp2, "lg2": np.log2, "sqrt": np.sqrt, "rsqrt": lambda x: type(x)(1) / np.sqrt(x),
    "rcp": lambda x: type(x)(1) / x, "tanh": np.tanh, "div": lambda a, b: a / b,
}  # fmt: skip
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "ne": operator.ne, "lt": operator.lt, "le": operator.le,
    "gt": operator.gt, "ge": operator.ge, "num": lambda a, b: not np.isnan(a) | np.isnan(b),
    "ltu": lambda a, b: not a >= b, "leu": lambda a, b: not a > b, "gtu": lambda a, b: not a <= b,
    "geu": lambda a, b: not a < b, "neu": operator.ne,
}  # fmt: skip


class Thread:
    """Registers hold bits; ``memory`` is all that ``ld`` and ``st`` see."""

    def __init__(self, memory: bytearray, params: list[int]) -> None:
        self.memory, self.params, self.counts = memory, params, dict[str, int]()
        self._registers: dict[str, int] = {}

    def run(self, entry: str) -> None:
        """Execute the text of one kernel until it returns."""
        text = re.sub(r"//.*|\{?\s*\.reg[^;]*;", "", entry[entry.index("{") + 1 :])
        parts = [part.strip() for part in re.split(r"[;\n]", text)]
        lines = [p.replace("\t", " ") for p in parts if p and not p.startswith((".", "}"))]
        labels = {line[:-1]: k for k, line in enumerate(lines) if line.endswith(":")}
        place = 0
        with np.errstate(all="ignore"):
            while lines[place] != "ret":
                target = None if lines[place].endswith(":") else self._step(lines[place])
                place = labels[target] if target else place + 1

    def _step(self, line: str) -> str | None:
        """The label to go on at, if it is not the next line."""
        found = _LINE.fullmatch(line)
        assert found is not None, line
        inverted, predicate, name, rest = found.groups()
        if predicate and bool(self._registers[predicate]) == bool(inverted):
            return None
        words, operands = name.split("."), _OPERAND.findall(rest)
        if words[0] == "bra":
            return operands[0]
        self.counts[name] = self.counts.get(name, 0) + 1
        if words[0] in ("ld", "st"):
            self._move(words, operands)
        elif words[0] == "setp":
            values = [self._value(o, words[2]) for o in operands[1:]]
            self._registers[operands[0]] = int(_COMPARISONS[words[1]](*values))
        elif words[0] == "selp":
            first, second, predicate = operands[1:]
            chosen = first if self._registers[predicate] else second
            self._registers[operands[0]] = self._bits(chosen, words[1])
        elif words[0] == "cvt":
            self._convert(words, operands)
        elif words[0] == "mov" and "{" in rest:
            self._repack(words[1], operands)
        else:
            self._compute(words, operands)
        return None

    def _compute(self, words: list[str], operands: list[str]) -> None:
        kind = words[-1]
        values = [self._value(o, kind) for o in operands[1:]]
        if words[0] in ("shl", "shr"):
            values[1] = self._value(operands[2], "u32")
        if words[:2] == ["mul", "wide"]:
            kind = kind[0] + str(2 * int(kind[1:]))
        if words[:2] == ["mul", "hi"]:
            values = [values[0] * values[1] >> int(kind[1:]), 1]
        self._registers[operands[0]] = _pattern(_ARITHMETIC[words[0]](*values), kind)

    def _convert(self, words: list[str], operands: list[str]) -> None:
        target, source = words[-2:]
        if target == "bf16x2":
            high, low = (_bfloat16(self._value(o, source)) for o in operands[1:])
            self._registers[operands[0]] = high << 16 | low
            return
        if target == "f16x2":
            high, low = (_pattern(np.float16(self._value(o, source)), "f16") for o in operands[1:])
            self._registers[operands[0]] = high << 16 | low
            return
        value = self._value(operands[1], source)
        if "rni" in words:
            value = np.rint(value)
        if "rzi" in words:
            value = np.trunc(value)
        if "sat" in words:
            value = min(max(value, type(value)(0)), type(value)(1))
        value = _FLOATS[target](value) if target in _FLOATS else int(value)
        self._registers[operands[0]] = _pattern(value, target)

    def _repack(self, kind: str, operands: list[str]) -> None:
        half = int(kind[1:]) // 2
        if operands[0].startswith("{"):
            bits = self._bits(operands[1], kind)
            for k, name in enumerate(_names(operands[0])):
                self._registers[name] = bits >> half * k & (1 << half) - 1
        else:
            low, high = _names(operands[1])
            self._registers[operands[0]] = self._registers[high] << half | self._registers[low]

    def _move(self, words: list[str], operands: list[str]) -> None:
        if words[1] == "param":
            number = re.search(r"_(\d+)\]$", operands[1])
            assert number is not None
            self._registers[operands[0]] = self.params[int(number[1])]
            return
        place, registers = operands[::-1] if words[0] == "ld" else operands
        base, _, offset = place.strip("[]").partition("+")
        start, width = self._registers[base] + int(offset or 0), int(words[-1][1:]) // 8
        names = _names(registers)
        assert start % (width * len(names)) == 0, "a vector that is not aligned"
        for k, name in enumerate(names):
            here = slice(start + width * k, start + width * (k + 1))
            if words[0] == "ld":
                self._registers[name] = int.from_bytes(self.memory[here], "little")
            else:
                bits = self._bits(name, words[-1])
                self.memory[here] = bits.to_bytes(width, "little")

    def _bits(self, operand: str, kind: str) -> int:
        if operand in self._registers:
            return self._registers[operand] & (1 << _width(kind)) - 1
        if operand in _SPECIAL:
            return _SPECIAL[operand]
        if re.match(r"0[fdx]", operand):
            return int(operand[2:].rstrip("U"), 16)
        return int(operand) & (1 << _width(kind)) - 1

    def _value(self, operand: str, kind: str) -> Any:
        bits = self._bits(operand, kind)
        if kind in _FLOATS:
            return np.frombuffer(bits.to_bytes(_width(kind) // 8, "little"), _FLOATS[kind])[0]
        signed = kind.startswith("s") and bits >> (_width(kind) - 1)
        return bits - (1 << _width(kind)) if signed else bits


def _names(operand: str) -> list[str]:
    return [name.strip() for name in operand.strip("{}").split(",")]


def _width(kind: str) -> int:
    return 1 if kind == "pred" else int(kind[1:])


def _pattern(value: Any, kind: str) -> int:
    if kind in _FLOATS:
        return int.from_bytes(_FLOATS[kind](value).tobytes(), "little")
    return int(value) & (1 << _width(kind)) - 1


def _bfloat16(value: Any) -> int:
    bits = _pattern(value, "f32")
    return 0x7FFF if math.isnan(value) else bits + 0x7FFF + (bits >> 16 & 1) >> 16
