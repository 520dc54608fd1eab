.DEFAULT_GOAL := help
PY := .venv/bin/python
.PHONY: help setup run test check bench stop format

help: ## Show this
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

setup: ## Install what is missing: Debian packages, virtual environment, front-end files
	@bash scripts/setup.sh

run: setup ## Set up, start PostGIS, load demonstration data the first time, serve on 127.0.0.1:$$PORT
	@$(PY) -m flask serve

test: setup ## Set up, then all tests: unit, database, browser, JavaScript
	@npm run --silent test
	@$(PY) -m pytest

check: ## ruff, mypy, import contracts, unit tests; no database
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache --config pyproject.toml
	@$(PY) -m pytest tests/unit

bench: setup ## All benchmarks, each prints a table
	@for name in serving imports real_data; do $(PY) -m benchmarks.$$name || exit 1; done

stop: ## Stop the private database
	@$(PY) -m flask stop

format: ## Format the Python files
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .
