"""What is decided about a candidate before its evaluation is paid for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actdsl.cost import cost
from actdsl.derive import derivative
from actdsl.errors import ActdslError
from actdsl.evaluate import evaluate
from actdsl.evolve.behaviour import niche, shape
from actdsl.evolve.candidate import Identity
from actdsl.evolve.settings import Settings
from actdsl.grammar import SourceError, parse
from actdsl.identity import canonical_hash
from actdsl.ir import Node, input
from actdsl.lower import lower
from actdsl.program import Kind, Program

_REACH = 32.0
_SEEN = 4.0
"""Where a network at its first steps has its activations' inputs."""

_FLAT = 1e-3
"""Deviation from a straight line, against the values' spread, below which a network sees a line."""

_LARGEST = 1e6
"""A value this large, where networks start, is lost in float32 two layers on."""


class RefusedError(Exception):
    """Why a candidate is not evaluated: a kind to count by, a colon, and the particulars."""


@dataclass
class Admission:
    """Lets each function through once, if a network could be trained with it.

    Args:
        contextual: whether an activation may look at the whole tensor.
        max_flops: the most FLOPs per element, or None.
    """

    contextual: bool = False
    max_flops: int | None = None
    _hashes: dict[str, str] = field(default_factory=dict, init=False)
    _fingerprints: dict[str, str] = field(default_factory=dict, init=False)

    def admit(self, text: str) -> Identity:
        """The identity of a text that may be evaluated, from now on known.

        Raises:
            RefusedError: it may not.
        """
        try:
            program = parse(text).program
        except SourceError as error:
            raise RefusedError(f"no program: {error.diagnostics[0].message}") from error
        self._check_form(program)
        _check_values(program)
        return self._new(program)

    @property
    def known(self) -> frozenset[str]:
        """Canonical hashes of what is admitted no more."""
        return frozenset(self._hashes)

    def _check_form(self, program: Program) -> None:
        if len(program.inputs) != 1:
            raise RefusedError(
                f"gated: {program.name} takes {len(program.inputs)} inputs, "
                "and the lab's layers give an activation one"
            )
        if program.kind is Kind.CONTEXTUAL and not self.contextual:
            raise RefusedError(
                "contextual: it looks at the whole tensor; --allow-contextual admits it"
            )
        flops = cost(program).flops
        if self.max_flops is not None and flops > self.max_flops:
            raise RefusedError(f"too costly: {flops} FLOPs per element, more than {self.max_flops}")

    def _new(self, program: Program) -> Identity:
        identity = Identity(
            name=program.name,
            hash=canonical_hash(program),
            fingerprint=shape(program),
            flops=cost(program).flops,
            niche=niche(program),
        )
        if identity.hash in self._hashes:
            raise RefusedError(f"known: {self._hashes[identity.hash]} in other words")
        if identity.fingerprint in self._fingerprints:
            known = self._fingerprints[identity.fingerprint]
            raise RefusedError(f"known: the values of {known}, perhaps scaled and shifted")
        self.know(identity)
        return identity

    def know(self, identity: Identity) -> None:
        """Admit no more of this function."""
        self._hashes.setdefault(identity.hash, identity.name)
        self._fingerprints.setdefault(identity.fingerprint, identity.name)


def check_seeds(settings: Settings) -> None:
    """Refuse a search whose first parents may not all be evaluated.

    Raises:
        ActdslError: one of them is refused.
    """
    admission = Admission(settings.allow_contextual, settings.max_flops)
    try:
        for text in settings.seeds:
            admission.admit(text)
    except RefusedError as refusal:
        raise ActdslError(f"a seed is refused: {refusal}") from refusal


def check_size(program: Program) -> None:
    """Refuse an activation whose values no network could bear.

    Raises:
        RefusedError: it is too large where networks start.
    """
    near = np.linspace(-_SEEN, _SEEN, 257)
    inputs = dict.fromkeys(program.inputs, near[:, np.newaxis])
    with np.errstate(all="ignore"):
        size = np.abs(_at(lower(program.body), inputs))
    if (size > _LARGEST).any():
        worst = near[np.nanargmax(size)]
        raise RefusedError(f"too large: {np.nanmax(size):.1g} at x = {worst:.4g}")


def _check_values(program: Program) -> None:
    far = np.linspace(-_REACH, _REACH, 1025, dtype=np.float32)
    values, slopes = _values_and_slopes(program, far)
    for what, found in (("value", values), ("slope", slopes)):
        bad = ~np.isfinite(found)
        if bad.any():
            worst = far[bad][np.argmin(np.abs(far[bad]))]
            raise RefusedError(f"not finite: its {what} at x = {worst:.4g}")
    if not slopes.any():
        raise RefusedError("without slope: nothing could be learned through it")
    check_size(program)
    near = np.linspace(-_SEEN, _SEEN, 257)
    values, _ = _values_and_slopes(program, near)
    spread = np.ptp(values)
    if spread <= _FLAT * max(1.0, float(np.abs(values).max())):
        raise RefusedError(f"constant: on [-{_SEEN:g}, {_SEEN:g}]")
    line = np.polynomial.Polynomial.fit(near, values, 1)(near)
    if np.abs(values - line).max() <= _FLAT * spread:
        raise RefusedError(f"affine: on [-{_SEEN:g}, {_SEEN:g}]")


def _values_and_slopes(program: Program, points: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Both at the points, statistics of the tensor taken over them and held fixed."""
    (name,) = program.inputs
    body = lower(program.body)
    column = {name: points[:, np.newaxis]}
    return _at(body, column), _at(derivative(body, input(name)), column)


def _at(root: Node, column: dict[str, NDArray[Any]]) -> NDArray[Any]:
    values: NDArray[Any] = evaluate(root, column)[root]
    return values[:, 0]
