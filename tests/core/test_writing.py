"""Files written whole or not at all, and the line that says why one was not."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from actdsl.errors import ActdslError
from actdsl.writing import write_whole, writing


@pytest.fixture
def disk_full(monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fsync)


def test_a_file_is_written_and_written_again(tmp_path: Path) -> None:
    path = tmp_path / "best.act"
    for content in (b"old", b"new and longer", b""):
        write_whole(path, content)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("disk_full")
def test_what_cannot_be_written_whole_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "best.act"
    path.write_bytes(b"old")
    with pytest.raises(ActdslError, match=r"^cannot write .*best\.act: No space left on device$"):
        write_whole(path, b"new and longer")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_and_links_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "f.act", tmp_path / "link.act"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "Permission denied"),
        (OSError("encoder error -2"), "encoder error -2"),
    ],
)
def test_an_error_while_writing_is_one_line(error: OSError, reason: str) -> None:
    with pytest.raises(ActdslError, match=f"^cannot write out.png: {reason}$"), writing("out.png"):
        raise error
