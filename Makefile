# make demo, make test, make check, make score, make benchmark: each creates the environment from the lock file first.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-slow check score benchmark lock clean
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps -e .
	touch $@

demo: $(READY)
	$(BIN)/prescreen run annotations/rp-dev/notes.jsonl --patients annotations/rp-dev/patients.jsonl --trial rp-low-dose-il2 --out demo-out --overwrite

test-slow: $(READY)
	$(BIN)/python -m pytest -m slow

test: $(READY)
	$(BIN)/python -m pytest

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest

# Every bundled corpus, development and test charts apart. The test split is scored here and nowhere else.
SCORE_OUT ?= score-out
score: $(READY)
	$(BIN)/prescreen run annotations/rp-dev/notes.jsonl --patients annotations/rp-dev/patients.jsonl --trial rp-low-dose-il2 --out $(SCORE_OUT)/rp-dev --overwrite --no-report
	$(BIN)/prescreen run annotations/rp-charts/notes.jsonl --patients annotations/rp-charts/patients.jsonl --trial rp-low-dose-il2 --out $(SCORE_OUT)/rp-charts --overwrite --no-report
	$(BIN)/prescreen score $(SCORE_OUT)/rp-dev --gold annotations/rp-dev --html $(SCORE_OUT)/rp-dev.html
	$(BIN)/prescreen score $(SCORE_OUT)/rp-charts --gold annotations/rp-charts --split dev --html $(SCORE_OUT)/rp-charts-dev.html
	$(BIN)/prescreen score $(SCORE_OUT)/rp-charts --gold annotations/rp-charts --split test

# Real notes where there are some beside the checkout, the bundled charts elsewhere.
NOTES ?= $(firstword $(wildcard ../shared/data/notes_mtsamples.jsonl) annotations/rp-charts/notes.jsonl)
benchmark: $(READY)
	$(BIN)/python -m eval.benchmarks.speed $(NOTES)

lock:
	uv pip compile --universal --python-version 3.10 --all-extras --no-header --no-annotate --no-emit-index-url pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) demo-out score-out build dist *.egg-info
