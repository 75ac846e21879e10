from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location

import pytest

from actdsl.evolve.lab.compiled import compiled, sources


@pytest.fixture
def from_disk(tmp_path):
    """Compiles a file's function as a new process would; whether the disk had the code."""
    path = tmp_path / "outer.py"
    path.write_text("def outer(x):\n    return x + 1\n")
    spec = spec_from_file_location("outer", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)

    def call():
        sources.cache_clear()
        function = compiled.__wrapped__(module.outer)
        assert function(1) == 2
        return sum(function.stats.cache_hits.values()) == 1

    return call


def test_code_is_kept_on_disk(from_disk):
    assert [from_disk(), from_disk()] == [False, True]


def test_a_change_of_a_file_beside_the_functions_own_counts(from_disk, tmp_path):
    from_disk()
    (tmp_path / "inner.py").write_text("A = 1\n")
    assert [from_disk(), from_disk()] == [False, True]
    (tmp_path / "inner.py").write_text("A = 2\n")
    assert not from_disk()
    (tmp_path / "notes.txt").write_text("A = 2\n")
    assert from_disk()
