"""Activations as people use them: loaded, shown, called, turned into modules.

This is the roof over the folders: it alone (with the command line) reaches grammar and backends
from the core, and imports each only when a call needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from actdsl.cost import Cost, cost
from actdsl.identity import canonical_hash, fingerprint
from actdsl.latex import latex
from actdsl.program import Program

if TYPE_CHECKING:
    from torch import nn


class Activation(Program):
    """A program that can be run, measured and shown.

    Called with torch tensors it gives a tensor (differentiable), with NumPy arrays an array, with
    JAX arrays a JAX array; all inputs have one shape, and so has the output. Learnable parameters
    have their initial values unless given by name.
    """

    @cached_property
    def cost(self) -> Cost:
        """Cost per element: FLOPs, transcendentals, bytes."""
        return cost(self)

    @property
    def flops(self) -> int:
        """Weighted FLOPs per element of the forward pass."""
        return self.cost.flops

    @cached_property
    def hash(self) -> str:
        """The canonical hash: equal for the same function in other words."""
        return canonical_hash(self)

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the values on a probe grid."""
        return fingerprint(self)

    def latex(self) -> str:
        """The formula as LaTeX, without dollar signs."""
        return latex(self)

    def module(
        self,
        backend: str | None = None,
        channels: int | None = None,
        axis: int = -1,
        device: Any = None,
        dtype: Any = None,
        fast: bool = False,
    ) -> nn.Module:
        """A ``torch.nn.Module``, a drop-in for one such as ``nn.GELU()``.

        Args:
            backend: ``native`` (CPU kernels compiled in this process), ``torch``, ``numba`` or
                ``cuda``; by default the best for each input's device.
            channels: size of the channel axis, needed when a parameter is per channel.
            axis: the feature (channel) axis of the inputs.
            device, dtype: of the learnable parameters.
            fast: compute float32 in float32, and with a GPU's approximations, where that is quicker
                but less accurate than 4 units in the last place: tails and the neighbourhood of
                a derivative's zero lose digits, as they do in torch.

        Raises:
            ValueError: ``channels`` is missing for a parameter per channel.
            ActdslError: there is no such backend, or its package is not installed.
        """
        from actdsl.backends import ActivationModule

        return ActivationModule(
            self, backend, channels, axis, device=device, dtype=dtype, fast=fast
        )

    def source(self, backend: str) -> str:
        """The stand-alone Python file that ``actdsl compile`` writes."""
        from actdsl.backends import source

        return source(self, backend)

    def __call__(self, *inputs: Any, **params: Any) -> Any:
        if not params and len(inputs) == len(self.inputs) and _on_cpu(inputs[0]):
            return self._native(*inputs)
        from actdsl.backends import apply

        return apply(self, inputs, params)

    @cached_property
    def _native(self) -> Callable[..., Any]:
        """What is called for arrays and CPU tensors, kept so that small ones wait for no search."""
        from actdsl.backends import function

        return function(self, "native")

    def plot(self, path: str | Path | None = None) -> bytes:
        """A picture (PNG) of the function and its derivative on [-5, 5]; written to ``path`` too."""
        from actdsl.plot import plot

        picture = plot(self)
        if path is not None:
            Path(path).write_bytes(picture)
        return picture

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_png_(self) -> bytes:
        return self.plot()

    def __repr__(self) -> str:
        return (
            f"<activation {self.name}({', '.join(self.inputs)}): {self.kind.value}, "
            f"{self.flops} FLOPs, {self.hash}>"
        )


def activation_of(program: Program) -> Activation:
    """The same program with a user's methods."""
    return Activation(**{field.name: getattr(program, field.name) for field in fields(Program)})


def parse(text: str, filename: str = "<text>") -> Activation:
    """The activation that a text defines.

    Raises:
        SourceError: the text has errors; ``.diagnostics`` lists all of them.
    """
    from actdsl.grammar import parse as parse_text

    return activation_of(parse_text(text, filename).program)


def load(path: str | Path) -> Activation:
    """The activation that an ``.act`` file defines.

    Raises:
        SourceError: the file cannot be read or has errors.
    """
    from actdsl.grammar import read_source

    return parse(read_source(path), str(path))


def simplify(activation: Program, seconds: float = 5.0) -> Activation:
    """The activation in a cheaper form, if sympy finds one that is as accurate in float32."""
    from actdsl.grammar import unparse
    from actdsl.simplification import simplified

    return parse(unparse(simplified(activation, seconds)))


def _on_cpu(value: Any) -> bool:
    """Whether it is a NumPy array, or a torch tensor in the same memory."""
    return type(value) is np.ndarray or getattr(value, "is_cpu", False) is True


class Zoo(Mapping[str, Activation]):
    """The built-in activations, by name; each is parsed when first asked for."""

    def __init__(self) -> None:
        self._parsed: dict[str, Activation] = {}

    @cached_property
    def _texts(self) -> dict[str, str]:
        from actdsl.zoo_sources import zoo_texts

        return zoo_texts()

    def __getitem__(self, name: str) -> Activation:
        if name not in self._parsed:
            self._parsed[name] = parse(self._texts[name], f"<zoo:{name}>")
        return self._parsed[name]

    def __iter__(self) -> Any:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __repr__(self) -> str:
        return f"<zoo of {len(self)} activations: {', '.join(self)}>"


zoo = Zoo()
