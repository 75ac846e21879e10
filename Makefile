# Each from a bare checkout: `make demo`, `make demo-llm` with a language model too, `make test`.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo demo-llm test slow lint types docs clean

DEMO := $(BIN)/actdsl evolve --seed examples/relu.act --candidates 96 --resume-if-there

# With the local model if it is installed, else without; the first line on stderr says which. The
# report is a page to look at in a browser.
demo: $(VENV)/.installed
	$(DEMO) --run runs/demo
	$(BIN)/actdsl report runs/demo

# The model's engine, llama.cpp, is compiled here: ten minutes or more on two cores.
demo-llm: $(VENV)/.installed-llm
	$(DEMO) --run runs/demo-llm
	$(BIN)/actdsl report runs/demo-llm

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

$(VENV)/.installed-llm: pyproject.toml constraints.txt | $(VENV)/bin/python
	CMAKE_ARGS="$${CMAKE_ARGS:--DLLAVA_BUILD=OFF}" \
		$(BIN)/pip install --constraint constraints.txt --editable '.[llm]'
	touch $@ $(VENV)/.installed

$(VENV)/.installed-test: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --constraint constraints.txt --editable '.[dev,jax,cuda,remote,cluster]'
	touch $@ $(VENV)/.installed
