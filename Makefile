# Everything starts here: `make help` lists the targets. Needs Python 3.11 or newer, nothing else.
# A line that starts with `##` describes the target below it; `##@` starts a group.

PYTHON ?= python3
PORT ?= 8000
DEMO ?= 1
STAGE ?= prod
HISTORIES ?= 50000
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

## Run every test, as CI does.
test: build lint
	@CHROMIUM="$$($(BIN)/python -m devkit.chromium)" $(BIN)/pytest -n 3 --dist loadfile

## Run many more random histories of visitors; takes 20 minutes. [HISTORIES=50000]
soak: build
	@HISTORIES=$(HISTORIES) FLOOD=200000 $(BIN)/pytest -n 3 --dist loadfile tests/histories tests/services/collect/test_session_limits.py

## Check format, lint and types, and run the quick tests: before each commit.
check: build lint
	@$(BIN)/pytest -n 3 --dist loadfile -m "not slow" --ignore tests/end_to_end --ignore tests/browser

## Check format, lint and types.
lint:
	@$(BIN)/ruff format --check --quiet . || { echo "make format puts this right."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@PATH="$$PATH:$(BIN)" node_modules/.bin/tsc -p frontend

## Make git run `make check` before each commit.
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

## Work out requirements.txt and requirements-dev.txt, with hashes, from the .in files. UPGRADE=1
## takes the newest version of what these do not name. [UPGRADE=1]
lock: build
	@$(LOCK) -o requirements.txt requirements.in
	@$(LOCK) -o requirements-dev.txt requirements-dev.in

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--annotation-style line --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

## Write what is deployed to .build/STAGE; stack.json deploys it as one stack. [STAGE=prod]
package: build
	@$(BIN)/python -m operate.deploy.package --stage $(STAGE) .build/$(STAGE)

## Measure the figures that the docs quote, and write them there. [TOPICS=...]
bench: build
	@CHROMIUM="$$($(BIN)/python -m devkit.chromium)" $(BIN)/python -m benchmarks $(TOPICS)

## Take the pictures of the dashboard in docs/images.
screenshots: build
	@CHROMIUM="$$($(BIN)/python -m devkit.chromium)" $(BIN)/python -m local.screenshots

## Send mixed traffic to the emulator, and compare the counts exactly. [SECONDS=12]
load: build
	@$(BIN)/python -m benchmarks.load.load_test $(if $(SECONDS),--seconds=$(SECONDS))

## Delete what the targets made, except the data in .local.
clean:
	rm -rf .venv node_modules chalicelib/static .build .chalice/deployments .pytest_cache .mypy_cache .ruff_cache

##@ In an AWS account: STAGE is prod unless given; see docs/reference/commands.md

ON_STAGE = --stage $(STAGE) $(if $(REGION),--region=$(REGION))

## Deploy or update the stage. PLAN=1 only shows the plan; NO_CHECK=1 does not check
## your IAM permissions. [PLAN=1] [REGION=eu-central-1] [EMAIL=you@example.com]
## [MAX_USD=15] [BUDGET=50] [NO_CHECK=1]
deploy: build
	@$(BIN)/python -m operate.deploy.deploy $(ON_STAGE) $(if $(PLAN),--plan) $(if $(NO_CHECK)$(filter 0,$(CHECK)),--no-check) $(if $(EMAIL),--parameter AlarmEmail=$(EMAIL)) $(if $(MAX_USD),--parameter MaxUsdPerDay=$(MAX_USD)) $(if $(BUDGET),--budget=$(BUDGET)) $(foreach pair,$(PARAMETERS),--parameter $(pair))

## Send an event to the deployed stage, read it back, and delete it. [TOKEN=...] [URL=...]
verify: build
	@$(BIN)/python -m operate.inspect.smoke_test $(ON_STAGE) $(if $(URL),--url=$(URL)) $(if $(TOKEN),--token=$(TOKEN))

## Show what is deployed, which alarms are on, and what is pending.
status: build
	@$(BIN)/python -m operate.inspect.status $(ON_STAGE)

## Check the account and the stage, and say what to fix.
doctor: build
	@$(BIN)/python -m operate.inspect.doctor $(ON_STAGE)

## Show what the last 30 days cost, by route and table.
cost: build
	@$(BIN)/python -m operate.inspect.cost $(ON_STAGE)

## Show the logs. [SINCE=15m] [FILTER=...] [ERRORS=1] [FOLLOW=1]
logs: build
	@$(BIN)/python -m operate.inspect.logs $(ON_STAGE) $(if $(SINCE),--since=$(SINCE)) $(if $(FILTER),--filter '$(FILTER)') $(if $(ERRORS),--errors) $(if $(FOLLOW),--follow)

## List, add, rotate or remove API tokens. [NEW=name|ROTATE=name|REMOVE=name]
token: build
	@$(BIN)/python -m operate.access.token $(ON_STAGE) $(if $(NEW),--new=$(NEW)) $(if $(ROTATE),--rotate=$(ROTATE)) $(if $(REMOVE),--remove=$(REMOVE))

## Deploy the code of the previous release again.
rollback: build
	@$(BIN)/python -m operate.versions.rollback $(ON_STAGE)

## Migrate items that an earlier version stored.
upgrade: build
	@$(BIN)/python -m operate.versions.upgrade $(ON_STAGE)

## Compare the stored metrics with the events. [SITE=...] [FROM=day] [TO=day]
recount: build
	@$(BIN)/python -m operate.data.$@ $(ON_STAGE) $(if $(SITE),--site=$(SITE)) $(if $(FROM),--from=$(FROM)) $(if $(TO),--to=$(TO))

## Recompute the metrics of these days. [SITE=...] [FROM=day] [TO=day]
rebuild: build
	@$(BIN)/python -m operate.data.$@ $(ON_STAGE) $(if $(SITE),--site=$(SITE)) $(if $(FROM),--from=$(FROM)) $(if $(TO),--to=$(TO))

## Export past days to the export bucket. [SITE=...] [FROM=day] [TO=day]
export: build
	@$(BIN)/python -m operate.data.backfill_export $(ON_STAGE) $(if $(SITE),--site=$(SITE)) $(if $(FROM),--from=$(FROM)) $(if $(TO),--to=$(TO))

## Delete all data of a user or of a site. USER=id [SITE=...] | SITE=... YES=...
erase: build
	@$(BIN)/python -m operate.data.erase $(ON_STAGE) $(if $(filter command line,$(origin USER)),--user '$(USER)') $(if $(SITE),--site=$(SITE)) $(if $(YES),--yes=$(YES))

## Restore the data of one stage as another stage. FROM=prod STAGE=copy [AT=...]
restore: build
	@$(BIN)/python -m operate.resources.restore $(ON_STAGE) $(if $(FROM),--from=$(FROM)) $(if $(AT),--at=$(AT))

## Create the secret by which CloudFront or your proxy identifies itself.
edge-secret: build
	@$(BIN)/python -m operate.access.edge_secret

## Upload the browser's files to the bucket of infra/edge.yaml. [BUCKET=...]
edge: build
	@$(BIN)/python -m operate.deploy.upload_assets $(ON_STAGE) $(BUCKET)

## Prepare the stage for `chalice deploy` by hand.
prepare: build
	@$(BIN)/python -m operate.deploy.prepare $(ON_STAGE)

## Create the key that user IDs are hashed with.
visitor-key: build
	@$(BIN)/python -m operate.access.visitor_key_parameter $(ON_STAGE)

## Send a day of invented traffic. URL=... [SITE=demo.example] [SESSIONS=...]
demo: build
	@$(BIN)/python -m operate.deploy.seed_traffic $(if $(URL),--url=$(URL)) $(if $(SITE),--site=$(SITE)) $(if $(SESSIONS),--sessions=$(SESSIONS))

## Remove the stage, after asking; ONLY=app keeps its data. [ONLY=app]
destroy: build
	@$(BIN)/python -m operate.resources.destroy $(ON_STAGE) $(if $(ONLY),--only=$(ONLY)) $(if $(YES),--yes=$(YES)) $(if $(DATA),--data '$(DATA)')
