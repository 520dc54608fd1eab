.DEFAULT_GOAL := help
PY := .venv/bin/python
.PHONY: help setup setup-tests run test check audit bench chaos backup restore stop format

help: ## Show this
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

setup: ## Install what is missing: Debian packages, virtual environment, front-end files
	@bash scripts/setup.sh

setup-tests: ## The same, and what only tests and checks need: Chromium, docker-compose, pytest
	@bash scripts/setup.sh test

run: setup ## Set up, start PostGIS, load demonstration data the first time, serve on 127.0.0.1:$$PORT
	@$(PY) -m flask serve

test: setup-tests ## Set up, then all tests: unit, database, browser, JavaScript
	@npm run --silent test
	@$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: setup-tests ## ruff, mypy, import contracts, bandit, unit tests; no database
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache --config pyproject.toml
	@bash scripts/audit.sh code
	@$(PY) -m pytest tests/unit

audit: ## bandit, and published advisories of every pinned package; says what could not be asked (exit 2)
	@bash scripts/audit.sh

bench: setup-tests ## All benchmarks, each prints a table
	@for name in serving imports real_data reports programme visibility coverage streets shift patrol hotspot_stats; do $(PY) -m benchmarks.$$name || exit 1; done

chaos: setup-tests ## kill -9, freeze and fill the disk under load; every acknowledged write must be there once
	@$(PY) -m benchmarks.chaos && $(PY) -m benchmarks.tips

backup: setup ## Write the whole database to var/backups/….tar (FILE=… for another place)
	@$(PY) -m flask backup $(FILE)

restore: setup ## Restore FILE=….tar into an empty database and check rows, policies, grants and flags
	@test -n "$(FILE)" || { echo "make restore FILE=var/backups/….tar"; exit 1; }
	@$(PY) -m flask restore $(FILE)

stop: ## Stop the private database
	@$(PY) -m flask stop

format: ## Format the Python files
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .
