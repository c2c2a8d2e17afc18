# Short names for what the README also gives in full. Needs Python 3.11 or newer, nothing else.
#
#   make run [PORT=8000] [DEMO=1]     the product on this machine, with a demo site; Ctrl-C ends it
#   make test                         everything that CI tests
#   make check                        the quick part of it, before each commit
#   make format                       put the code in shape
#   make build                        install, and build the browser's files
#   make package [STAGE=prod]         what `chalice deploy` uploads, in .build/STAGE
#   make bench                        the figures that the docs quote, measured
#   make clean                        remove what was made, but keep the data in .local

PYTHON ?= python3
PORT ?= 8000
DEMO ?= 1
STAGE ?= prod
BIN := .venv/bin

.PHONY: run test check format build package bench clean lint
.NOTPARALLEL:

run: build
	@$(BIN)/python -m local.run --port $(PORT) --demo $(DEMO)

test: build lint
	@CHROMIUM="$$($(BIN)/python -m local.browser)" $(BIN)/pytest -n 2 --dist loadfile

check: build lint
	@$(BIN)/pytest -n 2 --dist loadfile -m "not slow" --ignore tests/end_to_end --ignore tests/browser

lint:
	@$(BIN)/ruff format --check --quiet . || { echo "make format puts this right."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy

format: build
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

build:
	@command -v $(PYTHON) >/dev/null || { echo "LiveInsight needs Python 3.11 or newer, and finds no $(PYTHON)."; exit 1; }
	@$(PYTHON) local/install.py

package: build
	@$(BIN)/python -m local.package --stage $(STAGE) .build/$(STAGE)

bench: build
	@$(BIN)/python -m benchmarks.tracker

clean:
	rm -rf .venv node_modules chalicelib/static/vendor .build .chalice/deployments .pytest_cache .mypy_cache .ruff_cache
