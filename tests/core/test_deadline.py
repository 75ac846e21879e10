"""Code that does not stop is stopped."""

from __future__ import annotations

import threading

from actdsl.deadline import Expired, within


def test_a_result_comes_through() -> None:
    assert within(10.0, lambda: 42) == 42


def test_an_exception_is_no_result() -> None:
    assert within(10.0, lambda: 1 // 0) is None


def test_what_loops_for_ever_is_stopped() -> None:
    rounds, ended = [], threading.Event()

    def endless() -> None:
        try:
            while True:
                rounds.append(None)
                if len(rounds) > 1000:
                    rounds.clear()
        finally:
            ended.set()

    assert within(0.05, endless) is None
    assert ended.wait(30.0)


def test_nobody_swallows_the_end() -> None:
    ended = threading.Event()

    def stubborn() -> None:
        try:
            while True:
                try:
                    sum(range(10))
                except Exception:
                    continue
        except Expired:
            ended.set()
            raise

    assert within(0.05, stubborn) is None
    assert ended.wait(30.0)
    assert not issubclass(Expired, Exception)


def test_from_another_thread() -> None:
    results: list[int | None] = []
    caller = threading.Thread(target=lambda: results.append(within(10.0, lambda: 7)))
    caller.start()
    caller.join()
    assert results == [7]
