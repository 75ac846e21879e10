"""Files that no activation is in: every verb that reads one says so, and nothing breaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from .command import GOOD, run

VERBS = [
    ("check",),
    ("check", "--json"),
    ("fmt", "--check"),
    ("show",),
    ("compile", "--backend", "torch"),
    ("bench", "--size", "1", "--ways", "actdsl"),
]
CONTENTS = {
    "empty": b"",
    "bytes": bytes(range(256)),
    "nul": b"activation f(x): return x\0",
    "latin-1": "activation f(x): return x # é".encode("latin-1"),
    "utf-16": GOOD.encode("utf-16"),
    "surrogate": b"activation f(x): return x # \xed\xa0\x80",
    "name": "activation ünï(x): return x".encode(),
    "space": "activation f(x):\u00a0return x".encode(),
    "direction": "activation f(x): return \u202ex".encode(),
    "large": b"# " + b"x" * 2**16,
    "deep": b"activation f(x): return " + b"(" * 2000 + b"x" + b")" * 2000,
    "long": b"activation f(x): return x" + b" + x" * 9000,
    "two": GOOD.encode() * 2,
}
ODD = ("folder", "nowhere", "itself", "missing")
READABLE = {("fmt", "empty"), ("fmt", "two"), ("fmt", "long")}
"""``fmt`` asks of a text that it can be read, not that it means something."""
CASES = [(v, n) for v in VERBS for n in (*CONTENTS, *ODD) if (v[0], n) not in READABLE]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in CONTENTS.items():
        (tmp_path / f"{name}.act").write_bytes(content)
    (tmp_path / "folder.act").mkdir()
    (tmp_path / "nowhere.act").symlink_to("gone")
    (tmp_path / "itself.act").symlink_to("itself.act")
    return tmp_path


@pytest.mark.parametrize(("verb", "name"), CASES)
def test_a_bad_file_is_a_diagnostic(folder: Path, verb: tuple[str, ...], name: str) -> None:
    done = run(*verb, str(folder / f"{name}.act"))
    assert isinstance(done.exception, SystemExit)
    assert done.exit_code == 1
    assert "E0" in (done.stdout if "--json" in verb else done.stderr)


@pytest.mark.parametrize("written", ["\r\n", "\r"])
def test_line_ends_and_byte_order_marks_mean_nothing(tmp_path: Path, written: str) -> None:
    path = tmp_path / "f.act"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", written).encode())
    assert run("check", str(path)).exit_code == 0
    assert run("fmt", str(path)).exit_code == 0
    assert path.read_bytes() == GOOD.encode()
