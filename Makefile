# Short names for what the README also gives in full. Needs Python 3.11 or newer, nothing else.
#
#   make run [PORT=8000] [DEMO=1]     the product on this machine, with a demo site; Ctrl-C ends it
#   make test                         everything that CI tests
#   make soak [HISTORIES=50000]       many more random histories than make test tells; 20 minutes
#   make check                        the quick part of it, before each commit
#   make format                       put the code in shape
#   make build                        install, and build the browser's files
#   make package [STAGE=prod]         what is deployed, in .build/STAGE; stack.json is all in one stack
#   make bench [TOPICS=...]           the figures that the docs quote, measured
#   make load [SECONDS=12]            mixed traffic on the emulator, counted exactly at the end
#   make screenshots                  the pictures of the dashboard in docs/images
#   make clean                        remove what was made, but keep the data in .local
#
# In an AWS account; docs/reference/commands.md has each of them. STAGE is prod when left out.
#
#   make deploy  [PLAN=1] [EMAIL=you@example.com]   put the stage there, or bring it up to date
#                [MAX_USD=15]                       what the tables may cost a day
#                [BUDGET=50]                        what a month may cost before EMAIL is told
#                REGION=eu-central-1                at the first deployment, which stores it
#                [NO_CHECK=1]                       without asking IAM what you may do
#   make verify  [TOKEN=...] [URL=...]              prove it with an event that is removed again
#   make status                                     what is deployed, what alarms say, what waits
#   make doctor                                     check the account and the stage, say what to do
#   make cost                                       what the last 30 days cost, by route and table
#   make logs    [SINCE=15m] [ERRORS=1] [FOLLOW=1]  what it has said
#   make token   [NEW=name|ROTATE=name|REMOVE=name] who may read
#   make rollback                                   the code of the release before
#   make upgrade                                    take items of an earlier version forward
#   make prepare                                    for `chalice deploy` typed by hand
#   make visitor-key                                make the key that user_ids are hashed with
#   make recount [SITE=...] [FROM=day] [TO=day]     name what differs from the stored events
#   make rebuild [SITE=...] [FROM=day] [TO=day]     make the figures of these days again
#   make erase   USER=id [SITE=...] | SITE=... YES=...   everything of a user, or of a site
#   make export  [SITE=...] [FROM=day] [TO=day]     earlier days into the bucket of exports
#   make restore FROM=prod STAGE=again [AT=...]     the data of a stage, as another stage's
#   make edge    [BUCKET=...]                       upload the browser's files to infra/edge.yaml's bucket
#   make demo    URL=... [SITE=demo.example]        a day of made-up traffic
#   make edge-secret                                by which the edge or your proxy proves itself
#   make destroy [ONLY=app]                         asks, then leaves nothing, or the data

PYTHON ?= python3
PORT ?= 8000
DEMO ?= 1
STAGE ?= prod
HISTORIES ?= 50000
BIN := .venv/bin

.PHONY: run test soak check format build package bench load screenshots clean lint
.PHONY: recount rebuild erase export restore edge edge-secret
.PHONY: visitor-key deploy verify status doctor cost logs token rollback upgrade prepare demo destroy
.NOTPARALLEL:

run: build
	@$(BIN)/python -m local.run --port $(PORT) --demo $(DEMO)

test: build lint
	@CHROMIUM="$$($(BIN)/python -m local.browser)" $(BIN)/pytest -n 3 --dist loadfile

soak: build
	@HISTORIES=$(HISTORIES) FLOOD=200000 $(BIN)/pytest -n 3 --dist loadfile tests/histories tests/services/collect/test_session_limits.py

check: build lint
	@$(BIN)/pytest -n 3 --dist loadfile -m "not slow" --ignore tests/end_to_end --ignore tests/browser

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
	@CHROMIUM="$$($(BIN)/python -m local.browser)" $(BIN)/python -m benchmarks $(TOPICS)

screenshots: build
	@CHROMIUM="$$($(BIN)/python -m local.browser)" $(BIN)/python -m local.screenshots

load: build
	@$(BIN)/python -m benchmarks.load $(if $(SECONDS),--seconds=$(SECONDS))

# In an AWS account

ON_STAGE = --stage $(STAGE) $(if $(REGION),--region=$(REGION))

deploy: build
	@$(BIN)/python -m operate.deploy $(ON_STAGE) $(if $(PLAN),--plan) $(if $(NO_CHECK)$(filter 0,$(CHECK)),--no-check) $(if $(EMAIL),--parameter AlarmEmail=$(EMAIL)) $(if $(MAX_USD),--parameter MaxUsdPerDay=$(MAX_USD)) $(if $(BUDGET),--budget=$(BUDGET)) $(foreach pair,$(PARAMETERS),--parameter $(pair))

verify: build
	@$(BIN)/python -m operate.verify $(ON_STAGE) $(if $(URL),--url=$(URL)) $(if $(TOKEN),--token=$(TOKEN))

status: build
	@$(BIN)/python -m operate.status $(ON_STAGE)

doctor: build
	@$(BIN)/python -m operate.doctor $(ON_STAGE)

cost: build
	@$(BIN)/python -m operate.cost $(ON_STAGE)

logs: build
	@$(BIN)/python -m operate.logs $(ON_STAGE) $(if $(SINCE),--since=$(SINCE)) $(if $(FILTER),--filter '$(FILTER)') $(if $(ERRORS),--errors) $(if $(FOLLOW),--follow)

token: build
	@$(BIN)/python -m operate.token $(ON_STAGE) $(if $(NEW),--new=$(NEW)) $(if $(ROTATE),--rotate=$(ROTATE)) $(if $(REMOVE),--remove=$(REMOVE))

rollback: build
	@$(BIN)/python -m operate.rollback $(ON_STAGE)

upgrade: build
	@$(BIN)/python -m operate.upgrade $(ON_STAGE)

recount rebuild: build
	@$(BIN)/python -m operate.$@ $(ON_STAGE) $(if $(SITE),--site=$(SITE)) $(if $(FROM),--from=$(FROM)) $(if $(TO),--to=$(TO))

export: build
	@$(BIN)/python -m operate.export_days $(ON_STAGE) $(if $(SITE),--site=$(SITE)) $(if $(FROM),--from=$(FROM)) $(if $(TO),--to=$(TO))

erase: build
	@$(BIN)/python -m operate.erase $(ON_STAGE) $(if $(filter command line,$(origin USER)),--user '$(USER)') $(if $(SITE),--site=$(SITE)) $(if $(YES),--yes=$(YES))

restore: build
	@$(BIN)/python -m operate.restore $(ON_STAGE) $(if $(FROM),--from=$(FROM)) $(if $(AT),--at=$(AT))

edge-secret: build
	@$(BIN)/python -m operate.edge_secret

edge: build
	@$(BIN)/python -m operate.edge_files $(ON_STAGE) $(BUCKET)

prepare: build
	@$(BIN)/python -m operate.prepare $(ON_STAGE)

visitor-key: build
	@$(BIN)/python -m operate.secret $(ON_STAGE)

demo: build
	@$(BIN)/python -m operate.demo $(if $(URL),--url=$(URL)) $(if $(SITE),--site=$(SITE)) $(if $(SESSIONS),--sessions=$(SESSIONS))

destroy: build
	@$(BIN)/python -m operate.destroy $(ON_STAGE) $(if $(ONLY),--only=$(ONLY)) $(if $(YES),--yes=$(YES)) $(if $(DATA),--data '$(DATA)')

clean:
	rm -rf .venv node_modules chalicelib/static/vendor .build .chalice/deployments .pytest_cache .mypy_cache .ruff_cache
