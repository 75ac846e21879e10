from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from actdsl.evolve.proposers.endpoint.faults import of_status
from actdsl.evolve.proposers.endpoint.patience import Patience


class Clock(list):
    """Moved on by waiting alone."""

    def __call__(self):
        return sum(self)


def limited(retry_after=None):
    return of_status(429, "slow down", retry_after)


def test_those_that_were_under_way_together_count_once_and_set_out_apart():
    clock, shares = Clock(), iter([0.0, 0.5, 0.9])
    patience = Patience(clock, clock.append, lambda: next(shares))
    turns = [patience.turn() for _ in range(4)]
    for turn in turns:
        patience.failed(turn, limited())
    patience.turn()
    assert clock == [1.0]
    patience.failed(patience.turn(), limited())
    patience.turn()
    assert clock == [1.0, 2.0 * 1.25]


def test_an_answer_begins_anew():
    clock = Clock()
    patience = Patience(clock, clock.append, lambda: 0.0)
    for _ in range(3):
        patience.failed(patience.turn(), limited())
    patience.answered()
    patience.failed(patience.turn(), limited())
    patience.turn()
    assert clock == [1.0, 2.0, 4.0, 1.0]
    assert not patience.is_over


@pytest.mark.parametrize(("text", "seconds"), [("7", 7.0), ("0.5", 0.5), ("-1", None), ("soon", None),
                                               ("nan", None), ("inf", None), (None, None)])  # fmt: skip
def test_retry_after_in_seconds(text, seconds):
    assert limited(text).wait == seconds


def test_retry_after_as_a_date():
    soon = datetime.now(UTC) + timedelta(seconds=90)
    assert 60 < limited(format_datetime(soon, usegmt=True)).wait <= 90
    assert limited("Wed, 21 Oct 2015 07:28:00 GMT").wait == 0.0
    assert limited("Wed, 99 Oct 2015 07:28:00 GMT").wait is None
