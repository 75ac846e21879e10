"""Texts that nobody meant: whatever the bytes, the answer is a program or diagnostics."""

from __future__ import annotations

import random

import pytest

from actdsl.grammar import SourceError, decode, format_text, parse, unparse
from actdsl.grammar.catalog import catalog

SEEDS = (
    "# why\ndef envelope(u, w = 1 / 5) = exp(-w * u**2)\n\nactivation gelu_sinc(x):\n"
    "    param a = 0.5 in [0, 1] per channel  # learnable\n    let ripple = sinc(x)\n"
    "    return gelu(x) * (1 + a * ripple) + envelope(x, 2)\n",
    "activation swiglu(x, gate): return silu(x) * where(gate > 0 and not x <= -1, gate, 1e-3)",
    "activation t(x):\n let z = (x - mean(x, batch)) / (std(x) + 1e-6)\n"
    " return min(z, x, pi) + shift(x, 1)",
)
TOKENS = [
    "def", "activation", "param", "let", "return", "in", "per", "channel", "and", "or", "not",
    "pi", "e", "x", "gate", "(", ")", "[", "]", ",", ":", "=", "==", "<", "<=", "+", "-", "*", "/",
    "**", "^", "1", "2.5", "1e-3", "1e999", "sin(", "gelu(", "mean(", "where(", "min(", "#", "\n",
    "?", "!", "&&", ".", "²", "×", "−", "λ", "é", "\0", '"', "'", ";", "{", "math.sin", "lambda",
    "if", "else", "import", "f(",
]  # fmt: skip


def mutated(rng: random.Random) -> bytes:
    data = bytearray(rng.choice(SEEDS).encode())
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(5):
            case 0:
                data[at:at] = rng.randbytes(rng.randint(1, 4))
            case 1:
                del data[at : at + rng.randint(1, 12)]
            case 2:
                data[at:at] = rng.choice(TOKENS).encode()
            case 3:
                start = rng.randrange(len(data) + 1)
                data[at:at] = data[start : start + rng.randint(1, 30)]
            case 4 if data:
                data[at % len(data)] = rng.randrange(256)
    return bytes(data)


def random_bytes(rng: random.Random) -> bytes:
    return rng.randbytes(rng.randint(0, 200))


def random_tokens(rng: random.Random) -> bytes:
    return " ".join(rng.choices(TOKENS, k=rng.randint(0, 60))).encode()


def answer(data: bytes) -> None:
    try:
        text = decode(data)
        program = parse(text).program
    except SourceError as error:
        refused(error, lines=data.count(b"\n") + data.count(b"\r") + 1)
    else:
        assert parse(format_text(text)).program == program
        assert parse(unparse(program)).program.body is program.body


def refused(error: SourceError, lines: int) -> None:
    assert error.diagnostics
    for diagnostic in error.diagnostics:
        assert diagnostic.code in catalog()
        assert 1 <= diagnostic.span.line <= lines
        assert diagnostic.span.column >= 1
    assert str(error).startswith("error[E0")


MAKERS = (mutated, random_bytes, random_tokens)


@pytest.mark.parametrize("maker", MAKERS)
def test_thousand(maker: object) -> None:
    rng = random.Random(2026)
    for _ in range(1000):
        answer(maker(rng))  # type: ignore[operator]


@pytest.mark.slow
@pytest.mark.parametrize("maker", MAKERS)
def test_ten_thousand(maker: object) -> None:
    rng = random.Random(20_260)
    for _ in range(10_000):
        answer(maker(rng))  # type: ignore[operator]
