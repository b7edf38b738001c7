# `make demo` and `make test` work in a fresh clone: they need Python 3.11 or newer and make.
PYTHON ?= python3
VENV ?= .venv
GENERATOR_VENV ?= .venv-generator
LOCK_VENV ?= .venv-lock
PYBOP_VENV ?= .venv-pybop
READERS_VENV ?= .venv-readers
WORKERS ?= 2
ROUNDS ?= 10
MINUTES ?= 10
BIN := $(VENV)/bin
PIP_OPTIONS := --disable-pip-version-check --quiet
# A module's tests run in one process, because they share the engines of their fixtures.
PYTEST_OPTIONS = -n $(WORKERS) --dist loadfile

# Tests run the third-party readers of cycler files in their environment.
export READERS_VENV
# Submissions of tests and benchmarks do not belong in the history of the developer.
export IONWORKS_HISTORY := 0

.DEFAULT_GOAL := help
.PHONY: help setup hooks lock unit format lint types arch test readers coverage check docs \
        examples test-postgres tour demo generate generate-async check-generated contract chaos soak large-batch fake-batch cluster-batch fuzz vendors names migration \
        bench bench-import bench-cold bench-sweep bench-batch bench-scale bench-protocols bench-compiled \
        bench-measurement bench-fitting bench-connections bench-cluster clean distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' Makefile

# ---------------------------------------------------------------- environments
$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "$(PYTHON) is older than 3.11; run: make PYTHON=python3.11 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

# The demo takes the newest packages that pyproject.toml allows, as a user's installation does.
$(VENV)/ready-demo: $(VENV)/created pyproject.toml
	$(BIN)/python -m pip install $(PIP_OPTIONS) --editable '.[local,plot]'
	@touch $@

# Development takes the versions of the lock file. This environment also runs the demo.
$(VENV)/ready-dev: $(VENV)/created pyproject.toml requirements-dev.lock
	$(BIN)/python -m pip install $(PIP_OPTIONS) --constraint requirements-dev.lock --editable '.[dev]'
	@touch $(VENV)/ready-demo $@

$(GENERATOR_VENV)/ready: generator/requirements.txt
	$(PYTHON) -m venv $(GENERATOR_VENV)
	$(GENERATOR_VENV)/bin/python -m pip install $(PIP_OPTIONS) -r generator/requirements.txt
	@touch $@

# PyBOP pins an older numpy than the engine needs, so it gets another environment.
$(PYBOP_VENV)/ready: benchmarks/requirements-pybop.txt
	$(PYTHON) -m venv $(PYBOP_VENV)
	$(PYBOP_VENV)/bin/python -m pip install $(PIP_OPTIONS) -r benchmarks/requirements-pybop.txt
	@touch $@

# The third-party readers of cycler files need packages that the project does not have.
READERS := tests/unit/ucp/cyclers/read
$(READERS_VENV)/ready: $(READERS)/requirements.txt
	$(PYTHON) -m venv $(READERS_VENV)
	$(READERS_VENV)/bin/python -m pip install $(PIP_OPTIONS) --no-deps --only-binary :all: -r $(READERS)/requirements.txt
	@touch $@

# ---------------------------------------------------------------- set up
setup: $(VENV)/ready-dev ## make the development environment in .venv; other targets do it when needed

hooks: $(VENV)/ready-dev ## run `make lint` before each commit from now on
	$(BIN)/pre-commit install

lock: ## renew requirements-dev.lock with the newest versions that pyproject.toml allows
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "lock with the oldest Python: make lock PYTHON=python3.11")'
	$(PYTHON) -m venv --clear $(LOCK_VENV)
	$(LOCK_VENV)/bin/python -m pip install $(PIP_OPTIONS) --editable '.[dev]'
	{ sed -n '/^#/p' requirements-dev.lock; \
	  $(LOCK_VENV)/bin/python -m pip freeze --exclude-editable; } > $(LOCK_VENV)/lock
	mv $(LOCK_VENV)/lock requirements-dev.lock
	rm -rf $(LOCK_VENV)

# ---------------------------------------------------------------- while you work
unit: $(VENV)/ready-dev ## run the unit tests that are not slow: no physics, less than a minute
	$(BIN)/python -m pytest $(PYTEST_OPTIONS) -m "not slow" tests/unit

