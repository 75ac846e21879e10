"""Every code of the catalog, raised, and rendered as it was when somebody last looked at it.

To renew a snapshot, delete it: the next run writes it anew, and fails so that somebody looks.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from actdsl.grammar import (
    Diagnostic,
    SourceError,
    decode,
    domain_warnings,
    explain,
    over_budget,
    parse,
    read_source,
    render,
)
from actdsl.grammar.catalog import catalog

SNAPSHOTS = Path(__file__).with_name("snapshots")

SUM = "+".join(["x"] * 300)
DOUBLING = "def f0(u) = u * u\n" + "".join(
    f"def f{k}(u) = f{k - 1}(f{k - 1}(u))\n" for k in range(1, 15)
)
CHAIN = "def f0(u) = u\n" + "".join(f"def f{k}(u) = f{k - 1}(u)\n" for k in range(1, 70))
PARAMS = "".join(f"param p{k} = 1 " for k in range(65))

# Texts too long to stand in the catalog.
LONG = {
    "E0502": f"activation f(x):\n    return {'(' * 65}x{')' * 65}",
    "E0503": f"activation f(x):\n    return {SUM}",
    "E0504": f"{DOUBLING}activation f(x): return f14(x)",
    "E0505": f"activation f(x):\n    let {'y' * 65} = x\n    return x",
    "E0506": f"activation f(x):\n    {PARAMS}\n    return x",
    "E0507": f"activation f(x):\n    return x + 0.{'1' * 63}",
    "E0510": "activation f(x):\n    return sin(x) + cos(x)",
    "E0509": f"{CHAIN}activation f(x): return f69(x)",
}


def diagnostics(text: str) -> tuple[Diagnostic, ...]:
    try:
        return parse(text).warnings
    except SourceError as error:
        return error.diagnostics


def example(code: str) -> tuple[tuple[Diagnostic, ...], str]:
    """What the catalog's wrong example, or the longer one here, leads to, and its text."""
    text = LONG.get(code) or catalog()[code].examples[0]
    if code == "W0101":
        return tuple(domain_warnings(parse(text))), text
    if code == "E0510":
        return (over_budget(parse(text), 30, 10),), text
    return diagnostics(text), text


def raised(action: object, *arguments: object) -> tuple[tuple[Diagnostic, ...], str]:
    with pytest.raises(SourceError) as caught:
        action(*arguments)  # type: ignore[operator]
    return caught.value.diagnostics, ""


def case(code: str) -> tuple[tuple[Diagnostic, ...], str]:
    match code:
        case "E0104":
            return raised(decode, b"activation f(x):\n  return x \xff")
        case "E0105":
            return raised(decode, b"activation f(x):\n\0")
        case "E0106":
            return raised(read_source, "no/such/file.act")
        case "E0501":
            return raised(parse, " " * 65_537)
        case _:
            return example(code)


@pytest.mark.parametrize("code", catalog())
def test_code(code: str) -> None:
    found, text = case(code)
    assert {diagnostic.code for diagnostic in found} == {code}
    rendered = render(found, text, "example.act") + "\n"
    snapshot = SNAPSHOTS / f"{code}.txt"
    if not snapshot.exists():
        snapshot.write_text(rendered, encoding="utf-8")
        pytest.fail(f"wrote {snapshot.name}: look at it")
    assert rendered == snapshot.read_text(encoding="utf-8")


def test_no_snapshot_is_left_over() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.txt")} == set(catalog())


@pytest.mark.parametrize("code", [c for c, entry in catalog().items() if len(entry.examples) > 1])
def test_the_right_example_is_right(code: str) -> None:
    parsed = parse(catalog()[code].examples[-1])
    assert parsed.warnings == ()
    assert code != "W0101" or domain_warnings(parsed) == []


@pytest.mark.parametrize("code", catalog())
def test_explanation(code: str) -> None:
    text = explain(code.lower())
    assert text.startswith(f"{code}: ")
    assert "```" not in text
    assert len(text.splitlines()) >= 3


def test_no_explanation_of_an_unknown_code() -> None:
    with pytest.raises(KeyError):
        explain("E9999")


