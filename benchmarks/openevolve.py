"""The search against OpenEvolve: candidates a minute, from one endpoint, on the same tasks.

    python -m venv rival; rival/bin/pip install openevolve==0.4.0 torch
    python benchmarks/openevolve.py --openevolve rival/bin/openevolve-run
    python benchmarks/openevolve.py --show              # the last results

A server on 127.0.0.1 speaks OpenAI's protocol. It has no model: it answers after a fixed time with
random functions, admissible and all different, the same ones in the same order to everybody, as
``.act`` text or as a PyTorch function. OpenEvolve trains with ``openevolve/evaluator.py``, an eager
PyTorch loop with fused Adam: the same networks from the same weights by the same recipe, on as many
processes. actdsl runs twice: as it is, and with every candidate trained in full and none tuned, which
is what OpenEvolve does. Each takes turns, as the command that people type; the time is that of the
whole command. What actdsl compiles once on a machine is there; of these functions nothing is.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from string import Template
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from scipy.stats import norm

import actdsl
from actdsl.backends.timing import description, spellings
from actdsl.evolve.admission import Admission, RefusedError
from actdsl.evolve.lab import SUITES, lab_kernel
from actdsl.evolve.lab.learning_rate import PROBES
from actdsl.evolve.lab.network import initial
from actdsl.evolve.lab.tasks import dataset, stream
from actdsl.evolve.proposers import Context, RandomProposer
from actdsl.grammar import parse

HERE = Path(__file__).parent
RIVAL = HERE / "openevolve"
RESULTS = HERE / "results" / "openevolve.json"
THEIRS, OURS, FULL = "OpenEvolve", "actdsl", "actdsl, all in full, none tuned"
MOST_FLOPS = 40
_ACTDSL = [sys.executable, "-P", "-c", "from actdsl.cli import main; main()"]

Document = dict[str, Any]
Answer = Callable[[str], str]


def main() -> None:
    """Measure, then print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--openevolve", help="the command openevolve-run")
    parser.add_argument(
        "--only", default=f"{THEIRS};{OURS};{FULL}", help="ways, semicolons between"
    )
    parser.add_argument("--candidates", type=int, default=16, help="beside the first, ReLU")
    parser.add_argument("--rounds", type=int, default=2, help="of all ways in turn")
    parser.add_argument("--suite", default="micro", choices=SUITES)
    parser.add_argument("--seeds", type=int, default=1, help="networks for each task")
    parser.add_argument("--latency", type=float, default=0.2, help="seconds that an answer takes")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--show", action="store_true", help="print results that are there already")
    chosen = parser.parse_args()
    if not chosen.show:
        chosen.output.write_text(json.dumps(_measured(chosen), indent=1) + "\n")
    print(tables(json.loads(chosen.output.read_text()))["rates"])


def _measured(chosen: argparse.Namespace) -> Document:
    keys = ("candidates", "suite", "seeds", "latency", "workers")
    document: Document = {"date": date.today().isoformat(), "machine": description()}
    document |= {key: getattr(chosen, key) for key in keys}
    ways = chosen.only.split(";")
    document["runs"] = {way: [] for way in ways}
    with TemporaryDirectory() as name:
        folder = Path(name)
        if THEIRS in ways:
            command = _openevolve(chosen.openevolve)
            document["openevolve"] = _version(command)
            _write_tasks(folder / "tasks.npz", chosen.suite, chosen.seeds)
        _warm(folder / "cache")
        for number in range(chosen.rounds):
            for way in ways:
                own = folder / f"{way}-{number}"
                own.mkdir()
                if way == THEIRS:
                    found = _theirs(command, folder / "tasks.npz", own, chosen)
                else:
                    found = _ours(folder / "cache", own, chosen, in_full=way == FULL)
                print(f"{way}: {found}", file=sys.stderr, flush=True)
                document["runs"][way].append(found)
    return document


def functions(seed: int) -> Iterator[str]:
    """Texts of random activations that a search would evaluate, no two alike.

    Those of which torch's functions are handed a number are left out: they want tensors.
    """
    admission = Admission(max_flops=MOST_FLOPS)
    for name in ("relu", "gelu"):
        admission.admit(actdsl.zoo[name].text)
    rng = np.random.default_rng(seed)
    while True:
        text = RandomProposer().ask(rng, Context(())).text
        try:
            admission.admit(text)
            spellings(parse(text).program)[-1].apply(torch.zeros(1))
        except (RefusedError, TypeError):
            continue
        yield text


def as_act(text: str) -> str:
    """An answer for actdsl."""
    return f"```act\n{text}```\n"


def as_python(text: str) -> str:
    """An answer for OpenEvolve: the function as one would write it in PyTorch."""
    written = spellings(parse(text).program)[-1].text
    name = written.removeprefix("def ").partition("(")[0]
    return (
        "```python\nimport math\n\nimport torch\n\n\n"
        "def constant(value, like):\n    return torch.full((), value, dtype=like.dtype)\n\n\n"
        f"{written}\n\n\nactivation = {name}\n```\n"
    )


@contextmanager
def serving(answer: Answer, latency: float, seed: int = 0) -> Iterator[str]:
    """The base URL of an endpoint that answers with :func:`functions`, in that form."""
    texts, lock = functions(seed), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._send({"object": "list", "data": [{"id": "benchmark", "owned_by": "nobody"}]})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(latency)
            with lock:
                content = answer(next(texts))
            message = {"role": "assistant", "content": content}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
            self._send({
                "id": "0", "object": "chat.completion", "created": 0, "model": "benchmark",
                "choices": [choice], "usage": usage,
            })  # fmt: skip

        def _send(self, document: Document) -> None:
            data = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()


