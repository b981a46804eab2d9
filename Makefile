# Everything happens inside this tree, in .venv/ and .tools/; only `make system` touches the machine.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
INSTALL := $(PIP) install --quiet --no-compile -c constraints.txt
WORKERS ?= auto

FAST_TESTS := $(wildcard tests/unit tests/golden tests/property)
SLOW_TESTS := $(wildcard tests/journeys tests/integration)

# Byte code is kept, whatever the environment says: each of the many processes would compile all that it imports.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help venv demo scanners lint test fast slow bench findings constraints system wheel clean platforms drills mutants

help: ## this list
	@echo "Seawall. Python 3.11 or newer is all that the first two need:"
	@echo
	@grep -E '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z]+):.*## (.*)/  make \1 \2/' \
	    | awk '{name = $$1 " " $$2; $$1 = $$2 = ""; printf "  %-18s%s\n", name, $$0}'
	@echo
	@echo "Afterwards: .venv/bin/seawall --help"

demo: .venv/.emulator ## PetClinic from one file to a running platform on the embedded emulator
	$(BIN)/seawall up petclinic

venv: .venv/.dev ## the virtual environment with everything that the tests use

test: lint fast slow ## style, types and the import contract; then every test

lint: .venv/.dev ## style, types and the import contract alone
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

fast: .venv/.dev ## unit, golden and property tests alone
	$(BIN)/python -m pytest -q -n $(WORKERS) $(FAST_TESTS)

# Two files at a time, in this order: the longest go first, and most of each is waiting built into the AWS provider.
slow: .venv/.dev .tools/checkov/.installed .tools/azurite/.installed ## integration tests and journeys alone (Terraform, kubectl)
	$(if $(SLOW_TESTS),$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --durations=25 $(SLOW_TESTS),@echo "no integration tests yet")

platforms: .venv/.dev ## every platform up and down on the emulator, in every environment (about an hour)
	SEAWALL_EVERY_ENVIRONMENT=1 $(BIN)/python -m pytest -q -n 2 --durations=0 tests/journeys/test_platforms_up_and_down.py

findings: .venv/.dev ## what is wrong with the platforms as their documents have them: FINDINGS.md of each
	for each in src/seawall/platforms/*/as_documented; do \
		name=$$(basename $$(dirname $$each)); \
		day=$$(sed -n 's/^as_of: //p' $$each/expected.yaml); \
		.venv/bin/seawall check $$name/as_documented --as-of $$day --fail-on never --format findings > $$(dirname $$each)/FINDINGS.md; \
	done

bench: .venv/.dev ## the benchmarks: times and memory, beside the peers that install
	$(BIN)/python -m benchmarks

mutants: .venv/.dev ## change the evaluator of permissions one thing at a time: does a test notice? (half an hour)
	$(BIN)/python tests/mutants.py

drills: .venv/.dev .tools/azurite/.installed ## what rehearsals play Azure with: Azurite, from npm (the other servers: make system)

scanners: .tools/checkov/.installed ## checkov, in an environment of its own

system: ## install what the tests need from the system's packages (needs root, says what)
	@.ci/system

wheel: .venv/.dev ## build the wheel into dist/
	$(BIN)/python -m hatchling build --target wheel

constraints: ## write constraints.txt anew from a fresh environment with the newest releases
	rm -rf .tools/fresh && $(PYTHON) -m venv .tools/fresh
	.tools/fresh/bin/python -m pip install --quiet -e '.[emulator,aws,drill,dev]'
	.tools/fresh/bin/python -m pip freeze --exclude-editable > constraints.txt
	rm -rf .tools/fresh

clean: ## remove the environments and caches
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build

# pip runs only when one of these two files is newer than the last installation.
.venv/.emulator: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing Seawall and its emulator into .venv ..."
	@$(INSTALL) -e '.[emulator]'
	@touch $@

.venv/.dev: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing Seawall, its emulator and what the tests use into .venv ..."
	@$(INSTALL) -e '.[emulator,drill,dev]'
	@touch .venv/.emulator $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Seawall needs Python 3.11 or newer, and %s is %d.%d: name a newer one, make PYTHON=python3.11" % (sys.executable, *sys.version_info[:2]))'
	@$(PYTHON) -m venv .venv

.tools/checkov/.installed: .ci/checkov-version
	@echo "Installing checkov into .tools/checkov ..."
	@$(PYTHON) -m venv .tools/checkov
	@.tools/checkov/bin/python -m pip --disable-pip-version-check --no-input install --quiet --no-compile checkov==$$(cat .ci/checkov-version)
	@touch $@

# npm writes the address of its registry nowhere: the lock file holds versions and hashes alone.
.tools/azurite/.installed: .ci/azurite/package.json .ci/azurite/package-lock.json
	@if ! command -v npm > /dev/null; then \
	    echo "npm is not on PATH: what plays with Azurite is skipped (make system, or install Node.js)"; \
	else \
	    echo "Installing Azurite into .tools/azurite ..."; \
	    mkdir -p .tools/azurite && cp .ci/azurite/package.json .ci/azurite/package-lock.json .tools/azurite/ && \
	    (cd .tools/azurite && npm ci --silent --no-audit --no-fund) && touch $@; \
	fi
