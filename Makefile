# Two commands, each from a bare checkout: `make demo` and `make test`.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test slow lint types docs clean

demo: $(VENV)/.installed
	$(BIN)/actdsl evolve --seed examples/relu.act --candidates 96 --run runs/demo --resume-if-there

test: $(VENV)/.installed-test
	$(BIN)/pytest -m "not slow" -n 2

slow: $(VENV)/.installed-test
	$(BIN)/pytest -m slow -n 2

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# mypy cannot see the folders' mapping through an editable install, so it checks an installed copy.
types: $(VENV)/.installed-test
	rm -rf build
	$(BIN)/pip install --quiet --no-deps --no-compile --target build/types .
	cd build && MYPYPATH=types ../$(BIN)/mypy --config-file ../pyproject.toml -p actdsl

docs: $(VENV)/.installed
	$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --constraint constraints.txt --editable .
	touch $@

$(VENV)/.installed-test: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --constraint constraints.txt --editable '.[dev,jax,cuda]'
	touch $@ $(VENV)/.installed
