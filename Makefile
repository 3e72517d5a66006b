# Two commands do everything on a fresh machine with Python 3.11 or later and make:
#   make demo    sets up and trains the main recipe
#   make test    sets up and runs every check
PYTHON ?= python3
BIN := .venv/bin
# Where torch comes from; empty: the package index, whose builds for Linux bring CUDA. Without it, before the first make:
#   make demo TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=
TORCH := $(if $(TORCH_INDEX),$(BIN)/pip install torch torchvision --index-url $(TORCH_INDEX))
# One BLAS thread a test worker: two cores thrash with more.
TEST_THREADS ?= 1

.PHONY: demo test lint docs commands clean

# Run again it goes on with the same run, or says that it is done; OUT=FOLDER makes another.
demo: DEMO := $(or $(OUT),runs/demo/monet2photo)
demo: .venv/installed
	if [ -f "$(DEMO)/recipe.yaml" ]; then $(BIN)/cyclekit run --resume "$(DEMO)"; \
	else $(BIN)/cyclekit run recipes/monet2photo --out "$(DEMO)"; fi
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
	$(TORCH)
	$(BIN)/pip install --editable '.[metrics-pictures]'
	touch $@

.venv/installed-dev: pyproject.toml | .venv/bin/pip
	$(TORCH)
	$(BIN)/pip install --editable '.[dev]'
	touch $@ .venv/installed
