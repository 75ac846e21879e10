from __future__ import annotations

import pytest

from actdsl.errors import ActdslError
from actdsl.evolve.proposers.endpoint.secret import Secret, read_secret


def test_it_shows_itself_to_nobody():
    secret = Secret("sk-a/very+secret-key")
    assert "secret-key" not in f"{secret} {secret!r} {[secret]}"
    assert secret.scrub("a sk-a/very+secret-key b sk-a%2Fvery%2Bsecret-key") == "a [key] b [key]"
    assert secret.reveal() == "sk-a/very+secret-key"


def test_a_placeholder_is_not_searched_for():
    assert Secret("none").scrub("none of it") == "none of it"


def test_it_comes_from_the_file_before_the_environment(tmp_path, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert read_secret(None) is None
    monkeypatch.setenv("OPENAI_API_KEY", "from-the-environment\n")
    found = read_secret(None)
    assert found is not None
    assert found.reveal() == "from-the-environment"
    (tmp_path / "key").write_text("from-the-file\n")
    found = read_secret(tmp_path / "key")
    assert found is not None
    assert found.reveal() == "from-the-file"


@pytest.mark.parametrize("content", [b"", b"two keys", b"\xff\xfe", "clé".encode()])
def test_a_file_without_one_key_is_one_line_that_does_not_show_it(tmp_path, content):
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(ActdslError, match="key file") as caught:
        read_secret(tmp_path / "key")
    assert "two keys" not in str(caught.value)


@pytest.mark.parametrize("key", ["sk-first-line\nsk-second-line", "two keys", "clé", "sk-a\x1bb"])
def test_of_the_environment_it_is_one_key_too(monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(ActdslError, match="OPENAI_API_KEY should hold one key and") as caught:
        read_secret(None)
    assert key not in str(caught.value)
    assert "sk-" not in str(caught.value)
