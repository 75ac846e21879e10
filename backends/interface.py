"""The public face that every torch-facing file shares: a function and a module class."""

from __future__ import annotations

from collections.abc import Sequence

from actdsl.backends.emit import literal
from actdsl.backends.names import class_name, file_names, python_name
from actdsl.program import Program


def public_name(name: str) -> str:
    """A name of the user's as the generated file writes it."""
    return python_name(name, file_names())


def torch_function(program: Program, steps: Sequence[str]) -> str:
    """The definition of ``_activation``, a differentiable torch function.

    ``steps`` say how the forward, the backward and the second kernel become steps, with ``{0}`` for
    the kernel and ``{1}`` for the places of its results.
    """
    inputs, params = len(program.inputs), len(program.params)
    names = ("_forward", "_backward", "_second")
    arguments = [
        text.format(name, f"_places[{k}]")
        for k, (text, name) in enumerate(zip(steps, names, strict=True))
    ]
    lines = [f"_places = places(inputs={inputs}, params={params})", "_activation = differentiable("]
    lines += [f"    {argument}," for argument in (*arguments, f"inputs={inputs}")]
    return "\n".join([*lines, ")"])


def public_function(program: Program, call: str, arrays: Sequence[str] = ()) -> str:
    """A function named as the activation.

    Args:
        program: the activation.
        call: what takes the tensors, parameters after inputs.
        arrays: lines that deal with NumPy arrays first, where the target takes them too.
    """
    inputs = [public_name(i) for i in program.inputs]
    takes = "tensors or NumPy arrays" if arrays else "tensors"
    return "\n".join(
        [
            f"def {public_name(program.name)}({', '.join(signature(program))}):",
            f'    """{program.name} of {takes} of one shape, differentiable twice in torch."""',
            *(f"    {line}" for line in arrays),
            f"    return {call}({', '.join([*inputs, *_parameter_tensors(program)])})",
        ]
    )


def signature(program: Program) -> list[str]:
    """The public function's parameters: inputs, then learnable parameters with their defaults."""
    inputs = [public_name(i) for i in program.inputs]
    return inputs + [f"{public_name(p.name)}={literal(p.initial)}" for p in program.params]


def _parameter_tensors(program: Program) -> list[str]:
    first = public_name(program.inputs[0])
    return [
        f"as_parameter({public_name(p.name)}, {first}" + (", each=True)" if p.per_channel else ")")
        for p in program.params
    ]


def module_class(program: Program) -> str:
    """A subclass of the runtime's ``Layer`` that calls the public function."""
    rows = [(p.name, p.initial, *p.bounds, p.per_channel) for p in program.params]
    table = "".join(
        f"        ({name!r}, {literal(initial)}, {literal(low)}, {literal(high)}, {each}),\n"
        for name, initial, low, high, each in rows
    )
    params = f"    _params = (\n{table}    )\n\n" if rows else ""
    return "\n".join(
        [
            f"class {class_name(program)}(Layer):",
            f'    """{program.name} as a module."""\n',
            f"{params}    def _activate(self, *tensors: Tensor) -> Tensor:",
            f"        return {public_name(program.name)}(*tensors)",
        ]
    )
