# make demo    a minute of load on the OpenTelemetry SDK, and a verdict
# make test    every check: format, lint, types, contracts, tests
# make bench   the figures of docs/performance.md
# make lock    resolve the dependencies anew

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test check bench lock clean setup

setup: $(READY)

$(READY): requirements.lock pyproject.toml scripts/setup
	PYTHON=$(PYTHON) VENV=$(VENV) scripts/setup
	@touch $@

demo: $(READY)
	$(BIN)/locust -f locustfiles/tracer.py --headless --only-summary --loglevel WARNING \
		--load-profile smoke

# What is quick comes first. Tests that import Locust run apart, because it patches the process;
# those that run it mostly wait, so four go at a time.
test: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 tests --ignore tests/end_to_end --ignore tests/patched
	$(BIN)/pytest -p no:anyio -p no:xdist tests/patched
	$(BIN)/pytest -n 3 tests/end_to_end

bench: $(READY)
	$(BIN)/python benchmarks/run.py

lock: $(READY)
	$(BIN)/uv pip compile pyproject.toml --extra tracer --extra redis --extra postgres --group dev --python-version 3.11 \
		--universal --generate-hashes --no-emit-index-url --no-header --quiet \
		--output-file requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
