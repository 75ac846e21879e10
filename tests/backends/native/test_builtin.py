"""Machine code as a builtin: every number of arguments arrives, in order, and other threads run."""

from __future__ import annotations

import ctypes
import threading

import numpy as np
import pytest

from actdsl.backends.native.builtin import builtin
from actdsl.backends.native.code import address, machine_code


def writer(count: int) -> int:
    """The address of a function of a place and ``count - 1`` words that writes the words there."""
    arguments = ", ".join(["ptr %place", *(f"i64 %w{k}" for k in range(count - 1))])
    stores = [
        f"%p{k} = getelementptr i64, ptr %place, i64 {k}\nstore i64 %w{k}, ptr %p{k}"
        for k in range(count - 1)
    ]
    body = "\n".join([*stores, "ret void"])
    return address(machine_code(f"define void @write({arguments}) {{\n{body}\n}}\n"), "write")


@pytest.mark.parametrize("count", [1, 2, 7, 15, 16, 17, 40])
def test_words_arrive_in_order(count: int) -> None:
    words = [(-1) ** k * (2**40 + k) for k in range(count - 1)]
    place = np.zeros(max(1, count - 1), np.int64)
    assert builtin(writer(count), count)(place.ctypes.data, *words) is None
    assert place[: count - 1].tolist() == words


def test_few_arguments_do_not_go_through_ctypes() -> None:
    assert not isinstance(builtin(writer(3), 3), ctypes._CFuncPtr)


def test_two_kernels_are_two_functions() -> None:
    place = np.zeros(2, np.int64)
    one, two = builtin(writer(2), 2), builtin(writer(3), 3)
    two(place.ctypes.data, 5, 6)
    one(place.ctypes.data, 7)
    assert place.tolist() == [7, 6]


def test_other_threads_run_meanwhile() -> None:
    # The machine code waits until somebody else has written to the flag.
    text = (
        "define void @wait(ptr %flag) {\nstart:\nbr label %look\n"
        "look:\n%value = load volatile i64, ptr %flag\n%set = icmp ne i64 %value, 0\n"
        "br i1 %set, label %end, label %look\nend:\nret void\n}\n"
    )
    flag = np.zeros(1, np.int64)
    wait = builtin(address(machine_code(text), "wait"), 1)
    waiting = threading.Thread(target=wait, args=(flag.ctypes.data,), daemon=True)
    waiting.start()
    flag[0] = 1
    waiting.join(60)
    assert not waiting.is_alive()