format: $(VENV)/ready-dev ## format the code and apply ruff's fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: $(VENV)/ready-dev ## check ruff's rules, the format, and the length and name of each module
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest -q tests/unit/test_modules.py

types: $(VENV)/ready-dev ## check the types of ionworks/ and of the modules that tests share
	$(BIN)/mypy

arch: $(VENV)/ready-dev ## check which package imports which
	$(BIN)/lint-imports --no-cache

# ---------------------------------------------------------------- before a review
test: $(VENV)/ready-dev ## run all tests
	$(BIN)/python -m pytest $(PYTEST_OPTIONS)

readers: $(VENV)/ready-dev $(READERS_VENV)/ready ## compare what is read from cycler files with third-party readers
	$(BIN)/python -m pytest -q $(READERS)/test_against_third_party.py

test-postgres: $(VENV)/ready-dev ## run the tests of the server and of the resources that open a database on a temporary PostgreSQL server
	$(BIN)/python -m tests.postgres $(PYTEST_OPTIONS) $(or $(TESTS),tests/unit/server tests/end_to_end/resources)

check: check-generated lint types arch test readers ## run every check; it must pass before a review

docs: $(VENV)/ready-dev ## run the Python blocks of README.md and docs/, and the guide's
	$(BIN)/python -m pytest -q tests/end_to_end/test_docs.py tests/end_to_end/test_guide.py

examples: $(VENV)/ready-dev ## run the examples on the embedded engine
	$(BIN)/python -m pytest -q tests/end_to_end/test_examples.py

tour: $(VENV)/ready-dev ## execute examples/tour.ipynb and store its outputs, without what differs between machines
	$(BIN)/python -m tests.end_to_end.notebook

demo: $(VENV)/ready-demo ## simulate a discharge and a sweep, and plot them in demo-output/demo.png
	$(BIN)/python examples/demo.py

# ---------------------------------------------------------------- when openapi.yaml changes
generate: $(GENERATOR_VENV)/ready ## generate the client in generated/ from openapi.yaml
	$(GENERATOR_VENV)/bin/python -m generator

generate-async: $(VENV)/ready-dev ## generate the asynchronous client in ionworks/aio/ from the synchronous one
	$(BIN)/python -m generator.asynchronous

check-generated: $(GENERATOR_VENV)/ready $(VENV)/ready-dev ## check openapi.yaml, and that generated/ and ionworks/aio/ agree with their sources
	$(GENERATOR_VENV)/bin/python -m generator --check
	$(BIN)/python -m generator.asynchronous --check

contract: $(VENV)/ready-dev ## test any server against openapi.yaml: make contract URL=... KEY=... [WRITE=1]
	@PYTHONPATH=generated IONWORKS_CONTRACT_KEY='$(KEY)' $(BIN)/python -m tests.end_to_end.conformance $(if $(URL),--url '$(URL)') $(if $(WRITE),--write)

