# `make demo` and `make test` work in a fresh clone with Python 3.11 or newer and nothing else done by hand.
PYTHON ?= python3
VENV ?= .venv
GENERATOR_VENV ?= .venv-generator
PYBOP_VENV ?= .venv-pybop
WORKERS ?= 2
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.DEFAULT_GOAL := help
.PHONY: help demo examples test check lint format types arch docs generate check-generated contract \
        bench bench-import bench-sweep bench-protocols bench-measurement bench-fitting clean distclean

help: ## show these lines
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' Makefile

# ---------------------------------------------------------------- environments
$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is older than 3.11; run: make PYTHON=python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# Each stamp is renewed when pyproject.toml changes. A developer's environment also runs the demo.
$(VENV)/ready-demo: $(VENV)/created pyproject.toml
	$(PIP) --editable '.[local,plot]'
	@touch $@

$(VENV)/ready-dev: $(VENV)/created pyproject.toml
	$(PIP) --editable '.[dev]'
	@touch $@ $(VENV)/ready-demo

$(GENERATOR_VENV)/ready: generator/requirements.txt
	$(PYTHON) -m venv $(GENERATOR_VENV)
	$(GENERATOR_VENV)/bin/python -m pip --disable-pip-version-check install --quiet -r generator/requirements.txt
	@touch $@

# PyBOP pins an older numpy than the engine has, and the engine's own PyBaMM goes with both.
$(PYBOP_VENV)/ready: benchmarks/requirements-pybop.txt
	$(PYTHON) -m venv $(PYBOP_VENV)
	$(PYBOP_VENV)/bin/python -m pip --disable-pip-version-check install --quiet -r benchmarks/requirements-pybop.txt
	@touch $@

# ---------------------------------------------------------------- for everybody
demo: $(VENV)/ready-demo ## a real discharge and a sweep on the embedded engine; writes demo-output/demo.png
	$(BIN)/python examples/demo.py

examples: $(VENV)/ready-dev ## run every example on the embedded engine
	$(BIN)/python -m pytest -q tests/end_to_end/test_examples.py

test: $(VENV)/ready-dev ## the tests
	$(BIN)/python -m pytest -n $(WORKERS)

# ---------------------------------------------------------------- checks
check: check-generated lint types arch test ## everything that must hold before a change is accepted

lint: $(VENV)/ready-dev ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/ready-dev ## ruff: put the format right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/ready-dev ## mypy --strict on ionworks/
	$(BIN)/mypy

arch: $(VENV)/ready-dev ## who may import whom
	$(BIN)/lint-imports --no-cache

docs: $(VENV)/ready-dev ## run the Python blocks of README.md and docs/
	$(BIN)/python -m pytest -q tests/end_to_end/test_docs.py tests/end_to_end/test_guide.py

contract: $(VENV)/ready-dev ## test a server: make contract URL=... KEY=... [WRITE=1]
	@PYTHONPATH=generated IONWORKS_CONTRACT_KEY='$(KEY)' $(BIN)/python -m tests.end_to_end.conformance $(if $(URL),--url '$(URL)') $(if $(WRITE),--write)

# ---------------------------------------------------------------- generated code
generate: $(GENERATOR_VENV)/ready ## openapi.yaml -> generated/
	$(GENERATOR_VENV)/bin/python -m generator

check-generated: $(GENERATOR_VENV)/ready ## lint openapi.yaml; fail when generated/ is not what it produces
	$(GENERATOR_VENV)/bin/python -m generator --check

# ---------------------------------------------------------------- benchmarks
bench: bench-import bench-sweep bench-protocols bench-measurement bench-fitting ## every benchmark

bench-import: $(VENV)/ready-dev ## import time and memory, ionworks beside pandas
	$(BIN)/python benchmarks/import_cost.py

bench-sweep: $(VENV)/ready-dev ## a 100-point sweep: this engine, a naive loop, pybamm.BatchStudy
	$(BIN)/python benchmarks/sweep.py

bench-protocols: $(VENV)/ready-dev ## HPPC and 100 ageing cycles, single and swept, beside pybamm.Experiment
	$(BIN)/python benchmarks/protocols.py

bench-measurement: $(VENV)/ready-dev ## ten million rows: uploaded, cut into steps, read back; beside plain polars
	$(BIN)/python benchmarks/measurement.py

bench-fitting: $(VENV)/ready-dev $(PYBOP_VENV)/ready ## fits of SPM, SPMe and DFN, local and global, beside PyBOP 26.3
	$(BIN)/python benchmarks/fitting.py --pybop $(PYBOP_VENV)/bin/python

# ---------------------------------------------------------------- tidying
clean: ## remove what tools and runs leave behind
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis .import_linter_cache \
		build dist demo-output benchmarks/results
	find . -name __pycache__ -not -path './$(VENV)*' -prune -exec rm -rf {} +

distclean: clean ## also remove the virtual environments
	rm -rf $(VENV) $(GENERATOR_VENV) $(PYBOP_VENV)
