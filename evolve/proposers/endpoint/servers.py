"""Servers that can hold a model's answer to a grammar, each in its own way of being asked."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from actdsl.grammar.gbnf import gbnf
from actdsl.grammar.lark_form import lark_form
from actdsl.grammar.shapes import Shape

_TOOL = "write_activation"


class Server(enum.Enum):
    """What answers at an endpoint, by what its list of models says of their owner."""

    OPENAI = "openai"
    LLAMA_CPP = "llamacpp"
    VLLM = "vllm"
    OTHER = ""


def is_openai(base_url: str | None) -> bool:
    """Whether the endpoint is OpenAI's own, which no base URL means too."""
    host = "api.openai.com" if base_url is None else urlsplit(base_url).hostname or ""
    return host == "openai.com" or host.endswith(".openai.com")


def by_owner(owner: object) -> Server:
    """The server whose models belong to that owner; OpenAI's is known by its address alone."""
    return {"llamacpp": Server.LLAMA_CPP, "vllm": Server.VLLM}.get(str(owner), Server.OTHER)


def held_to(server: Server, rules: Mapping[str, Shape]) -> dict[str, Any]:
    """What to add to a request so that the answer follows the rules."""
    match server:
        case Server.LLAMA_CPP:
            return {"extra_body": {"grammar": gbnf(rules)}}
        case Server.VLLM:
            return {"extra_body": {"structured_outputs": {"grammar": gbnf(rules)}}}
        case Server.OPENAI:
            grammar = {"syntax": "lark", "definition": lark_form(rules)}
            tool = {
                "name": _TOOL,
                "description": "Hands in one activation function.",
                "format": {"type": "grammar", "grammar": grammar},
            }
            choice = {"type": "custom", "custom": {"name": _TOOL}}
            return {"tools": [{"type": "custom", "custom": tool}], "tool_choice": choice}
    return {}


def said(message: Any) -> str:
    """The text of a message, be it plain or handed to the tool."""
    for call in getattr(message, "tool_calls", None) or ():
        custom = getattr(call, "custom", None)
        if custom is not None:
            return str(custom.input)
    content = message.content
    return content if isinstance(content, str) else ""
