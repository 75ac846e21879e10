"""Write what the code knows into the reference: whole pages, and tables of pages written by hand.

Run: python docs/generate.py [--check]. With --check nothing is written; the exit code is 1 if a
page on disk is not what would be written.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import actdsl
from actdsl.evolve.lab import SUITES, Suite
from actdsl.evolve.lab.sealed import SEALED
from actdsl.evolve.lab.tasks import DEGENERATE, EQUATIONS, Equation, Shift, Task
from actdsl.evolve.proposers.expressions.vocabulary import WEIGHTS
from actdsl.grammar import PRELUDE, limits
from actdsl.grammar.catalog import catalog
from actdsl.grammar.prelude import SOURCE
from actdsl.ops import TABLE, Family, Op

DOCS = Path(__file__).parent
ROOT = DOCS.parent
NOTE = "<!-- Written by docs/generate.py: `make docs` brings it up to date. -->"
TABLE_BELOW = re.compile(r"<!-- (limits|files .*?|results .*?) -->\n.*?<!-- end -->", re.DOTALL)
"""A place in a page written by hand: what its table shows, and the table."""

ARGUMENTS = {"clip": "x, low, high", "where": "condition, a, b", "shift": "x, k"}
"""Where an operator's arguments are more than one, two or three numbers alike."""


def operators() -> str:
    """The op table for people, a chapter per family."""
    chapters = [
        f"## {family.value}\n\n"
        + _table(
            ("spelling", "meaning", "FLOPs", "kinks", "not finite"),
            (_operator(op) for op in TABLE.values() if op.family is family),
        )
        for family in Family
    ]
    return _page(
        "Operators",
        "Everything that [the op table](../actdsl/ops/) says to people. Each row also holds the "
        "derivative, an exact reference, and a spelling for every target.\n\n"
        "*FLOPs* are per element, by the [cost model](cost.md). *Kinks* are where the derivative "
        "jumps, and what is taken there: torch's choice. *Not finite* is what `actdsl check` warns "
        "of. The functions written in the language itself are in the [prelude](prelude.md).",
        *chapters,
    )


def prelude() -> str:
    """The functions written in the language, with their definitions."""
    functions = (
        (f"`{found.signature}`", _sentence(found.doc), f"`{_body(name)}`")
        for name, found in PRELUDE.items()
    )
    return _page(
        "The prelude",
        "Functions of the language that are written in the language. They are ordinary definitions "
        "in [`grammar/prelude.act`](../grammar/prelude.act), which says why each is written as it "
        "is; a call of one keeps its name in formulas and costs what its body costs.",
        _table(("function", "meaning", "definition"), functions),
    )


def diagnostics() -> str:
    """Every code with its explanation."""
    entries = catalog()
    index = ((f"[{code}](#{_anchor(code, e.title)})", e.title) for code, e in entries.items())
    sections = (f"## {code}: {entry.title}\n\n{entry.text}" for code, entry in entries.items())
    return _page(
        "Diagnostics",
        "Codes with E are errors, those with W warnings. `actdsl explain CODE` prints the section "
        "that bears the code. Where a section holds two examples, the first is wrong and the "
        "second is right.",
        _table(("code", "title"), index),
        *sections,
    )


def cost() -> str:
    """The weights of the cost model, and what it comes to for the zoo."""
    by_weight: dict[int, list[str]] = {}
    for op in TABLE.values():
        by_weight.setdefault(op.cost, []).append(_spelled(op))
    weights = ((str(cost), ", ".join(by_weight[cost])) for cost in sorted(by_weight))
    zoo = (
        (name, str(act.cost.flops), str(act.cost.transcendentals), str(act.cost.bytes))
        for name, act in actdsl.zoo.items()
    )
    return _page(
        "Cost",
        COST,
        "## Weights\n\n" + _table(("FLOPs", "operators"), weights),
        "## The zoo\n\n" + _table(("activation", "FLOPs", "transcendentals", "bytes"), zoo),
    )


COST = """\
What `check`, `show` and the search say an activation costs is counted on its graph, before
anything is run. It is the forward pass, per element of the output, after the rewrite rules; shared
work counts once. What depends on no input (constants, expressions of parameters alone) is paid once
per tensor and does not count.

**FLOPs** are weighted: the unit is one addition, and the weights below are nominal prices, so that
two activations can be compared and a search can be bounded. They are not a measurement:
`actdsl bench` is. What the rewrite rules replace is counted as what it becomes: `x**n` with a whole n
up to 16 as products, `x**0.5` as a square root, `var` and `std` as means.

**Transcendentals** are the operations among them that take a polynomial or a table rather than an
instruction or two; in the table of weights they stand in *italics*.

**Bytes** are the memory traffic in float32: each input is read once per pass over the tensor, the
output is written once. A pointwise activation of one input moves 8 bytes. A statistic needs a pass
before the one that uses it, and `std`, which needs the mean first, two."""


