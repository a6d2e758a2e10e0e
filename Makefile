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

# Every bundled corpus beside two baselines, development and test charts apart; `make score-rp-dev` is one corpus. The test split
# is scored here and nowhere else, and no report of its errors is written.
SCORE_OUT ?= score-out
CORPORA := $(patsubst annotations/%/gold.jsonl,%,$(wildcard annotations/*/gold.jsonl))
CHARTS = annotations/$*/notes.jsonl --patients annotations/$*/patients.jsonl --trial rp-low-dose-il2 --overwrite --out $(SCORE_OUT)/$*
SCORE = $(BIN)/prescreen score $(SCORE_OUT)/$(1) --gold annotations/$(1) --baseline "keyword only=$(SCORE_OUT)/$(1)-keyword" \
  --baseline "stock medspaCy=$(SCORE_OUT)/$(1)-medspacy"
score: $(CORPORA:%=score-%)
	$(call SCORE,rp-charts) --split test
score-%: $(READY)
	$(BIN)/prescreen run $(CHARTS) --no-report > /dev/null
	$(BIN)/prescreen baseline keyword $(CHARTS)-keyword > /dev/null
	$(BIN)/prescreen baseline medspacy $(CHARTS)-medspacy > /dev/null
	$(call SCORE,$*) --split dev --html $(SCORE_OUT)/$*-dev.html

# Everything in one run, written to docs/benchmarks.md; an hour or two. Real notes where there are some beside the checkout,
# the bundled charts elsewhere. BENCHMARK_OPTIONS=--short tries it out, "--only start_up length" measures parts again.
BENCHMARK_OPTIONS ?=
NOTES ?= $(firstword $(wildcard ../shared/data/notes_mtsamples.jsonl) annotations/rp-charts/notes.jsonl)
benchmark: $(READY)
	$(BIN)/python -m eval.benchmarks.report $(NOTES) $(BENCHMARK_OPTIONS)

lock:
	uv pip compile --universal --python-version 3.10 --all-extras --no-header --no-annotate --no-emit-index-url pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) demo-out score-out build dist *.egg-info
