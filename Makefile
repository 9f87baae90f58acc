# Everything is installed into .venv; nothing else on the machine is touched.

# The machine's pip settings say where packages come from, but they go into .venv.
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP := PIP_USER=0 PIP_REQUIRE_HASHES=0 .venv/bin/python -m pip --quiet
UV := uv==0.13.9

PORT ?= 8000
OWN_LISTS := 3 # how promint demo ends when the database has lists of its own

.DEFAULT_GOAL := run
.PHONY: run setup test test-sqlite test-postgres lint bench screenshots lock

run: export PROMINT_BASE_URL ?= http://127.0.0.1:$(PORT)
run: setup
	@.venv/bin/promint demo || [ $$? -eq $(OWN_LISTS) ]
	@echo "Promint is at http://127.0.0.1:$(PORT). Ctrl-C ends it."
	@exec .venv/bin/promint up --port "$(PORT)"

setup: .venv/.runtime

# Both at once, one a core; what they say comes when each has ended.
test: lint
	@echo "Testing on SQLite and on PostgreSQL: about fifteen minutes on two cores."
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target test-sqlite test-postgres

test-sqlite: .venv/.dev
	.venv/bin/python -m pytest

# On a machine without PostgreSQL this says what it skips; with CI=true it fails.
test-postgres: .venv/.dev
	.venv/bin/python -m pytest --database=postgresql

lint: .venv/.dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

bench: .venv/.dev
	.venv/bin/python -m bench

screenshots: .venv/.dev
	.venv/bin/python -m tests.e2e.screenshots

IS_3_11 := import sys; sys.exit(sys.version_info[:2] != (3, 11))

.venv/.runtime: requirements.lock pyproject.toml
	@.venv/bin/python -c "$(IS_3_11)" 2>/dev/null && .venv/bin/pip --version >/dev/null 2>&1 \
		|| $(MAKE) --no-print-directory new-venv
	$(PIP) install --require-hashes --requirement requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@

.PHONY: new-venv
new-venv:
	@for python in $(PYTHON) python3.11 python3 python; do \
		if "$$python" -c "$(IS_3_11)" 2>/dev/null; then exec "$$python" -m venv --clear .venv; fi; \
	done; \
	echo "Promint needs Python 3.11. PYTHON=/where/it/is make says where it is." >&2; exit 1

# Versions that still fit stay; delete the lock files first to have the newest of all.
# The development lock first, the other within it: what people run is then what was tested.
COMPILE := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --extra build pyproject.toml

lock: .venv/.runtime
	$(PIP) install $(UV)
	$(COMPILE) --extra dev --output-file requirements-dev.lock
	$(COMPILE) --constraint requirements-dev.lock --output-file requirements.lock
