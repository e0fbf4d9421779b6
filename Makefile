# Two commands do all the set-up: `make run` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: run test lint clean

run: $(VENV)/installed
	$(BIN)/vitreous run

test: $(VENV)/installed-for-tests
	$(BIN)/pytest

lint: $(VENV)/installed-for-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	MYPYPATH=$(VENV)/typing $(BIN)/mypy

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(BIN)/python setup.cfg
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/installed-for-tests: $(BIN)/python setup.cfg
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	touch $@ $(VENV)/installed

# mypy finds the package, whose root is this folder, under its own name through a link.
$(VENV)/installed-for-lint: $(BIN)/python setup.cfg
	$(BIN)/python -m pip install --quiet --editable ".[lint]"
	mkdir -p $(VENV)/typing
	ln -sfn ../.. $(VENV)/typing/vitreous
	touch $@

clean:
	rm -rf $(VENV) build *.egg-info
