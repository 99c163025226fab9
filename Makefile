# Each target does its own set-up: a virtual environment in .venv with what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check install

.PHONY: demo test check docs bench bench-peers faults soak load fuzz lock sbom clean

demo: $(VENV)/.run
	$(BIN)/omsmodem demo

# With CI set, coverage is measured as well, which takes half as long again; a test of processes that a busy machine starved
# gets another chance, and is named.
COVERAGE := $(if $(CI),--cov --cov-report=term:skip-covered --reruns 2 -raR)
# The tests start a hundred processes: compiled once, each is there a quarter sooner, whatever the environment says.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(VENV)/.test
	$(BIN)/python -m pytest -n auto --dist worksteal $(COVERAGE)

check: $(VENV)/.test $(VENV)/.check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/test_documentation.py

docs: $(VENV)/.run
	$(BIN)/python -m omsmodem.config.reference
	$(BIN)/python -m omsmodem.blueprint
	$(BIN)/python -m omsmodem.sms.causes.reference > docs/codes.md

faults: $(VENV)/.test
	$(BIN)/python -m tests.faults.matrix

bench-peers: $(VENV)/.test
	$(BIN)/python -m tests.faults.peers

soak: $(VENV)/.test
	$(BIN)/python -m tests.faults.soak

# 50 clients for MINUTES, the modem slow and then unplugged.
load: MINUTES = 10
load: $(VENV)/.test
	$(BIN)/python -m tests.faults.load --minutes $(MINUTES)

# Coverage-guided, MINUTES for each of its targets.
MINUTES ?= 5
fuzz: $(VENV)/.test
	$(BIN)/python tools/fuzz.py --minutes $(MINUTES)

# The newest versions within the bounds of pyproject.toml, with the hashes of their files; then their bill of materials.
lock: $(VENV)/.base
	@$(PIP) pip-tools
	@{ sed -n '/^#/p' requirements.lock; $(BIN)/pip-compile --quiet --upgrade --generate-hashes --strip-extras --no-header \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options -o - pyproject.toml; } > requirements.new
	@mv requirements.new requirements.lock
	@$(MAKE) --no-print-directory sbom

sbom:
	$(PYTHON) tools/sbom.py

# For the Debian release this runs on. Needs dpkg-deb and python3-venv.
deb: $(VENV)/.run
	$(BIN)/python packaging/deb.py

# In a Debian root of its own, made with debootstrap and kept in DEB_ROOT if that is given. Needs root.
deb-test: deb $(VENV)/.test
	$(BIN)/python packaging/try_deb.py $$(ls -t dist/omsmodem_*.deb | head -1) --suite $$(. /etc/os-release; echo $$VERSION_CODENAME) $(if $(DEB_ROOT),--root $(DEB_ROOT))

bench: $(VENV)/.test
	$(BIN)/python -m bench $(if $(PAGE),--page $(PAGE))

$(VENV)/.base:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "omsmodem needs Python 3.11 or newer ($$($(PYTHON) --version) found)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python's venv module is missing: apt install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.run: $(VENV)/.base pyproject.toml
	@echo "Installing omsmodem into $(VENV) …"
	@$(PIP) -e .
	@touch $@

$(VENV)/.test: $(VENV)/.base pyproject.toml
	@echo "Installing omsmodem and its test programs into $(VENV) …"
	@$(PIP) -e '.[test]'
	@touch $@

$(VENV)/.check: $(VENV)/.base pyproject.toml
	@$(PIP) -e '.[check]'
	@touch $@

clean:
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.*
	find . -name __pycache__ -prune -exec rm -rf {} +
