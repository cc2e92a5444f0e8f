# Set-up included: `make demo` and `make test` work on a fresh machine with Python 3.11 or newer.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEV := $(VENV)/.ready-dev

# A file's tests stay in one process: what they share is made once. tests/conftest.py has the longest come early.
TOGETHER := --numprocesses=auto --dist=loadscope --no-loadscope-reorder
# The synthesiser that rendered the shipped digits, one test makes a few of them again; and a second simulator of
# Verilog, which two tests compare with Verilator.
TOOLS := espeak-ng iverilog
# The threads of a process that waits give way to others.
export OMP_WAIT_POLICY ?= PASSIVE
# A second thread of torch would wait for the core on which the other tests run.
test quick: export OMP_NUM_THREADS ?= 1
# Python compiles a module when it is first imported; where the caller forbids to keep that, each of hundreds of
# processes would do it again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test quick lint style fuzz docs bench dist release-check clean

demo: $(READY)  ## train, export, run in Lava, verify, report: on the shipped data
	$(BIN)/snnc demo

test: $(DEV) style chromium $(TOOLS)  ## everything that must hold, Lava included; a test checks the types
	$(BIN)/python -m slipcover --json --out .coverage.json -m pytest $(TOGETHER)
	$(BIN)/python -m slipcover --merge .coverage.json --out .coverage.json --fail-under 90

quick: $(DEV)  ## what is not marked slow, in a minute and a half
	$(BIN)/pytest $(TOGETHER) -m "not slow" -x -q tests/unit tests/contract

lint: style
	$(BIN)/mypy -p snnc

style: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell

fuzz: $(DEV)  ## altered files for every reader, for ten minutes (SECONDS=...)
	PYTHONPATH=tests $(BIN)/python -m fuzzing --seconds $(or $(SECONDS),600)

docs: $(READY)
	$(BIN)/pip install -q -e '.[docs]'
	$(BIN)/mkdocs build --strict

bench: $(READY)  ## against C++, PyTorch, Brian2, Lava and the published trainer; says what it lacks
	$(BIN)/python -m benchmarks

dist: $(DEV)  ## wheel, sdist, and what comes with it: SBOM and licences
	$(BIN)/python -m build --outdir dist .
	$(BIN)/python scripts/licences.py --release dist

RELEASE_PYTHONS ?= python3.11 python3.13
release-check: $(DEV)  ## build, install in empty environments, export the same bytes in each, `snnc demo`
	$(BIN)/python scripts/check_release.py $(RELEASE_PYTHONS) --demo

clean:
	rm -rf build dist site demo .mypy_cache .pytest_cache .ruff_cache .coverage.json

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "snnc needs Python 3.11 or newer on PATH"; exit 2; }
	$(PYTHON) -m venv $(VENV)

# pip would compile all modules, of which few are ever imported.
INSTALL := -m pip install -q --no-compile -e

$(READY): pyproject.toml | $(BIN)/python
	$(BIN)/python $(INSTALL) '.[demo]'
	touch $@

# Simulators that ask for other packages than snnc: only processes that tests start see this folder.
FOREIGN := tests/outside/requirements.txt

$(DEV): pyproject.toml $(FOREIGN) | $(BIN)/python
	$(BIN)/python $(INSTALL) '.[dev]'
	$(BIN)/python -m pip install -q --no-compile --no-deps --require-hashes --use-pep517 --no-build-isolation \
		--upgrade --target $(VENV)/foreign -r $(FOREIGN)
	touch $(READY) $@

# Two installations at once would spoil each other.
.NOTPARALLEL:

.PHONY: chromium
chromium:  ## the browser that the report's test drives
	@command -v chromium >/dev/null || [ -n "$$SNNC_CHROMIUM" ] || \
		{ apt-get update -qq && apt-get install -y -qq chromium; } >/dev/null || \
		{ echo "install Chromium, or set SNNC_CHROMIUM to its executable"; exit 2; }

.PHONY: $(TOOLS)
$(TOOLS):
	@command -v $@ >/dev/null || \
		{ apt-get update -qq && apt-get install -y -qq $@; } >/dev/null || \
		echo "no $@: the tests that need it will be skipped"