# ---------------------------------------------------------------- before a release
coverage: $(VENV)/ready-dev $(READERS_VENV)/ready ## run all tests and measure which lines and branches they reach
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(PYTEST_OPTIONS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered

chaos: $(VENV)/ready-dev ## rounds of work with kills, a full disk, locks and a bad network: make chaos ROUNDS=10 [SEED=...]
	$(BIN)/python -m tests.endurance chaos --rounds $(ROUNDS) $(if $(SEED),--seed $(SEED))

soak: $(VENV)/ready-dev ## work without a pause with moderate faults, and follow the memory: make soak MINUTES=10 [SEED=...]
	$(BIN)/python -m tests.endurance soak --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

large-batch: $(VENV)/ready-dev ## a large batch through kills of a worker and the server, audited: make large-batch RUNS=10000 [SEED=...]
	$(BIN)/python -m tests.endurance.large_batch $(if $(RUNS),--runs $(RUNS)) $(if $(SEED),--seed $(SEED))

fake-batch: $(VENV)/ready-dev ## a million runs of a fake engine, half of them run, and audited: make fake-batch RUNS=1000000
	$(BIN)/python -m tests.endurance.fake_batch $(if $(RUNS),--runs $(RUNS))

cluster-batch: $(VENV)/ready-dev ## a batch on a Dask cluster and PostgreSQL, all of whose processes are killed, audited: make cluster-batch RUNS=5000
	$(BIN)/python -m tests.endurance.cluster_batch $(if $(RUNS),--runs $(RUNS))

fuzz: $(VENV)/ready-dev ## send sequences of generated requests to a new engine: make fuzz [CASES=10000] [SEED=2026]
	@PYTHONPATH=generated $(BIN)/python -m tests.end_to_end.conformance.stateful --cases $(or $(CASES),10000) --seed $(or $(SEED),2026)

# ---------------------------------------------------------------- when the tables of the store change
migration: $(VENV)/ready-dev ## draft a migration of PostgreSQL databases to the tables of the code: make migration CHANGE="..."
	$(BIN)/python -m tests.migration $(CHANGE)

# ---------------------------------------------------------------- when a cycler format changes
vendors: $(VENV)/ready-dev ## write the tables of docs/vendors.md again, from the code
	$(BIN)/python -m tests.unit.ucp.cyclers.export.vendor_page

# ---------------------------------------------------------------- when PyBaMM changes
names: $(VENV)/ready-dev ## write the names that the engine knows without PyBaMM again
	$(BIN)/python -m tests.engine.names_file

# ---------------------------------------------------------------- benchmarks
bench: bench-import bench-cold bench-sweep bench-batch bench-scale bench-protocols bench-compiled bench-measurement bench-fitting bench-connections bench-cluster ## run every benchmark

bench-import: $(VENV)/ready-dev ## import time and memory, beside pandas
	$(BIN)/python benchmarks/import_cost.py

bench-cold: $(VENV)/ready-dev ## the first result of a new program, beside a plain PyBaMM script
	$(BIN)/python benchmarks/cold.py

bench-sweep: $(VENV)/ready-dev ## sweeps of 200 points, beside a naive loop, pybamm.BatchStudy and the bare integrator
	$(BIN)/python benchmarks/sweep.py

bench-batch: $(VENV)/ready-dev ## time, memory and disk of a large batch, in process and served: make bench-batch RUNS=100000
	$(BIN)/python benchmarks/batch.py $(if $(RUNS),--runs $(RUNS))

bench-scale: $(VENV)/ready-dev ## a model of the queue: what limits 10^6 and 10^7 runs on 10 to 1,000 workers
	$(BIN)/python benchmarks/scale.py

bench-protocols: $(VENV)/ready-dev ## HPPC and 100 ageing cycles, single and swept, beside pybamm.Experiment
	$(BIN)/python benchmarks/protocols.py

bench-compiled: $(VENV)/ready-dev ## models compiled to machine code, beside the same models interpreted
	$(BIN)/python benchmarks/compiled_models.py

bench-measurement: $(VENV)/ready-dev ## ten million rows uploaded, cut into steps and read back, beside polars
	$(BIN)/python benchmarks/measurement.py

bench-fitting: $(VENV)/ready-dev $(PYBOP_VENV)/ready ## fits of SPM, SPMe and DFN, local and global, beside PyBOP 26.3
	$(BIN)/python benchmarks/fitting.py --pybop $(PYBOP_VENV)/bin/python
	$(BIN)/python benchmarks/fitting_noise.py

bench-connections: $(VENV)/ready-dev ## latency of a served engine beside 1,000 idle and 200 half-open connections
	$(BIN)/python benchmarks/connections.py

bench-cluster: $(VENV)/ready-dev ## a sweep on a Dask cluster of this machine, beside the same in worker processes
	$(BIN)/python benchmarks/cluster.py

# ---------------------------------------------------------------- clean up
clean: ## remove caches, builds and outputs
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis .import_linter_cache \
		.coverage .coverage.* htmlcov build dist demo-output study-output endurance-*.json \
		benchmarks/results
	find . -name __pycache__ -not -path './$(VENV)*' -prune -exec rm -rf {} +

distclean: clean ## also remove the virtual environments
	rm -rf $(VENV) $(GENERATOR_VENV) $(LOCK_VENV) $(PYBOP_VENV) $(READERS_VENV)
