"""``actdsl show``: one activation, for people."""

from __future__ import annotations

import click

from actdsl.program import Kind, Program


@click.command()
@click.argument("name", metavar="FILE|NAME")
@click.option("--plot", "picture", metavar="OUT.png", help="Also draw it, with its derivative.")
@click.option("--simplify", is_flag=True, help="Show the form that sympy finds cheaper, if any.")
def show(name: str, picture: str | None, simplify: bool) -> None:
    """Source, LaTeX, derivative, cost and accuracy of an activation."""
    from actdsl.api import simplify as simplified
    from actdsl.cli.sources import load_source
    from actdsl.derive import derivative
    from actdsl.ir import input
    from actdsl.latex import formula
    from actdsl.lower import lower
    from actdsl.writing import writing

    activation = load_source(name)
    if simplify:
        activation = simplified(activation)
    click.echo(activation.text.rstrip())
    click.echo(f"\nLaTeX       {activation.latex()}")
    for variable in activation.inputs:
        slope = derivative(lower(activation.body), input(variable))
        click.echo(f"d/d{variable:<9} {formula(slope)}")
    cost = activation.cost
    click.echo(f"kind        {activation.kind.value}")
    click.echo(
        f"cost        {cost.flops} FLOPs per element ({cost.transcendentals} transcendental), "
        f"{cost.bytes} bytes moved in float32"
    )
    click.echo(f"hash        {activation.hash}")
    click.echo(f"accuracy    {_accuracy(activation)}")
    if picture is not None:
        with writing(picture):
            activation.plot(picture)
        click.echo(f"plot        {picture}")


def _accuracy(activation: Program) -> str:
    """The largest errors of the CPU's float32 kernels, in one line."""
    from actdsl.backends.accuracy import RANGE, errors

    if activation.kind is Kind.CONTEXTUAL:
        return "not measured: it has no value at a point"
    found = ", ".join(f"{error.of} {error.ulp:.2f}" for error in errors(activation))
    return f"largest error of float32 kernels in ulp, within {RANGE:g} of 0: {found}"
