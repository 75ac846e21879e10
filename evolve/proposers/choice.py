"""Proposers by the names that the command line gives them."""

from __future__ import annotations

from pathlib import Path

from actdsl.errors import ActdslError
from actdsl.evolve.proposers.bandit import Bandit
from actdsl.evolve.proposers.endpoint.chat import Endpoint
from actdsl.evolve.proposers.endpoint.secret import read_secret
from actdsl.evolve.proposers.expressions.vocabulary import vocabulary
from actdsl.evolve.proposers.grammar import GrammarProposer
from actdsl.evolve.proposers.local import LocalProposer
from actdsl.evolve.proposers.local_model import bundled_model, why_not
from actdsl.evolve.proposers.prompting import Prompts
from actdsl.evolve.proposers.proposer import Proposer
from actdsl.evolve.proposers.random import RandomProposer
from actdsl.evolve.proposers.remote import RemoteProposer
from actdsl.evolve.settings import Settings
from actdsl.grammar.productions import Bounds, productions

NAMES = ("grammar", "random", "llama", "llama:PATH", "openai:MODEL")
"""What can be asked for, alone or several with commas between them."""

AUTO = "auto"

_REMOTE_BOUNDS = Bounds(depth=3, params=2, lets=1)


def make_proposer(settings: Settings) -> Proposer:
    """What the settings name.

    Raises:
        ActdslError: nothing is called that, a model or a key cannot be found, or a package that is
            needed is not installed.
    """
    names = [name.strip() for name in settings.proposer.split(",") if name.strip()]
    found = [_one(name, settings) for name in dict.fromkeys(names)]
    if not found:
        raise ActdslError(f"name a proposer: {', '.join(NAMES)}")
    return found[0] if len(found) == 1 else Bandit(found)


def best_there_is() -> tuple[str, str]:
    """What ``auto`` stands for here, and a line that says so and how to get the others."""
    missing = why_not()
    others = "any model behind an endpoint: --proposer openai:MODEL --base-url URL"
    if missing:
        return "grammar", (
            "proposer: grammar, which needs no model. "
            f"A local language model besides: pip install 'actdsl[llm]' ({missing}); {others}"
        )
    return "grammar,llama", (
        f"proposer: grammar and the local model {bundled_model().stem}, by what each yields. "
        f"Another model: --proposer llama:PATH; {others}"
    )


def _one(name: str, settings: Settings) -> Proposer:
    kind, _, which = name.partition(":")
    contextual = settings.allow_contextual
    prompts = Prompts(None if settings.prompts is None else Path(settings.prompts))
    words = {word.name for word in vocabulary(contextual)}
    match kind, which:
        case "grammar", "":
            return GrammarProposer(contextual)
        case "random", "":
            return RandomProposer(contextual)
        case "llama", path:
            return LocalProposer(Path(path) if path else bundled_model(), prompts, contextual)
        case "openai", model if model:
            key_file = None if settings.api_key_file is None else Path(settings.api_key_file)
            endpoint = Endpoint(
                model,
                settings.base_url,
                read_secret(key_file),
                productions(words, contextual, _REMOTE_BOUNDS),
                settings.answer_within,
                settings.price,
            )
            return RemoteProposer(endpoint, prompts, contextual, settings.max_flops)
    raise ActdslError(f"no proposer is called {name!r}: use {', '.join(NAMES)}")