def _ours(cache: Path, folder: Path, chosen: argparse.Namespace, in_full: bool) -> Document:
    command = [
        *_ACTDSL, "evolve", "--seed", "relu", "--proposer", "openai:benchmark",
        "--candidates", str(chosen.candidates + 1), "--suite", chosen.suite,
        "--seeds", str(chosen.seeds), "--max-flops", str(MOST_FLOPS), "--run", str(folder / "run"),
        "--workers", str(chosen.workers), "--no-proof", "--quiet", "--json",
        *(("--no-racing", "--no-tuning") if in_full else ()),
    ]  # fmt: skip
    own_cache = Path(shutil.copytree(cache, folder / "cache"))
    with serving(as_act, chosen.latency) as url:
        seconds, printed = _run([*command, "--base-url", url], folder, _settings(own_cache))
    document = json.loads(printed)
    counts = {key: document[key] for key in ("evaluated", "dropped", "failed")}
    return {"seconds": seconds, **counts, "refused": sum(document["refused"].values())}


def _theirs(command: str, tasks: Path, folder: Path, chosen: argparse.Namespace) -> Document:
    log = folder / "evaluations.jsonl"
    config = Template((RIVAL / "config.yaml").read_text())
    settings = {"BENCHMARK_TASKS": str(tasks), "BENCHMARK_LOG": str(log), "OMP_NUM_THREADS": "1"}
    words = [
        command, str(RIVAL / "initial_program.py"), str(RIVAL / "evaluator.py"),
        "--config", str(folder / "config.yaml"), "--output", str(folder / "output"),
        "--iterations", str(chosen.candidates),
    ]  # fmt: skip
    with serving(as_python, chosen.latency) as url:
        filled = config.substitute(url=url, workers=chosen.workers)
        (folder / "config.yaml").write_text(filled)
        seconds, _ = _run(words, folder, {**os.environ, **settings})
    evaluations = [json.loads(line) for line in log.read_text().splitlines()]
    spent = sum(evaluation["seconds"] for evaluation in evaluations)
    return {"seconds": seconds, "evaluated": len(evaluations), "evaluation": spent}


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> tuple[float, str]:
    """Seconds that a command takes, and what it prints."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return seconds, done.stdout


def _settings(cache: Path) -> dict[str, str]:
    return {**os.environ, "ACTDSL_CACHE_DIR": str(cache), "OPENAI_API_KEY": "none"}


def _warm(cache: Path) -> None:
    """Have what is compiled once on a machine compiled."""
    command = [*_ACTDSL, "lab", "tanh", "--suite", "smoke"]
    subprocess.run(command, env=_settings(cache), capture_output=True, check=True)


def _openevolve(named: str | None) -> str:
    found = shutil.which(named or "openevolve-run")
    if found is None:
        sys.exit(
            "OpenEvolve is not here: python -m venv rival; "
            "rival/bin/pip install openevolve==0.4.0 torch; then --openevolve rival/bin/openevolve-run"
        )
    return str(Path(found).absolute())


def _version(command: str) -> dict[str, str]:
    """Of OpenEvolve and torch, as the Python beside the command has them."""
    code = "import importlib.metadata as m; print(m.version('openevolve'), m.version('torch'))"
    python = Path(command).with_name("python")
    printed = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    return dict(zip(("openevolve", "torch"), printed.stdout.split(), strict=True))


def _write_tasks(path: Path, suite_name: str, seeds: int) -> None:
    """The recipe, and for each network its data and first weights, where no actdsl is needed."""
    suite = SUITES[suite_name]
    recipe = replace(suite.recipe, gain_correction=False)  # which is the evaluator's to make
    kernel = lab_kernel(actdsl.zoo["relu"], recipe.width)
    quantiles = (np.arange(128 * recipe.width) + 0.5) / (128 * recipe.width)
    arrays: dict[str, Any] = {"normal": norm.ppf(quantiles).astype(np.float32)}
    runs = [(task, seed) for task in suite.tasks for seed in range(seeds)]
    for which, networks in (("run", runs), ("probe", [(task, 0) for task in PROBES])):
        for number, (task, seed) in enumerate(networks):
            data = dataset(task, seed, suite.sizes)
            far = which == "run"
            parts = {
                "x": data.x_train, "y": data.y_train,
                "x_test": data.x_ood if far else data.x_valid,
                "y_test": data.y_ood if far else data.y_valid,
                "theta": initial(stream(task, seed, "initial"), task.dimension, recipe, kernel),
            }  # fmt: skip
            arrays |= {f"{which}{number}_{part}": array for part, array in parts.items()}
    facts = {
        "width": recipe.width, "steps": recipe.steps, "rates": recipe.learning_rates,
        "probe_steps": recipe.probe_steps or recipe.steps, "probes": len(PROBES),
        "runs": len(runs), "gain_correction": suite.recipe.gain_correction,
    }  # fmt: skip
    np.savez(path, recipe=json.dumps(facts), **arrays)


def tables(document: Document) -> dict[str, str]:
    """What was measured as a Markdown table, by name."""
    rates = {
        way: median(60 * run["evaluated"] / run["seconds"] for run in runs)
        for way, runs in document["runs"].items()
    }
    lines = [
        "| | candidates | seconds | candidates a minute | against OpenEvolve |",
        "| --- | --- | --- | --- | --- |",
    ]
    for way, runs in document["runs"].items():
        times = " ".join(f"{run['seconds']:.1f}" for run in runs)
        counts = " ".join(str(run["evaluated"]) for run in runs)
        against = f"{rates[way] / rates[THEIRS]:.1f}x" if THEIRS in rates else "-"
        lines.append(f"| {way} | {counts} | {times} | {rates[way]:.1f} | {against} |")
    return {"rates": "\n".join(lines)}


if __name__ == "__main__":
    main()
