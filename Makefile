# Two commands do all the set-up: `make demo` and `make test`. `make help` lists the rest.

PYTHON3 ?= python3
PYTHON := .venv/bin/python
CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/magneton-dev
INSTALLED := .venv/.installed

# Python and the extension are installed, checked and built beside each other.
MAKEFLAGS += --jobs=2

.DEFAULT_GOAL := help
include extension/extension.mk
.PHONY: help demo test lint lint-py cases bench clean

help:  ## this list
	@awk -F':.*## ' '/^[a-z][a-z-]*:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(INSTALLED)  ## compare two real programs: GPT-2 with its default and with the fused activation
	.venv/bin/magneton compare fixtures/cases/hf-39073/a.py:build \
		fixtures/cases/hf-39073/b.py:build --time-budget 20

# Two at a time want twice the CPUs that there are: threads that wait for each other must sleep.
test: lint $(VSIX) extension/out-test/index.js  ## linters, type checks and all tests, also in a real VS Code
	MAGNETON_CACHE=$(CACHE) $(PYTHON) -m tests.e2e.harness.tools
	OMP_WAIT_POLICY=passive MAGNETON_CACHE=$(CACHE) $(PYTHON) -m pytest -q -m "not quiet" --numprocesses 2 --dist loadfile
	MAGNETON_CACHE=$(CACHE) $(PYTHON) -m pytest -q -m quiet

lint: lint-py lint-ts  ## ruff, mypy, eslint and tsc

lint-py: $(INSTALLED)
	.venv/bin/ruff check --quiet .
	.venv/bin/ruff format --quiet --check .
	.venv/bin/mypy
	.venv/bin/mypy extension/scripts

cases: $(INSTALLED)  ## run the known cases, also swapped and renamed, and the planted ones, as a table
	$(PYTHON) -m tests.cases

bench: $(INSTALLED)  ## the figures of docs/benchmarks.md
	$(PYTHON) benchmarks/editor.py
	$(PYTHON) benchmarks/recording.py
	$(PYTHON) -m benchmarks.matching
	$(PYTHON) benchmarks/trace.py
	$(PYTHON) benchmarks/redundancy.py

clean:  ## remove what was built and installed here (the cache outside the clone stays)
	rm -rf .venv dist extension/dist extension/out-test extension/bundled extension/node_modules
	rm -rf .mypy_cache .ruff_cache .pytest_cache

# torch goes first and pinned: left to itself, another package would pull its newest CUDA build.
$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON3) -m venv .venv || { apt-get install -y --no-install-recommends python3-venv && $(PYTHON3) -m venv .venv; }
	$(PYTHON) -m pip install --quiet --constraint constraints.txt torch
	$(PYTHON) -m pip install --quiet --constraint constraints.txt --editable '.[test]'
	@touch $@