def lab_tasks() -> str:
    """The lab's suites, every task of theirs, and all equations that tasks can be made of."""
    suites = [*SUITES.values(), SEALED]
    chapters = [f"## `{suite}`\n\n{_suite(suite)}\n\n{_tasks(suite.tasks)}" for suite in suites]
    shifts = ((f"`{shift.value}`", str(shift)) for shift in Shift)
    care = ((f"{name}", why) for name, why in DEGENERATE.items())
    return _page(
        "The lab's tasks",
        LAB_TASKS,
        "## Out of distribution\n\n"
        "Of these `beyond` is the rule, and `actdsl lab --ood KIND` asks for another. Each keeps to "
        "the unit cube of the scaled variables, where every task is finite.\n\n"
        + _table(("kind", "what it is, for every variable at once"), shifts),
        *chapters,
        "## All of Feynman's equations\n\n"
        + _table(("equation", "formula", "ranges"), map(_equation, EQUATIONS)),
        "## Degenerate points\n\nEquations with points, inside the ranges or on their edge, where "
        "the plain formula would fail or a slope is missing, and what is done there:\n\n"
        + _table(("equation", "what happens"), care),
    )


LAB_TASKS = """\
What networks are taught in [the lab](lab.md), and what they are asked. `actdsl lab --list` shows the
suites, with `--json` in full, and with `--plot FOLDER` draws every task.

A task is a function of scaled variables u, each in (0, 1). Points are drawn uniformly, from a random
stream keyed by the task's name, the seed and the purpose: they are the same on every machine and for every
activation. Targets are standardised by the mean and deviation of the training targets, so a loss of 1
is that of predicting the mean. A *polynomial* is in z = 2u - 1, with all monomials up to its degree and
coefficients uniform in (-1, 1). A *harmonic* Y(l, m) is real and orthonormal, in the angles theta =
pi u1 and phi = 2 pi u2. *Feynman's* equations have every variable scaled from its range; they and the
ranges are those of Udrescu and Tegmark, "AI Feynman", Science Advances 6, eaay2631 (2020)."""


def _suite(suite: Suite) -> str:
    sizes, recipe = suite.sizes, suite.recipe
    rates = ", ".join(f"{rate:g}" for rate in recipe.learning_rates)
    return (
        f"{len(suite.tasks)} tasks, seeds {', '.join(map(str, suite.seeds))}; {sizes.train} points "
        f"for training, {sizes.valid} for validation in distribution, {sizes.ood} out of "
        f"distribution. Two hidden layers of {recipe.width}, {recipe.steps} steps of Adam, learning "
        f"rate {'from' if len(recipe.learning_rates) > 1 else ''} {rates}.".replace("  ", " ")
    )


def _tasks(tasks: Iterable[Task]) -> str:
    rows = ((f"`{t.name}`", str(t.dimension), f"`{t.formula}`", t.source) for t in tasks)
    return _table(("task", "variables", "formula", "source"), rows)


def _equation(equation: Equation) -> tuple[str, str, str]:
    by_range: dict[tuple[float, float], list[str]] = {}
    for name, bounds in zip(equation.variables, equation.ranges, strict=True):
        by_range.setdefault(bounds, []).append(name)
    ranges = (
        f"{', '.join(names)} in ({low:g}, {high:g})" for (low, high), names in by_range.items()
    )
    return equation.name, f"`{equation.formula.text}`", "; ".join(ranges)


def language_card() -> str:
    """The language as a model is told of it: `task.md` has a place for it."""
    symbols = " ".join(op.symbol for op in TABLE.values() if op.symbol)
    words = [op for op in TABLE.values() if not op.symbol and not op.contextual]
    lines = [_line(_signature(op), op.doc, op.cost) for op in words if WEIGHTS.get(op.name) != 0]
    written = (found for name, found in PRELUDE.items() if WEIGHTS.get(name) != 0)
    lines += [_line(found.signature, found.doc) for found in written]
    return "\n".join([NOTE, "", CARD.format(symbols=symbols), *lines]) + "\n"


def contextual_card() -> str:
    """What is added to it where statistics of the tensor are admitted."""
    words = (op for op in TABLE.values() if op.contextual)
    lines = [_line(_signature(op), op.doc, op.cost) for op in words]
    head = "Functions that look at the whole tensor (`axis` is `batch`, `feature`, or left out):"
    return "\n".join([NOTE, "", head, "", *lines]) + "\n"


CARD = """\
The language, in full. An activation has one input, `x`:

    # Why it should generalise, in a sentence or two.
    def bump(t) = exp(-t**2)
    activation ripple_gate(x):
        param a = 0.5 in [0, 1]
        let u = sinc(x)
        return gelu(x) * (1 + a * u) + 0.1 * bump(x - 1)

`def`, `param` and `let` may be left out. A `def` is one expression, and so is what is returned, once,
at the end. A `param` is a number that training goes on to change, within its bounds; a name is
given once. There are no loops, no conditions but `where`, no types and no imports.

Operators: {symbols}
Numbers: 2, 0.5, 1e-3, pi, e. A negative base with a broken exponent is not a number.
A truth value, as `x > 0`, is only good for `where`.

Functions, and the FLOPs of the built-in ones:
"""


