# Everything is installed into .venv; nothing else on the machine is touched.

# The machine's pip settings say where packages come from, but they go into .venv.
export PIP_DISABLE_PIP_VERSION_CHECK := 1
PIP := PIP_USER=0 PIP_REQUIRE_HASHES=0 .venv/bin/python -m pip --quiet
UV := uv==0.13.9

# Without compiled files, every process that is started would compile the program again.
unexport PYTHONDONTWRITEBYTECODE

PORT ?= 8000
PYTEST := .venv/bin/python -m pytest $(TWICE)
OWN_LISTS := 3 # how promint demo ends when the database has lists of its own

PARTS := test-postgres-processes test-sqlite-processes test-postgres-rest test-sqlite-rest \
	test-browsers test-torture lint

.DEFAULT_GOAL := run
.PHONY: run setup test test-twice test-sqlite test-postgres test-browsers test-torture lint bench screenshots lock wheel torture mutants failover docs
.PHONY: $(PARTS)

run: export PROMINT_BASE_URL ?= http://127.0.0.1:$(PORT)
run: setup
	@.venv/bin/promint demo || [ $$? -eq $(OWN_LISTS) ]
	@echo "Promint is at http://127.0.0.1:$(PORT). Ctrl-C ends it."
	@exec .venv/bin/promint up --port "$(PORT)"

setup: .venv/.runtime

# Four parts run at once on two cores, because many tests wait for something. The output of each is
# shown when it has ended. The parts that wait most come first.
test: .venv/.dev
	@echo "Testing on SQLite and on PostgreSQL: about half an hour on two cores."
	@$(MAKE) --no-print-directory --jobs=4 --output-sync=target $(PARTS)

# Before a release: also on PostgreSQL the tests in which nothing depends on the database.
test-twice:
	@$(MAKE) --no-print-directory test TWICE=--twice

test-sqlite: test-sqlite-processes test-sqlite-rest test-browsers

# On a machine without PostgreSQL, this prints what it skips; with CI=true it fails.
test-postgres: test-postgres-processes test-postgres-rest

# Tests that start, kill and race processes. On PostgreSQL they run in another order, so that the
# attacks, whose effect is measured, do not run on both databases at once.
PROCESSES := tests/abuse tests/concurrency tests/faults
REST := $(PROCESSES:%=--ignore=%) --ignore=tests/e2e

test-sqlite-processes: .venv/.dev
	$(PYTEST) $(PROCESSES)

test-sqlite-rest: .venv/.dev
	$(PYTEST) $(REST)

test-browsers: .venv/.dev
	$(PYTEST) tests/e2e

test-postgres-processes: .venv/.dev
	$(PYTEST) --database=postgresql tests/faults tests/concurrency tests/abuse

test-postgres-rest: .venv/.dev
	$(PYTEST) --database=postgresql $(REST)

# A minute of faults on each database, always the same ones.
test-torture: .venv/.dev
	.venv/bin/python -m torture --minutes 1 --seed suite

lint: .venv/.dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

bench: .venv/.dev
	.venv/bin/python -m bench $(if $(QUICK),--quick)

# The same SEED and commit make the same plan.
torture: .venv/.dev
	.venv/bin/python -m torture --minutes $(or $(MINUTES),10) $(if $(SEED),--seed "$(SEED)")

# Ten minutes, as root, with Python 3.12 and patroni, etcd-server and haproxy of Debian installed.
failover: .venv/.dev
	.venv/bin/python -m tests.failover $(FAULTS)

# Takes guards away from a copy of Promint, one after the other; torture must find each.
mutants: .venv/.dev
	.venv/bin/python -m torture.mutants $(ONLY)

screenshots: .venv/.dev
	.venv/bin/python -m tests.e2e.screenshots

# A warning, like a link into nothing, is an error. LINKS=1 looks at other sites' pages too.
docs: .venv/.dev
	.venv/bin/python -m sphinx --quiet --fail-on-warning --keep-going --fresh-env docs build/docs
	$(if $(LINKS),.venv/bin/python -m sphinx --quiet -b linkcheck docs build/docs-links)
	@echo "Made build/docs/index.html."

# build/ is removed first, because setuptools would take files from it that exist no longer.
wheel: .venv/.runtime
	rm -rf build dist
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .
	@echo "Made $$(echo dist/*.whl)."

FITS := import sys; sys.exit(sys.version_info < (3, 11))
WHICH := import sys; print(sys.base_prefix, sys.version)

# With make … PYTHON=/where/it/is, an environment of another Python is made again.
ifdef PYTHON
ifneq ($(shell .venv/bin/python -c "$(WHICH)" 2>&1),$(shell $(PYTHON) -c "$(WHICH)" 2>&1))
.PHONY: .venv/.runtime
endif
endif

.venv/.runtime: requirements.lock pyproject.toml
ifdef PYTHON
	@[ "$$(.venv/bin/python -c "$(WHICH)" 2>&1)" = "$$($(PYTHON) -c "$(WHICH)" 2>&1)" ] \
		|| $(MAKE) --no-print-directory new-venv
endif
	@.venv/bin/python -c "$(FITS)" 2>/dev/null && .venv/bin/pip --version >/dev/null 2>&1 \
		|| $(MAKE) --no-print-directory new-venv
	@echo "Installing what Promint needs into .venv; the first time this takes about a minute."
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@echo "Installed."
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.runtime
	$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@

# Makes it with the Python that is named, or else with the newest on this machine.
.PHONY: new-venv
new-venv:
	@python="$(PYTHON)"; [ -n "$$python" ] || python=$$(.ci/pythons | head -n 1); \
	if ! "$$python" -c "$(FITS)" 2>/dev/null; then \
		echo "Promint needs Python 3.11 or later, with its venv module. Install one, or say where" \
			"one is: make setup PYTHON=/where/it/is" >&2; exit 1; \
	fi; \
	exec "$$python" -m venv --clear .venv

# Runs the unit tests and the whole story on every other Python of this machine.
.PHONY: test-pythons
test-pythons: .venv/.dev
	@ours=$$(.venv/bin/python -c "$(WHICH)"); \
	for python in $$(.ci/pythons); do \
		[ "$$("$$python" -c "$(WHICH)")" = "$$ours" ] && continue; \
		echo "Trying $$("$$python" --version)."; \
		venv=$$(mktemp -d) && "$$python" -m venv "$$venv" && \
		PIP_USER=0 PIP_REQUIRE_HASHES=0 "$$venv/bin/python" -m pip --quiet install \
			--require-hashes --requirement requirements-dev.lock && \
		PIP_USER=0 PIP_REQUIRE_HASHES=0 "$$venv/bin/python" -m pip --quiet install \
			--no-deps --no-build-isolation --editable . && \
		"$$venv/bin/python" -m pytest -p no:cacheprovider --quiet $(STORY) || exit 1; \
		rm -rf "$$venv"; \
	done

STORY := tests/unit tests/integration/test_whole_story.py

# Versions that still fit are kept. To get the newest of all, delete the lock files first.
# The development lock is made first and limits the other, so that what people run was tested.
COMPILE := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --extra build pyproject.toml

lock: .venv/.runtime
	$(PIP) install $(UV)
	$(COMPILE) --extra dev --extra docs --output-file requirements-dev.lock
	$(COMPILE) --constraint requirements-dev.lock --output-file requirements.lock
