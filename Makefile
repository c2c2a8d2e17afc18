# Everything starts here: `make help` lists the targets. Needs Python 3.11 or newer, nothing else.
# A line that starts with `##` describes the target below it; `##@` starts a group.

PYTHON ?= python3
PORT ?= 8000
DEMO ?= 1
STAGE ?= prod
HISTORIES ?= 50000
MIN_COVERAGE := 96
BIN := .venv/bin
.DEFAULT_GOAL := help

.PHONY: help run test soak check hooks format build lock package bench load screenshots clean lint
.PHONY: recount rebuild erase export restore edge edge-secret
.PHONY: visitor-key deploy verify status doctor cost logs token rollback upgrade prepare demo destroy
.NOTPARALLEL:

##@ Start here

## List these targets.
help:
	@awk '/^##@ / {print "\n" substr($$0, 5)} \
		/^## / {text[++lines] = substr($$0, 4); next} \
		lines && /^[a-z]/ {sub(/:.*/, ""); for (i = 1; i <= lines; i++) \
			printf "  %-17s  %s\n", (i == 1 ? "make " $$0 : ""), text[i]} \
		{lines = 0}' $(firstword $(MAKEFILE_LIST))

## Run LiveInsight on this machine, with a demo site. [PORT=8000] [DEMO=0]
run: build
	@$(BIN)/python -m local.run --port $(PORT) --demo $(DEMO)

##@ Change it

## Run every test, as CI does, and print the lines of the app that no unit test covers.
test: build lint
	@CHROMIUM="$$($(BIN)/python -m devkit.chromium)" $(BIN)/pytest -n 4 --dist loadfile --cov --cov-report=term:skip-covered --cov-fail-under=$(MIN_COVERAGE)

## Run many more random histories of visitors; takes 20 minutes. [HISTORIES=50000]
soak: build
	@HISTORIES=$(HISTORIES) FLOOD=200000 $(BIN)/pytest -n 4 --dist loadfile tests/histories tests/services/collect/test_session_limits.py

## Check format, lint and types, and run the quick tests: before each commit.
check: build lint
	@$(BIN)/pytest -n 4 --dist loadfile -m "not slow" --ignore tests/end_to_end --ignore tests/browser