def _line(signature: str, doc: str, cost: int | None = None) -> str:
    flops = "" if cost is None else f" [{cost}]"
    return f"- `{signature}`{flops}: {_sentence(doc)}"


def by_hand(name: str) -> str:
    """A page written by hand, with the tables in it brought up to date."""
    text = (DOCS / name).read_text(encoding="utf-8")
    return TABLE_BELOW.sub(
        lambda found: f"<!-- {found[1]} -->\n{_below(found[1])}\n<!-- end -->", text
    )


def _below(what: str) -> str:
    if what == "limits":
        return limit_table()
    if what.startswith("results "):
        return result_table(*what.removeprefix("results ").split())
    folder, names = what.removeprefix("files ").split(": ")
    return file_table(folder, names.split())


def limit_table() -> str:
    """The bounds on source texts."""
    rows = (
        ("size of a file", f"{limits.SOURCE_BYTES // 1024} KiB", "E0501"),
        ("parentheses open at one place", f"{limits.PARENTHESES}", "E0502"),
        ("operators and calls above one another", f"{limits.HEIGHT}", "E0503"),
        ("operations, every call written out", f"{limits.NODES:,}", "E0504"),
        ("characters of a name", f"{limits.NAME_CHARACTERS}", "E0505"),
        ("params", f"{limits.PARAMS}", "E0506"),
        ("characters of a number", f"{limits.LITERAL_CHARACTERS}", "E0507"),
        ("definitions that call definitions", f"{limits.CALL_DEPTH} deep", "E0509"),
        ("places that `shift` moves", f"{limits.SHIFT:,}", "E0409"),
    )
    return _table(("what", "at most", "else"), rows)


def file_table(folder: str, names: Sequence[str]) -> str:
    """Modules with the first sentence of each."""
    paths = [Path(folder, f"{name}.py") for name in names]
    rows = ((f"[`{path}`](../{path})", _first_sentence(ROOT / path)) for path in paths)
    return _table(("file", "what it is"), rows)


def result_table(script: str, name: str) -> str:
    """A table that a script of benchmarks/ makes of its committed results."""
    path = ROOT / "benchmarks" / f"{script}.py"
    spec = importlib.util.spec_from_file_location(script, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[script] = module  # where its dataclasses look for their own names
    spec.loader.exec_module(module)
    table: str = module.tables(json.loads(module.RESULTS.read_text(encoding="utf-8")))[name]
    return table


def _first_sentence(path: Path) -> str:
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return doc.partition("\n")[0].replace("``", "`")


PAGES: Mapping[str, Callable[[], str]] = {
    "operators.md": operators,
    "prelude.md": prelude,
    "diagnostics.md": diagnostics,
    "cost.md": cost,
    "lab-tasks.md": lab_tasks,
    "../evolve/proposers/prompts/language.md": language_card,
    "../evolve/proposers/prompts/contextual.md": contextual_card,
    "language.md": partial(by_hand, "language.md"),
    "architecture.md": partial(by_hand, "architecture.md"),
    "lab.md": partial(by_hand, "lab.md"),
    "search.md": partial(by_hand, "search.md"),
}


def _operator(op: Op) -> tuple[str, ...]:
    hazard = op.hazard.what if op.hazard else ""
    return f"`{_signature(op)}`", op.doc, str(op.cost), op.kinks, hazard


def _signature(op: Op) -> str:
    if op.symbol is not None:
        if op.arity == 1:
            return f"{op.symbol} a" if op.symbol.isalpha() else f"{op.symbol}a"
        return f"a {op.symbol} b"
    if op.contextual and op.name not in ARGUMENTS:
        return f"{op.name}(x, axis)"
    arguments = ARGUMENTS.get(op.name, "x" if op.arity == 1 else "a, b")
    return f"{op.name}({arguments}{', ...' if op.variadic else ''})"


def _spelled(op: Op) -> str:
    name = f"`{_signature(op)}`" if op.symbol else f"`{op.name}`"
    return f"*{name}*" if op.transcendental else name


def _sentence(doc: str) -> str:
    return " ".join(doc.splitlines())


def _body(name: str) -> str:
    lines = SOURCE.read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if line.startswith(f"def {name}("))
    return line.partition(") = ")[2]


def _anchor(code: str, title: str) -> str:
    """What GitHub makes of the heading of a code."""
    kept = "".join(c for c in f"{code}: {title}".lower() if c.isalnum() or c in " -_")
    return kept.replace(" ", "-")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(_lines(head, rows))


def _lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([NOTE, f"# {title}", *parts]) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with ``--check`` compare them; the exit code."""
    stale = []
    for name, make in PAGES.items():
        path, text = DOCS / name, make()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in arguments:
                path.write_text(text, encoding="utf-8")
    for name in stale:
        print(f"{name} {'is out of date' if '--check' in arguments else 'written'}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
