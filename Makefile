# Daybook: every target is one line of help (`make help`).
PYTHON ?= python3
PORT ?= 8420
VENV := .venv
BIN := $(VENV)/bin
# The environment is rebuilt when what is pinned changes.
PLAY_STAMP := $(VENV)/.play-installed
DEV_STAMP := $(VENV)/.dev-installed
PIP := $(BIN)/python -m pip install --disable-pip-version-check --require-hashes --no-deps

.DEFAULT_GOAL := help
.PHONY: help play install test chaos check bench format screenshots migration lock clean
