# Every target makes the environment that it needs in .venv. Only Python >= 3.11, pip and make
# are taken for granted.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: help env demo test test-axolotl check schemas wheel clean

help:
	@echo "make demo     the whole flow on generated tasks and a tiny model (minutes, two cores)"
	@echo "make test     every check and test"
	@echo "make test-axolotl  the Axolotl backend, in its real environment (3.7 GB)"
	@echo "make env      the development environment, in .venv"
	@echo "make check    formatting, lint, types, floors"
	@echo "make schemas  write schemas/ anew from the code"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# torch comes first and alone: with it in place, nothing that follows asks for another build.
$(VENV)/.torch: constraints.txt | $(BIN)/python
	@echo "installing torch (the largest part) ..."
	$(PIP) torch
	@touch $@

$(VENV)/.demo: pyproject.toml constraints.txt $(VENV)/.torch
	@echo "installing doitkit with what the demo needs ..."
	$(PIP) -e '.[demo]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt $(VENV)/.torch
	@echo "installing doitkit with all extras and the development tools ..."
	$(PIP) -e '.[all,dev]'
	@touch $@ $(VENV)/.demo

env: $(VENV)/.dev

demo: $(VENV)/.demo
	$(BIN)/doitkit demo

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-axolotl: $(VENV)/.dev
	$(BIN)/doitkit backend install axolotl --cpu
	DOITKIT_TEST_AXOLOTL=all $(BIN)/python -m pytest tests/train/axolotl tests/train/test_profiles.py \
		tests/train/export/test_read_back.py

schemas: $(VENV)/.dev
	$(BIN)/doitkit schema --write schemas

wheel: $(VENV)/.dev
	$(BIN)/python -m build --wheel --outdir dist

clean:
	rm -rf $(VENV) dist doitkit-demo doitkit-demo-fast doitkit-workspace
