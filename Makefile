# Each command does all the set-up it needs; `make run` and `make test` are the first to try.
# Paths are relative, so that the folder may have any name.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: run test test-slow test-lowest lint hooks docs dist clean

run: $(VENV)/installed
	$(BIN)/vitreous run

test: $(VENV)/installed-for-tests
	$(BIN)/pytest --numprocesses auto --dist worksteal

# Those that take half a minute or more, or repeat what quicker ones show; `make test` leaves them out.
test-slow: $(VENV)/installed-for-slow-tests
	$(BIN)/pytest -m slow

# With the lowest versions that setup.cfg allows, in an environment of its own. TESTS names fewer
# files, PYTHON an interpreter for which such old versions were built. Old versions use what the
# packages beneath them, whose versions setup.cfg does not name, will remove one day.
test-lowest: $(VENV)-lowest/installed
	$(VENV)-lowest/bin/pytest --numprocesses auto --dist worksteal \
		-W ignore::DeprecationWarning $(TESTS)

lint: $(VENV)/installed-for-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	.ci/spelling $(BIN)/codespell
	PYTHONPATH=$(VENV)/named $(BIN)/lint-imports --no-cache
	MYPYPATH=$(VENV)/named $(BIN)/mypy

# Lets git run what `make lint` runs, at every commit.
hooks: $(VENV)/installed-for-lint
	$(BIN)/pre-commit install

# Warnings are errors. The tutorials run; `make docs SPHINXOPTS='-D plot_gallery=0'` leaves them out.
docs: $(VENV)/installed-for-docs
	$(BIN)/sphinx-build -W --keep-going -n $(SPHINXOPTS) docs docs/_build/html

# What is uploaded at a release, checked as the index will check it.
dist: $(VENV)/installed-for-lint
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(BIN)/python setup.cfg
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/installed-for-tests: $(BIN)/python setup.cfg
	$(BIN)/python -m pip install --quiet --editable ".[test-quick]"
	touch $@ $(VENV)/installed

$(VENV)/installed-for-slow-tests: $(BIN)/python setup.cfg
	$(BIN)/python -m pip install --quiet --editable ".[test-all]"
	touch $@ $(VENV)/installed-for-tests $(VENV)/installed

$(VENV)/installed-for-docs: $(BIN)/python setup.cfg
	$(BIN)/python -m pip install --quiet --editable ".[docs]"
	touch $@ $(VENV)/installed

# mypy and import-linter find the package, whose root is this folder, under its own name by a link.
$(VENV)/installed-for-lint: $(BIN)/python setup.cfg
	$(BIN)/python -m pip install --quiet --editable ".[lint]"
	mkdir -p $(VENV)/named
	ln -sfn ../.. $(VENV)/named/vitreous
	touch $@

$(VENV)-lowest/installed: setup.cfg .ci/lowest.py
	$(PYTHON) -m venv --clear $(VENV)-lowest
	$(PYTHON) .ci/lowest.py > $(VENV)-lowest/constraints.txt
	$(VENV)-lowest/bin/python -m pip install --quiet --editable ".[test,io,dask]" \
		--constraint $(VENV)-lowest/constraints.txt
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-lowest build dist *.egg-info
	rm -rf docs/_build docs/tutorials docs/api/generated docs/api/used_in
