"""What a worker runs in the tests: it does not survive some texts."""

from __future__ import annotations

import os
import time

from actdsl.evolve import Outcome


def measure(text: str, suite: str, seeds: tuple[int, ...]) -> Outcome:
    """Dies of ``die``; of ``die once: PATH``, unless the file is there, which it leaves."""
    if text == "die":
        os._exit(1)
    if text.startswith("die once: "):
        path = text.removeprefix("die once: ")
        if not os.path.exists(path):
            open(path, "w").close()
            os._exit(1)
    time.sleep(0.01)
    return Outcome({"text": text, "suite": suite, "seeds": list(seeds)})
