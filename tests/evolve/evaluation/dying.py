"""What a worker runs in the tests: it does not survive some texts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from actdsl.evolve import Outcome
from actdsl.evolve.evaluation.evaluator import Job
from actdsl.evolve.lab import Suite


def measure(job: Job) -> Outcome:
    """Dies of ``die``; of ``die once: PATH``, unless the file is there, which it leaves; and so on."""
    text = job.text
    if text == "hang":
        time.sleep(600)
    if text.startswith("start another and hang: "):
        child = subprocess.Popen(["sleep", "600"])
        Path(text.removeprefix("start another and hang: ")).write_text(str(child.pid))
        time.sleep(600)
    if text == "say why and die":
        print("out of luck", file=sys.stderr, flush=True)
        os._exit(1)
    if text == "die":
        os._exit(1)
    if text.startswith("die once: "):
        path = text.removeprefix("die once: ")
        if not os.path.exists(path):
            open(path, "w").close()
            os._exit(1)
    time.sleep(0.01)
    return Outcome({"text": text, "suite": job.suite.name, "seeds": list(job.seeds)})


def tune(text: str, _suite: Suite) -> str:
    """Dies of ``die``; leaves others as they are."""
    if text == "die":
        os._exit(1)
    return text
