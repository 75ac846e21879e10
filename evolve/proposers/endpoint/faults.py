"""What can go wrong between here and a model, by kinds to count, and what is to be done."""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

RATE_LIMIT = "rate limit"
"""The kind that more patience is for than for others."""

_LONGEST = 160


class Remedy(enum.Enum):
    """What a fault calls for."""

    AGAIN = "again"
    ANOTHER = "another"
    SIMPLER = "simpler"
    END = "end"


class FaultError(Exception):
    """No answer, or none of use.

    Attributes:
        kind: ``rate limit``, ``time-out``, ``server error``, ``connection``, ``junk``, ``refusal``,
            ``half answer``, ``request``, ``key``, ``model`` or ``closed``.
        remedy: the same request again, another proposal, a simpler request, or the end.
        wait: seconds that the server asks for, or None.
    """

    def __init__(self, kind: str, detail: str, remedy: Remedy, wait: float | None = None) -> None:
        super().__init__(f"{kind}: {one_line(detail)}")
        self.kind, self.remedy, self.wait = kind, remedy, wait


@dataclass(frozen=True, slots=True)
class _Meaning:
    kind: str
    remedy: Remedy


_STATUS = {
    400: _Meaning("request", Remedy.SIMPLER),
    401: _Meaning("key", Remedy.END),
    402: _Meaning("key", Remedy.END),
    403: _Meaning("key", Remedy.END),
    404: _Meaning("model", Remedy.END),
    408: _Meaning("time-out", Remedy.AGAIN),
    409: _Meaning("server error", Remedy.AGAIN),
    422: _Meaning("request", Remedy.SIMPLER),
    425: _Meaning("server error", Remedy.AGAIN),
    429: _Meaning(RATE_LIMIT, Remedy.AGAIN),
}


def of_status(status: int, detail: str, retry_after: str | None) -> FaultError:
    """The fault that a server's status stands for."""
    otherwise = (
        _Meaning("server error", Remedy.AGAIN) if status >= 500 else _Meaning("request", Remedy.END)
    )
    meaning = _STATUS.get(status, otherwise)
    if status == 429 and "insufficient_quota" in detail:
        meaning = _Meaning("key", Remedy.END)
    refused = ", the endpoint does not accept the key" if status in (401, 403) else ""
    detail = f"{status}{refused}: {detail}"
    return FaultError(meaning.kind, detail, meaning.remedy, _seconds(retry_after))


def closed() -> FaultError:
    """The fault of a request that nobody waits for any more."""
    return FaultError("closed", "the search ended before the answer was there", Remedy.END)


def one_line(text: str) -> str:
    """The text in one printable line, cropped."""
    line = "".join(c if c.isprintable() else " " for c in " ".join(text.split()))
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _seconds(retry_after: str | None) -> float | None:
    """What a Retry-After header asks for, given in seconds or as a date (RFC 9110, 10.2.3)."""
    text = retry_after or ""
    try:
        seconds = float(text)
    except ValueError:
        try:
            date = parsedate_to_datetime(text)
        except ValueError:
            return None
        moment = date if date.tzinfo else date.replace(tzinfo=UTC)
        seconds = max(0.0, (moment - datetime.now(UTC)).total_seconds())
    return seconds if seconds >= 0 and math.isfinite(seconds) else None