## Check format, lint and types.
lint:
	@$(BIN)/ruff format --check --quiet . || { echo "make format puts this right."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@PATH="$$PATH:$(BIN)" node_modules/.bin/tsc -p frontend
	@PATH="$$PATH:$(BIN)" node_modules/.bin/tsc -p frontend/tests

## Install a git hook that runs `make check` before each commit.
hooks: build
	@$(BIN)/pre-commit install

## Format the code, and fix what ruff can fix.
format: build
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

## Install the pinned packages, and build the browser's files.
build:
	@command -v $(PYTHON) >/dev/null || { echo "LiveInsight needs Python 3.11 or newer, and finds no $(PYTHON)."; exit 1; }
	@$(PYTHON) devkit/install.py

## Generate requirements.txt and requirements-dev.txt, with hashes, from the .in files. UPGRADE=1
## also updates indirect dependencies. [UPGRADE=1]
lock: build
	@$(LOCK) -o requirements.txt requirements.in
	@$(LOCK) -o requirements-dev.txt requirements-dev.in

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--annotation-style line --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

## Build the package of a stage in .build/STAGE; stack.json is one CloudFormation stack. [STAGE=prod]
package: build
	@$(OPERATE) package --stage=$(STAGE)

## Measure the figures in the docs, and update them. [TOPICS=...]
bench: build
	@CHROMIUM="$$($(BIN)/python -m devkit.chromium)" $(BIN)/python -m benchmarks $(TOPICS)

## Update the screenshots of the dashboard in docs/images.
screenshots: build
	@CHROMIUM="$$($(BIN)/python -m devkit.chromium)" $(BIN)/python -m local.screenshots

## Run a load test on the emulator, and check that every event was counted once. [SECONDS=12]
load: build
	@$(BIN)/python -m benchmarks.load.load_test $(if $(SECONDS),--seconds=$(SECONDS))

## Delete all build results. The data in .local is kept.
clean:
	rm -rf .venv node_modules chalicelib/static .build .chalice/deployments .pytest_cache .mypy_cache .ruff_cache

##@ In an AWS account: STAGE is prod unless given; see docs/reference/commands.md

OPERATE := $(BIN)/python -m operate
ON_STAGE = --stage=$(STAGE) $(call given,REGION,--region)
# Each variable becomes an option of the command: `python -m operate COMMAND --help` has them all.
ON_DAYS = $(call given,SITE,--site) $(call given,FROM,--from) $(call given,TO,--to)
given = $(if $($(1)),$(2)='$($(1))')

## Deploy or update the stage. PLAN=1 only shows the plan; NO_CHECK=1 does not check
## your IAM permissions. [PLAN=1] [REGION=eu-central-1] [EMAIL=you@example.com]
## [MAX_USD=15] [BUDGET=50] [NO_CHECK=1]
deploy: build
	@$(OPERATE) deploy $(ON_STAGE) $(if $(PLAN),--plan) $(if $(NO_CHECK)$(filter 0,$(CHECK)),--no-check) $(call given,EMAIL,--email) $(call given,MAX_USD,--max-usd) $(call given,BUDGET,--budget) $(foreach pair,$(PARAMETERS),--parameter='$(pair)')

## Send an event to the deployed stage, read it back, and delete it. [TOKEN=...] [URL=...]
verify: build
	@$(OPERATE) verify $(ON_STAGE) $(call given,URL,--url) $(call given,TOKEN,--token)

## Show what is deployed, active alarms, and the job's backlog.
status: build
	@$(OPERATE) status $(ON_STAGE)

## Check the account and the stage, and suggest fixes.
doctor: build
	@$(OPERATE) doctor $(ON_STAGE)

## Show what the last 30 days cost, by route and table.
cost: build
	@$(OPERATE) cost $(ON_STAGE)

## Show the logs. [SINCE=15m] [FILTER=...] [ERRORS=1] [FOLLOW=1]
logs: build
	@$(OPERATE) logs $(ON_STAGE) $(call given,SINCE,--since) $(call given,FILTER,--filter) $(if $(ERRORS),--errors) $(if $(FOLLOW),--follow)

## List, create, rotate or revoke read tokens. [NEW=name|ROTATE=name|REMOVE=name]
token: build
	@$(OPERATE) token $(ON_STAGE) $(call given,NEW,--new) $(call given,ROTATE,--rotate) $(call given,REMOVE,--remove)

## Restore the code of the previous release.
rollback: build
	@$(OPERATE) rollback $(ON_STAGE)

## Migrate stored items that an earlier version wrote.
upgrade: build
	@$(OPERATE) upgrade $(ON_STAGE)

## Compare the stored metrics with the events. [SITE=...] [FROM=day] [TO=day]
recount: build
	@$(OPERATE) recount $(ON_STAGE) $(ON_DAYS)

## Recompute the metrics of these days. [SITE=...] [FROM=day] [TO=day]
rebuild: build
	@$(OPERATE) rebuild $(ON_STAGE) $(ON_DAYS)

## Export past days to the export bucket. [SITE=...] [FROM=day] [TO=day]
export: build
	@$(OPERATE) export $(ON_STAGE) $(ON_DAYS)

## Delete all data of a user or of a site. USER=id [SITE=...] | SITE=... YES=...
erase: build
	@$(OPERATE) erase $(ON_STAGE) $(if $(filter command line,$(origin USER)),$(call given,USER,--user)) $(call given,SITE,--site) $(call given,YES,--yes)

## Restore the data of one stage into another stage. FROM=prod STAGE=copy [AT=...]
restore: build
	@$(OPERATE) restore $(ON_STAGE) $(call given,FROM,--from) $(call given,AT,--at)

## Create the secret by which CloudFront or your proxy identifies itself.
edge-secret: build
	@$(OPERATE) edge-secret

## Upload the tracker and the dashboard to the bucket of infra/edge.yaml. [BUCKET=...]
edge: build
	@$(OPERATE) edge $(ON_STAGE) $(BUCKET)

## Prepare the stage for `chalice deploy` by hand.
prepare: build
	@$(OPERATE) prepare $(ON_STAGE)

## Create the key that hashes user IDs.
visitor-key: build
	@$(OPERATE) visitor-key $(ON_STAGE)

## Send a day of sample traffic. URL=... [SITE=demo.example] [SESSIONS=...]
demo: build
	@$(OPERATE) demo $(call given,URL,--url) $(call given,SITE,--site) $(call given,SESSIONS,--sessions)

## Delete the stage, after asking; ONLY=app keeps its data. [ONLY=app]
destroy: build
	@$(OPERATE) destroy $(ON_STAGE) $(call given,ONLY,--only) $(call given,YES,--yes) $(call given,DATA,--data)
