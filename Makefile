# Everything happens in .venv, which the first target that needs it makes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test test-all lint audit bench models clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("skillmatch needs Python 3.11 or later, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@echo "installing into $(VENV), about a minute the first time"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test]"
	@touch $(STAMP)

demo: $(STAMP) ## audit the bundled demonstration and print where its report is
	$(BIN)/skillmatch demo -o runs/demo

test: $(STAMP) ## run the tests (under two minutes)
	$(BIN)/python -m pytest -m "not slow"

test-all: $(STAMP) ## run all tests, the slow ones too
	$(BIN)/python -m pytest

lint: $(STAMP) ## check style and types
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy skillmatch

audit: $(STAMP) ## look up known weaknesses of the pinned dependencies (needs the network)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-audit
	$(BIN)/pip-audit --strict --no-deps --disable-pip -r constraints.txt

bench: $(STAMP) ## measure speed and memory beside a bare PhraseMatcher (ESCO=FOLDER: with linking too)
	$(BIN)/python tests/bench.py $(if $(ESCO),--linked "$(ESCO)")
	$(BIN)/python tests/bench_linking.py $(if $(ESCO),--taxonomy "$(ESCO)")

models: $(STAMP) ## rebuild models/ (ESCO=FOLDER built by 'taxonomy build', GOLD=DIR with labelled sentences)
	$(BIN)/skillmatch train sections -o models
	$(if $(ESCO),$(BIN)/skillmatch train linking --taxonomy "$(ESCO)" $(if $(GOLD),--gold "$(GOLD)") -o models,@echo "models/linking stays as it is: give ESCO=FOLDER (and GOLD=DIR) to rebuild it")
	$(if $(GOLD),$(BIN)/skillmatch train spans --gold "$(GOLD)" -o models,@echo "models/spans stays as it is: give GOLD=DIR with skillspan_train.jsonl to rebuild it")

clean: ## remove the virtual environment and all that was made
	rm -rf $(VENV) runs dist build .pytest_cache .hypothesis .ruff_cache .mypy_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