def codes(text: str) -> list[str]:
    return [diagnostic.code for diagnostic in diagnostics(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # each mistake of a file is said, and said once
        ("activation f(x): let a = 2x let b = y return sgn(a) + b", ["E0204", "E0301", "E0302"]),
        ("activation f(x): let a = ) let b = a return b + c", ["E0203", "E0201", "E0301"]),
        ("activation f(x): let a = z return a + a * z", ["E0301"]),
        ("activation f(x): let a = x > 0 return a + a", ["E0402", "E0402"]),
        ("def g(u) = * u\nactivation f(x): return g(x)", ["E0201"]),
        ("def g(u = log(0)) = u\nactivation f(x): return g()", ["E0405"]),
        ("def g(u, u) = u\nactivation f(x): return g(x)", ["E0304"]),
        ("activation 1(x): let a = 2 return y", ["E0201"]),
        ("activation f(x): param a = y return a * x", ["E0301"]),
        ("activation f(x): return min(x > 0, x, x < 1)", ["E0402", "E0402"]),
        ("activation f(x): return x + 1 2", ["E0204"]),
        ("activation f(x): return !x", ["E0206", "E0403"]),
        ("activation f(x): return x ? 1 : 0", ["E0207"]),
        ("activation f(x): return if(x > 0, x, 0)", ["E0302"]),
        ("activation f(x): if x > 0: return x", ["E0207"]),
        ("activation f(x): return (lambda u: u)(x)", ["E0210"]),
        ("activation f(x): return x.abs()", ["E0209"]),
        ("activation f(x): return np.tanh(x) + np.pi", ["E0209", "E0209"]),
        ("activation f(x): return x x", ["E0204"]),
        ("activation f(x): return (x)(x)", ["E0204"]),
        ("activation f(x):\n return x\n let y = 2\n return y", ["E0215", "E0215"]),
        ("activation f(x): \n \"\"\"Docs.\"\"\"\n return x", ["E0101"]),
        ("activation f(x): let y: float = x return y", ["E0218"]),
        ("activation f(x): let let = x return x", ["E0216"]),
        ("activation f(x): return +x", ["E0206"]),
        ("activation f(x): return x <> 1", ["E0206", "E0402"]),
        ("activation f(x): return x % 2", ["E0206"]),
        ("activation f(x): return pi(x)", ["E0307"]),
        ("activation f(pi): return pi", ["E0305"]),
        ("activation f(x): let x = x return x", ["E0304"]),
        ("activation f(x): return f(x)", ["E0302"]),
        ("def g(u) = g(u)\nactivation f(x): return g(x)", ["E0303"]),
        ("activation f(x): return g(x)\ndef g(u) = u", ["E0303"]),
        ("activation f(): return 1", ["E0411"]),
        ("activation f(x):", ["E0214"]),
        ("activation f(x): return elu()", ["E0401"]),
        ("activation f(x): return mean()", ["E0401"]),
        ("activation f(x): return shift(x, x)", ["E0404"]),
        ("activation f(x): param a = mean(1) return a * x", ["E0404"]),
        ("activation f(x): param a = 1 in [0 / 0, 1] return a * x", ["E0405"]),
        ("activation f(x): param a = 1 in [inf, 2] return a * x", ["E0406"]),
        ("activation f(x): param a = 1 in [0, -inf] return a * x", ["E0406"]),
        ("activation f(x): param a = 1 in [0, 2 * inf] return a * x", ["E0301"]),
        ("activation f(x): param a = inf return a * x", ["E0301"]),
        ("activation f(x): return mean(x, x)", ["E0408"]),
        ("", ["E0212"]),
        ("return x", ["E0201"]),
        ("(" * 200, ["E0201"]),
    ],
)  # fmt: skip
def test_codes(text: str, expected: list[str]) -> None:
    assert sorted(codes(text)) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("softplsu(x)", "did you mean `softplus`?"),
        ("Sigmoid(x)", "did you mean `sigmoid`?"),
        ("swsh(x)", "did you mean `swish`?"),
        ("ln(x)", "write `log`"),
        ("pow(x, 2)", "write `a ** b`"),
        ("add(x, 2)", "write the operator `+`"),
        ("maximum(x, 0)", "write `max`"),
        (
            "x + inf",
            "infinity is a bound, as in `in [0, inf]`, and no number; "
            "compare with a large one instead",
        ),
        ("x + PI", "write `pi`"),
        ("where(True, x, 0)", "write a comparison that always holds: `0 < 1`"),
        ("qqqqqqqq(x)", ""),
        ("elu(x, 1, 2)", "elu(x, alpha = 1)"),
    ],
)
def test_help(text: str, help: str) -> None:
    (diagnostic,) = diagnostics(f"activation f(x): return {text}")
    assert diagnostic.help == help


def test_the_parts_that_a_file_defines_are_suggested() -> None:
    text = "def envelope(u) = u\nactivation f(x): let ripple = x return envelop(x) + ripplle"
    helps = {diagnostic.help for diagnostic in diagnostics(text)}
    assert helps == {"did you mean `envelope`?", "did you mean `ripple`?"}
