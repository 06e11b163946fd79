# Needs python3 and make, nothing else: each target makes .venv by itself when it has to.
#   make test ARGS="-k webhook"        ARGS go to the program that the target runs
#   make test PYTHON=python3.13        another Python; .venv is made again for it

PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
# The stamp carries Python's version and is touched last: a venv of another version, or one whose
# making was cut short, does not count.
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
READY := $(VENV)/ready-$(VERSION)
PEERS := $(VENV)/peers-$(VERSION)
# Twice quiet: errors only.
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet --quiet

# With this variable, each process that the tests start would compile all its imports again.
unexport PYTHONDONTWRITEBYTECODE
# Tests that wait for a process leave the processor to another test.
WORKERS := $(shell $(PYTHON) -c 'import os; print(min(4, (os.cpu_count() or 1) + 1))')

.DEFAULT_GOAL := help
.PHONY: help demo test check chaos mutants backtests bench events dist lock clean

help: ## List these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile | expand -t 14

demo: $(READY) ## Watch articles become signed webhooks (ARGS=--once ends by itself)
	@$(BIN)/tocsin demo $(ARGS)

test: $(READY) ## Run the tests
	@$(BIN)/python -m pytest --numprocesses=$(WORKERS) --dist=worksteal $(ARGS)

check: $(READY) ## Lint, format, types, import contracts, and the rules that ship
	@echo "ruff: lint and format"; $(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet .
	@echo "mypy: types"; $(BIN)/mypy --no-error-summary
	@echo "import-linter: the order of the rooms"; $(BIN)/lint-imports --no-logo --no-cache
	@echo "tocsin check: the rules"; $(BIN)/tocsin check --no-secrets rules
	@echo "tocsin test: the rules' own tests"; $(BIN)/tocsin test rules

chaos: $(READY) ## Kill, pause and starve everything, and count what arrives (half an hour)
	@$(BIN)/python -m pytest -m chaos -s $(ARGS)

mutants: $(READY) ## Put small faults into the code, and tell which no test sees (docs/testing.md)
	@PYTHONPATH=.:tests $(BIN)/python -m mutants $(ARGS)

backtests: $(READY) ## Compare back-tests with live runs, twenty made-up days instead of one
	@BACKTEST_SEEDS=20 $(BIN)/python -m pytest --numprocesses=$(WORKERS) tests/integration/archive $(ARGS)

bench: $(PEERS) ## Measure the matching engine and compare it with its peers (ARGS=--help lists more)
	@PYTHONPATH=.:tests $(BIN)/python -m benchmarks $(ARGS)

events: $(READY) ## Write the JSON Schemas and examples of docs/events/ from the code
	@PYTHONPATH=.:tests $(BIN)/python tests/builders/event_files.py

dist: $(READY) ## Build wheel and sdist, and run the demo from the wheel in an empty environment
	@rm -rf dist && $(BIN)/python -m build --quiet --no-isolation --outdir dist .
	@echo "installing the wheel and its requirements in an empty environment"
	@$(PYTHON) -m venv dist/venv
	@dist/venv/bin/python -m pip --disable-pip-version-check --no-input --quiet --quiet \
	    install --require-hashes --only-binary :all: --requirement requirements.txt
	@dist/venv/bin/python -m pip --disable-pip-version-check --no-input --quiet --quiet \
	    install --no-deps --no-index dist/*.whl
	@mkdir dist/empty && cd dist/empty && ../venv/bin/tocsin demo --once
	@rm -rf dist/venv dist/empty && ls dist

lock: $(READY) ## Compile the requirements from pyproject.toml (ARGS=--upgrade for newer versions)
	@$(call compile,pyproject.toml,requirements.txt)
	@$(call compile,pyproject.toml --extra otel,requirements-otel.txt)
	@$(call compile,--group build,requirements-build.txt)
	@$(call compile,pyproject.toml --extra otel --group dev,requirements-dev.txt)
	@$(call compile,--group bench,requirements-bench.txt)
	@$(call compile,--group tables,requirements-tables.txt)

clean: ## Remove .venv and caches; data in .tocsin stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis dist
	find service tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

define compile
	echo "compiling $(2)"; $(BIN)/uv pip compile $(1) --quiet --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-emit-find-links \
	    --custom-compile-command "make lock" --output-file $(2) $(ARGS)
endef

$(READY): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "Tocsin needs \
	Python 3.11 or newer, and $(PYTHON) is %d.%d: try make PYTHON=python3.13" % v[:2])'
	@echo "Setting up $(VENV) for Python $(VERSION): a minute, once."
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@echo "  installing what requirements-dev.txt lists, each file checked by its hash …"
	@$(PIP) install --require-hashes --only-binary :all: --requirement requirements-dev.txt
	@echo "  installing tocsin itself …"
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@echo "  compiling the kernels of the matching engine …"
	@$(BIN)/python -m service.app.kernels
	@touch $@

$(PEERS): requirements-bench.txt $(READY)
	@echo "  installing the engines that ours is measured against …"
	@$(PIP) install --require-hashes --only-binary :all: --requirement requirements-bench.txt
	@touch $@
