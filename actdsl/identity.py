"""When two programs are one function: a canonical hash of the form, a fingerprint of the values."""

from __future__ import annotations

import hashlib
from collections import defaultdict

import numpy as np

from actdsl.evaluate import evaluate_program
from actdsl.ir import Node, Param, constant, topological
from actdsl.lower import lower, without_stopgrad
from actdsl.program import Program

_COMMUTATIVE = frozenset({"min", "max", "and", "or", "eq", "ne"})
_MIRRORED = {"gt": "lt", "ge": "le"}
_DIGITS = 12

Monomial = tuple[tuple[bytes, float], ...]


def canonical_hash(program: Program) -> str:
    """16 hexadecimal digits that do not depend on names, comments or the order of commutative operands.

    Sums are collected into coefficients of terms, products into powers of factors, so that
    ``x + x`` and ``2 * x`` agree. Two programs with one hash are the same function, up to rounding
    and to isolated points where a cancelled factor is zero; the converse need not hold.
    """
    form = _normal_form(program)
    return hashlib.blake2b(form, digest_size=8).hexdigest()


def fingerprint(program: Program) -> str:
    """16 hexadecimal digits of the function's values on a probe grid, parameters at their start.

    Two programs that agree on the grid to about seven digits have the same fingerprint (save for a
    value within 1e-9 of a rounding boundary), however differently they are written.
    """
    line = np.concatenate([np.linspace(-6.0, 6.0, 48), [-100.0, -20.0, 0.0, 1e-3, 20.0, 100.0]])
    grid = line.reshape(6, 9)
    arrays = [
        np.roll(grid, shift=2 * i, axis=0) * (1.0 - 0.3 * i) for i in range(len(program.inputs))
    ]
    values = evaluate_program(program, *arrays)
    rounded = np.array([float(f"{v:.6e}") for v in values.ravel()]) + 0.0
    return hashlib.blake2b(rounded.tobytes(), digest_size=8).hexdigest()


def _normal_form(program: Program) -> bytes:
    position = {name: i for i, name in enumerate(program.inputs)}
    builder = _Forms(position, {p.name: i for i, p in enumerate(program.params)})
    root = without_stopgrad(lower(program.body))
    for current in topological([root]):
        builder.add(current)
    specs = [f"{_digits(p.initial)},{p.lower},{p.upper},{p.per_channel}" for p in program.params]
    return b"|".join([str(len(position)).encode(), ";".join(specs).encode(), builder.atom(root)])


class _Forms:
    """Per node, a linear combination of monomials: {((atom, power), ...): coefficient}."""

    def __init__(self, inputs: dict[str, int], params: dict[str, int]) -> None:
        self._inputs, self._params = inputs, params
        self._sums: dict[Node, dict[Monomial, float]] = {}

    def add(self, current: Node) -> None:
        self._sums[current] = self._sum(current)

    def atom(self, current: Node) -> bytes:
        """The digest of the whole combination."""
        return _digest(b"sum", *self._terms(self._sums[current]))

    def _terms(self, terms: dict[Monomial, float]) -> list[bytes]:
        parts = []
        for monomial, coefficient in terms.items():
            factors = b"".join(base + _digits(power).encode() for base, power in monomial)
            parts.append(_digits(coefficient).encode() + b"*" + factors)
        return sorted(parts)

    def _sum(self, current: Node) -> dict[Monomial, float]:
        value = constant(current)
        if value is not None:
            return {(): value} if value != 0 else {}
        a = self._sums.get(current.args[0], {}) if current.args else {}
        b = self._sums.get(current.args[1], {}) if len(current.args) > 1 else {}
        match current.op:
            case "add":
                return _combine(a, b, 1.0)
            case "sub":
                return _combine(a, b, -1.0)
            case "neg":
                return {monomial: -c for monomial, c in a.items()}
            case "mul":
                return self._product(a, b, 1.0)
            case "div":
                return self._product(a, b, -1.0)
        return {((self._opaque(current), 1.0),): 1.0}

    def _product(
        self, a: dict[Monomial, float], b: dict[Monomial, float], sign: float
    ) -> dict[Monomial, float]:
        """A product is one monomial: a factor that is a sum enters as an atom of leading coefficient 1."""
        (left, c), (right, d) = self._factor(a), self._factor(b)
        if d == 0 and sign < 0:
            return {((b"/0", 1.0), *left): c}
        powers: dict[bytes, float] = defaultdict(float)
        for base, power in left:
            powers[base] += power
        for base, power in right:
            powers[base] += sign * power
        monomial = tuple(sorted((base, p) for base, p in powers.items() if p != 0))
        coefficient = c * d if sign > 0 else c / d
        return {monomial: coefficient} if coefficient != 0 else {}

    def _factor(self, terms: dict[Monomial, float]) -> tuple[Monomial, float]:
        if not terms:
            return (), 0.0
        if len(terms) == 1:
            ((monomial, coefficient),) = terms.items()
            return monomial, coefficient
        leading = terms[min(terms)]
        scaled = {monomial: c / leading for monomial, c in terms.items()}
        return ((_digest(b"sum", *self._terms(scaled)), 1.0),), leading

    def _opaque(self, current: Node) -> bytes:
        if current.op == "const":
            return _digest(b"truth", str(current.attr).encode())
        if current.op == "input":
            return _digest(b"input", str(self._inputs[str(current.attr)]).encode())
        if isinstance(current.attr, Param):
            return _digest(b"param", str(self._params[current.attr.name]).encode())
        operands = [self.atom(arg) for arg in current.args]
        name = current.op
        if name in _MIRRORED:
            name, operands = _MIRRORED[name], operands[::-1]
        if name in _COMMUTATIVE:
            operands.sort()
        return _digest(name.encode(), str(current.attr).encode(), *operands)


def _combine(
    a: dict[Monomial, float], b: dict[Monomial, float], sign: float
) -> dict[Monomial, float]:
    total = dict(a)
    for monomial, coefficient in b.items():
        total[monomial] = total.get(monomial, 0.0) + sign * coefficient
    return {m: c for m, c in total.items() if c != 0}


def _digest(*parts: bytes) -> bytes:
    return hashlib.blake2b(b"\0".join(parts), digest_size=12).digest()


def _digits(value: float) -> str:
    return f"{value + 0.0:.{_DIGITS}g}"
