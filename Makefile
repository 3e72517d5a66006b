# Two commands do everything on a fresh machine with Python 3.11 or later and make:
#   make demo    sets up and trains the main recipe
#   make test    sets up and runs every check
PYTHON ?= python3
BIN := .venv/bin
# One BLAS thread a test worker: two cores thrash with more.
TEST_THREADS ?= 1

.PHONY: demo test lint docs commands clean

demo: DEMO := $(or $(OUT),runs/demo/$(shell date +%Y-%m-%d-%H%M%S))
demo: .venv/installed
	$(BIN)/cyclekit run recipes/monet2photo --out "$(DEMO)"
	$(BIN)/cyclekit evaluate "$(DEMO)"

test: .venv/installed-dev lint
	OMP_NUM_THREADS=$(TEST_THREADS) $(BIN)/pytest -n 2

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The command reference, from the commands themselves; a test fails where the page is behind.
commands: .venv/installed-dev
	$(BIN)/python -m typer cyclekit.cli utils docs --name cyclekit --title "The command line" --output docs/commands.md

docs: .venv/installed-dev commands
	$(BIN)/pip install --quiet '.[docs]'
	$(BIN)/mkdocs build --strict

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist build site

.venv/bin/pip:
	$(PYTHON) -c 'import sys; sys.exit("cyclekit needs Python 3.11 or later; set PYTHON=...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv

# Editable, so that what runs is what the checkout holds.
.venv/installed: pyproject.toml | .venv/bin/pip
	$(BIN)/pip install --editable '.[metrics]'
	touch $@

.venv/installed-dev: pyproject.toml | .venv/bin/pip
	$(BIN)/pip install --editable '.[dev]'
	touch $@ .venv/installed
