# Daybook: every target is one line of help (`make help`).
PYTHON ?= python3
PORT ?= 8420
VENV := .venv
BIN := $(VENV)/bin
# The environment is rebuilt when what is pinned changes.
PLAY_STAMP := $(VENV)/.play-installed
DEV_STAMP := $(VENV)/.dev-installed
PIP := $(BIN)/python -m pip install --disable-pip-version-check --require-hashes --no-deps
# By itself pip compiles one file after the other, and most files are never used: for the bot, what it
# imports is compiled by being imported.
USED := $(BIN)/python -c 'import bot.bootstrap, bot.cli, matplotlib.figure, numpy, openai, onnxruntime, psycopg, tokenizers'
COMPILE := $(BIN)/python -m compileall -q -j 0 $(VENV)/lib >/dev/null 2>&1 || true

# What is compiled once need not be compiled at every start.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help play install test chaos check bench format screenshots migration prototypes lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

play: $(PLAY_STAMP) ## live a day with Daybook in your browser (PORT=8420, FRESH=1 starts over)
	@PORT=$(PORT) FRESH=$(FRESH) $(BIN)/python -m playground

install: $(VENV)/.installed ## install the bot alone, for a real workspace

test: $(DEV_STAMP) ## run every test, on SQLite and on a real Postgres
	@$(BIN)/python -m tests.run $(ARGS)

chaos: $(DEV_STAMP) ## kill, stop and starve real processes (SEEDS=20 SLOTS=1000 DB=sqlite|postgres|both)
	@SEEDS=$(SEEDS) SLOTS=$(SLOTS) DB=$(DB) FIRST=$(FIRST) LOUD=$(LOUD) $(BIN)/python -W ignore -m tests.chaos

check: $(DEV_STAMP) ## lint, types, and the arrows between the rooms
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

format: $(DEV_STAMP) ## put the code in its usual form
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

bench: $(DEV_STAMP) ## measure, each beside its bare counterpart (ONLY=fanout, QUICK=1)
	@ONLY="$(ONLY)" QUICK="$(QUICK)" $(BIN)/python -W ignore -m benchmarks

screenshots: $(DEV_STAMP) ## take the pictures of README and docs anew
	@$(BIN)/python -m benchmarks.screenshots

migration: $(DEV_STAMP) ## write the next migration from the tables (M="what changes")
	@$(BIN)/python -m bot.db.revision "$(M)" && $(BIN)/ruff format --quiet bot/db/migrations/versions

prototypes: $(DEV_STAMP) ## embed the kinds' typical sentences, after they or the model changed
	@$(BIN)/python -m bot.ai.stored_rows

lock: ## pin the newest versions that pyproject.toml allows, with hashes
	@uv pip compile requirements.pip.in --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet -o requirements.pip.lock
	@uv pip compile pyproject.toml requirements.build.in --extra postgres --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet -o requirements.lock
	@uv pip compile pyproject.toml requirements.build.in --group dev --extra postgres --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet -c requirements.lock -o requirements-dev.lock

clean: ## remove the environment and the playground's data
	@rm -rf $(VENV) .daybook/playground

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Daybook needs Python 3.11 or newer; install it, or set PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Daybook needs Python 3.11 or newer; this is $$($(PYTHON) --version). Set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --quiet -r requirements.pip.lock

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing what requirements.lock pins (once; about a minute)..."
	@$(PIP) --no-compile --progress-bar on -r requirements.lock 2>&1 | awk '/^(Collecting|Installing|Successfully|ERROR|error)/ {print; fflush()}'
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@$(USED) || { echo "The installation failed; run it again to see why: $(PIP) -r requirements.lock"; exit 1; }
	@touch $@

$(PLAY_STAMP): $(VENV)/.installed
	@echo "Writing three weeks of a team's history for the playground (once a day)..."
	@$(BIN)/python -m playground prepare
	@touch $@

$(DEV_STAMP): requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing what requirements-dev.lock pins (once; about a minute)..."
	@$(PIP) --no-compile --quiet -r requirements-dev.lock
	@$(COMPILE)
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch $@
