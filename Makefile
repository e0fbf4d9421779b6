# Each command does all the set-up it needs; `make run` and `make test` are the first to try.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: run test lint docs clean

run: $(VENV)/installed
	$(BIN)/vitreous run

test: $(VENV)/installed-for-tests
	$(BIN)/pytest

lint: $(VENV)/installed-for-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	MYPYPATH=$(VENV)/typing $(BIN)/mypy

# Warnings are errors. The tutorials run; `make docs SPHINXOPTS='-D plot_gallery=0'` leaves them out.
docs: $(VENV)/installed-for-docs
	$(BIN)/sphinx-build -W --keep-going -n $(SPHINXOPTS) docs docs/_build/html

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(BIN)/python setup.cfg
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/installed-for-tests: $(BIN)/python setup.cfg
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	touch $@ $(VENV)/installed

$(VENV)/installed-for-docs: $(BIN)/python setup.cfg
	$(BIN)/python -m pip install --quiet --editable ".[docs]"
	touch $@ $(VENV)/installed

# mypy finds the package, whose root is this folder, under its own name through a link.
$(VENV)/installed-for-lint: $(BIN)/python setup.cfg
	$(BIN)/python -m pip install --quiet --editable ".[lint]"
	mkdir -p $(VENV)/typing
	ln -sfn ../.. $(VENV)/typing/vitreous
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info docs/_build docs/tutorials docs/api/generated docs/api/used_in
