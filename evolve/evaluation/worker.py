"""A worker process from within: it reads calls from its standard input and answers each in turn.

It ends when its input does, so it never outlives whoever started it, not even in the middle of a
call. What libraries print goes to standard error; standard output carries answers alone.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from queue import SimpleQueue
from threading import Thread
from typing import Any, BinaryIO

READY = "ready"
"""What comes first, before any answer."""


def main() -> None:
    """Serve until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    pickle.dump(READY, answers)
    answers.flush()
    calls: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_read, args=(sys.stdin.buffer, calls), daemon=True).start()
    while True:
        function, arguments = calls.get()
        try:
            answer = True, function(*arguments)
        except Exception as error:
            answer = False, f"{type(error).__name__}: {error}"
        pickle.dump(answer, answers)
        answers.flush()


def _read(source: BinaryIO, calls: SimpleQueue[Any]) -> None:
    while True:
        try:
            call = pickle.load(source)
        except EOFError:
            os._exit(0)
        calls.put(call)
