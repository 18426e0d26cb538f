# make demo   a live city at http://localhost:8050 (Linux x86-64, Python 3.11; no Docker, no configuration)
# make test   everything the tests need, then every check and every test
# make help   the rest
#
# Each step runs once: what it made is marked by a file under .venv, so that a second `make` starts at once.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt
PACKAGES := deploy/ensure-packages.sh
PYTEST_ARGS ?=
SHOTS_ARGS ?=
# Two processes, each with servers of its own: most tests wait for servers and browsers. A file stays in one of them.
SIDE_BY_SIDE ?= -n 2 --dist loadfile
FUZZ_ARGS ?=

.PHONY: help
help: ## say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1|\2/' | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

.PHONY: demo
demo: $(VENV)/.servers ## start a live demo city on this machine
	@exec $(BIN)/python run.py

.PHONY: setup
setup: $(VENV)/.dev $(VENV)/.servers ## environment for developers, and the embedded servers

.PHONY: test
test: $(VENV)/.dev $(VENV)/.servers $(VENV)/.test-servers lint ## set everything up, then all checks and all tests
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(PYTEST_ARGS)

.PHONY: test-unit
test-unit: $(VENV)/.dev ## tests that need neither a browser nor Kafka nor Keycloak nor kill anything
	$(BIN)/python -m pytest -m "not browser and not kafka and not keycloak and not chaos" $(PYTEST_ARGS)

.PHONY: peers
peers: $(VENV)/.run ## other maps for Dash, beside the environment, for `run.py bench screens` alone
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --target build/peers --no-deps -r benchmarks/requirements-peers.txt

.PHONY: screenshots
screenshots: $(VENV)/.dev $(VENV)/.servers ## pictures of every page of a demo city into build/screenshots; SHOTS_ARGS="--full" for the whole matrix
	$(BIN)/python -m benchmarks.screenshots $(SHOTS_ARGS)

.PHONY: fuzz
fuzz: $(VENV)/.dev ## a million mutated messages of every feed, and damaged records (docs/testing.md); FUZZ_ARGS="--seed 7"
	$(BIN)/python -m tests.fuzz $(FUZZ_ARGS)

.PHONY: audit-dependencies
audit-dependencies: $(VENV)/.dev ## known vulnerabilities of the pinned versions, where the advisory service answers
	@$(BIN)/python deploy/audit_dependencies.py

.PHONY: lint
lint: $(VENV)/.dev audit-dependencies ## style, types, who may know whom, known vulnerabilities
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: format
format: $(VENV)/.dev ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: constraints
constraints: $(VENV)/.dev ## write the versions of the present environment into constraints.txt
	{ head -1 constraints.txt; $(BIN)/python -m pip freeze --exclude-editable | LC_ALL=C sort -f; } > constraints.new
	mv constraints.new constraints.txt

.PHONY: clean
clean: ## remove the environment and what tools left; the city's data (var/) and downloaded servers stay
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	@$(PACKAGES) --must "$(PYTHON) -c 'import ensurepip, venv'" python3.11 python3.11-venv
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.made requirements.txt constraints.txt
	@echo "Installing what the center runs on (once, a few minutes) …"
	$(PIP_INSTALL) -r requirements.txt
	@$(PACKAGES) "$(BIN)/python -c 'import weasyprint'" libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
	@$(PACKAGES) "fc-list :lang=zh | grep ." fontconfig fonts-noto-cjk
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	@echo "Installing what the tests need …"
	$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

$(VENV)/.servers: $(VENV)/.run
	@echo "Fetching the servers for this machine (once) …"
	$(BIN)/python -m ops_center.embedded fetch
	@touch $@

# Where something can't be had, this says what to install and goes on: the tests that need it are then skipped visibly,
# or fail where CI=true.
$(VENV)/.test-servers: $(VENV)/.dev ops_center/embedded/kafka-runtime.pom.xml $(wildcard tests/servers/keycloak*)
	@$(PACKAGES) "command -v chromium || command -v chromium-browser || command -v google-chrome" chromium
	@$(PACKAGES) "fc-list :lang=zh | grep ." fontconfig fonts-noto-cjk
	@$(PACKAGES) "PATH=$$PATH:/usr/sbin command -v nginx" nginx-light
	@$(PACKAGES) "java -version 2>&1 | grep -E 'version \"(1[7-9]|[2-9][0-9])'" openjdk-17-jre-headless
	@$(PACKAGES) "command -v mvn" maven
	@rm -f $@.missing
	@$(BIN)/python -m ops_center.embedded fetch --kafka || { touch $@.missing; echo "Kafka's tests will be skipped."; }
	@$(BIN)/python -m tests.servers.keycloak_server || { touch $@.missing; echo "Keycloak's tests will be skipped."; }
	@[ -e $@.missing ] || touch $@
