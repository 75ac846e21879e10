"""A chat endpoint that speaks OpenAI's protocol, and the patience that it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from functools import cached_property
from threading import Lock
from typing import Any
from urllib.parse import urlsplit
from weakref import finalize

from actdsl.errors import ActdslError, MissingExtraError
from actdsl.evolve.proposers.endpoint.conversation import Conversation
from actdsl.evolve.proposers.endpoint.deadline import within
from actdsl.evolve.proposers.endpoint.faults import (
    RATE_LIMIT,
    FaultError,
    Remedy,
    closed,
    of_status,
)
from actdsl.evolve.proposers.endpoint.patience import Patience
from actdsl.evolve.proposers.endpoint.secret import VARIABLE, Secret
from actdsl.evolve.proposers.endpoint.servers import Server, by_owner, held_to, is_openai, said
from actdsl.evolve.proposers.proposal import Cost
from actdsl.grammar.shapes import Shape

ATTEMPTS = 4
"""Requests made for one answer before it is given up, those that met a rate limit aside."""

MOST_TOKENS = 4000
"""Of one answer, a model's thoughts included."""

_LISTING = 10.0
_LOWEST = 2
_CHARACTERS_A_TOKEN = 4
_FEWEST_CHARACTERS_A_TOKEN = 2


class Endpoint:
    """One model behind one URL.

    Args:
        model: its name there.
        base_url: of the endpoint; OpenAI's own if None.
        secret: the key; an endpoint at a base URL may do without.
        rules: the grammar that answers are held to, where the server can.
        timeout: seconds that one request may take, all in all.
        price: dollars for a million tokens read, and written.
        patience: what all threads that ask keep between requests.

    Raises:
        MissingExtraError: the client is not installed.
        ActdslError: the URL is none, or shows a password; OpenAI's own endpoint lacks a key.
    """

    def __init__(
        self,
        model: str,
        base_url: str | None,
        secret: Secret | None,
        rules: Mapping[str, Shape],
        timeout: float = 120.0,
        price: tuple[float, float] | None = None,
        patience: Patience | None = None,
    ) -> None:
        _check(base_url, secret)
        self.model, self._base_url = model, base_url
        self._secret = secret or Secret("none")
        self._rules, self._timeout, self._price = rules, timeout, price
        self._patience = patience or Patience()
        self._client = self._connected()
        self._lock = Lock()
        self._level = 0  # steps down from the request of all that the server is said to offer
        self._fits = False  # whether a request of this level was ever answered

    @property
    def is_held(self) -> bool:
        """Whether answers are held to the grammar."""
        return self._holds(self._level)

    def close(self) -> None:
        """Answer nobody any more, those who wait included."""
        self._patience.close()

    def most(self, prompt: str) -> Cost:
        """What an answer and its repair may cost, after all that stands before the first."""
        read = len(prompt) // _FEWEST_CHARACTERS_A_TOKEN
        return self._cost(2 * read + MOST_TOKENS, 2 * MOST_TOKENS)

    def answer(self, talk: Conversation, prompt: str) -> str:
        """The answer to a prompt, after the turns before it; the turn is added to them.

        Raises:
            FaultError: there is none, or half of one.
        """
        failed = 0
        while True:
            turn, level = self._patience.turn(), self._level
            try:
                return self._once(talk, prompt, level)
            except FaultError as fault:
                talk.troubles.append(fault.kind)
                if fault.remedy is Remedy.SIMPLER and self._step_down(level):
                    continue
                if fault.remedy is not Remedy.AGAIN:
                    raise
                self._patience.failed(turn, fault)
                failed += fault.kind != RATE_LIMIT
                if failed == ATTEMPTS or self._patience.is_over:
                    raise

    def _once(self, talk: Conversation, prompt: str, level: int) -> str:
        request = self._request(talk.messages(prompt, self._holds(level)), talk.seed, level)
        completion = self._guarded(
            lambda: self._client.chat.completions.create(**request), self._timeout
        )
        try:
            choice = completion.choices[0]
            text = self._secret.scrub(said(choice.message))
            refusal = self._secret.scrub(str(getattr(choice.message, "refusal", None) or ""))
            end = choice.finish_reason
        except (AttributeError, IndexError, KeyError, TypeError) as error:
            raise FaultError("junk", "the answer has no message in it", Remedy.AGAIN) from error
        self._patience.answered()
        self._keep(level)
        self._charge(talk, completion, prompt, text)
        talk.answered(text or refusal)
        if refusal or end == "content_filter":
            raise FaultError("refusal", refusal or text or end, Remedy.ANOTHER)
        if end == "length":
            detail = f"it was cut at {MOST_TOKENS} tokens"
            raise FaultError("half answer", detail, Remedy.ANOTHER)
        return text

    def _request(self, messages: list[dict[str, str]], seed: int, level: int) -> dict[str, Any]:
        limit = "max_completion_tokens" if is_openai(self._base_url) else "max_tokens"
        request = {"model": self.model, "messages": messages, limit: MOST_TOKENS}
        if level < _LOWEST:
            request["seed"] = seed
        if self._holds(level):
            request |= held_to(self._server, self._rules)
        return request

    def _holds(self, level: int) -> bool:
        return level == 0 and self._server is not Server.OTHER

    def _keep(self, level: int) -> None:
        """Stay at a level at which there was an answer: what is rejected now is the prompt."""
        with self._lock:
            self._fits |= level == self._level

    def _step_down(self, rejected: int) -> bool:
        """Ask for less from now on: no grammar, then no seed.

        False if the request that was rejected is not to be had simpler.
        """
        with self._lock:
            if rejected == self._level and not self._fits:
                self._level = 1 if self._holds(rejected) else _LOWEST
            return rejected < self._level

    @cached_property
    def _server(self) -> Server:
        if is_openai(self._base_url):
            return Server.OPENAI
        try:
            models = self._guarded(lambda: self._client.models.list().data, _LISTING)
            return by_owner(next(iter(models)).owned_by)
        except (FaultError, AttributeError, StopIteration, TypeError):
            return Server.OTHER  # it does not say, so nothing is asked of it but text

    def _guarded(self, call: Callable[[], Any], seconds: float) -> Any:
        import openai

        try:
            return within(seconds, call, self._patience.closed)
        except CancelledError:
            raise closed() from None
        except (TimeoutError, openai.APITimeoutError) as error:
            detail = f"no answer within {seconds:g} s"
            raise FaultError("time-out", detail, Remedy.AGAIN) from error
        except openai.APIStatusError as error:
            detail = self._secret.scrub(error.message)
            detail = detail.removeprefix(f"Error code: {error.status_code} - ")
            wait = error.response.headers.get("retry-after")
            raise of_status(error.status_code, detail, wait) from None
        # What the client says of its own troubles may hold the header with the key, in any spelling.
        except openai.APIConnectionError as error:
            detail = type(error.__cause__ or error).__name__
            raise FaultError("connection", detail, Remedy.AGAIN) from None
        except Exception as error:  # whatever a server provokes in the client is the server's
            raise FaultError("junk", type(error).__name__, Remedy.AGAIN) from None

    def _charge(self, talk: Conversation, completion: Any, prompt: str, text: str) -> None:
        """Add what the server says that it cost; of one that does not say, an estimate."""
        usage = getattr(completion, "usage", None)
        read = _count(getattr(usage, "prompt_tokens", None), prompt)
        written = _count(getattr(usage, "completion_tokens", None), text)
        talk.cost += self._cost(read, written)

    def _cost(self, read: int, written: int) -> Cost:
        price = self._price or (0.0, 0.0)
        return Cost(read + written, (read * price[0] + written * price[1]) / 1e6)

    def _connected(self) -> Any:
        try:
            from openai import OpenAI
        except ImportError as error:
            raise MissingExtraError("openai", "remote", "a model behind an endpoint") from error
        client = OpenAI(
            api_key=self._secret.reveal(),
            base_url=self._base_url or "https://api.openai.com/v1",
            max_retries=0,
            timeout=self._timeout,
        )
        finalize(self, client.close)
        return client


def _check(base_url: str | None, secret: Secret | None) -> None:
    if base_url is None:
        if secret is None:
            raise ActdslError(f"OpenAI's endpoint needs a key: set {VARIABLE} or --api-key-file")
        return
    url = urlsplit(base_url)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ActdslError("a base URL begins with http:// or https:// and names a host")
    if url.username or url.password or url.query or url.fragment:
        raise ActdslError(
            "a base URL is kept with the run, so it may hold no password and no query: "
            f"give the key by {VARIABLE} or --api-key-file"
        )


def _count(stated: object, text: str) -> int:
    if isinstance(stated, int) and stated >= 0:
        return stated
    return len(text) // _CHARACTERS_A_TOKEN
