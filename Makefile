# The two commands: `make demo` shows what it does, `make test` checks everything.
# Both make the virtual environment they need. Python 3.11 or later and make are all that has to be there.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/installed
PEERS  := build/peers/installed

.PHONY: demo test fast check bench mutants components reports vendor clean

demo: $(STAMP)
	$(BIN)/pytest --flowconc --flowconc-report=build/report -p no:cacheprovider scenarios/docs
	@echo "The report: build/report/index.html"

test: $(STAMP) check
	$(BIN)/pytest -n auto -q
	$(BIN)/pytest --flowconc -q -p no:cacheprovider scenarios
	@$(BIN)/python tests/components.py

# The inner loop: everything that takes no more than a second a test.
fast: $(STAMP)
	$(BIN)/pytest -n auto -q -m "not slow and not browser"

# Types, lint, form and import rules.
check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Speed and memory, side by side in one run; figures also in build/bench.json.
bench: $(STAMP) $(PEERS)
	$(BIN)/python -m benchmarks

# Other simulators, to compare with. Not in the virtual environment: Ciw's package `tests` would hide ours.
$(PEERS): constraints.txt | $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --upgrade --no-deps \
		--target build/peers ciw networkx salabim tqdm
	@touch $(PEERS)

# Which changes of the protocol and the checks no test would notice; half an hour, hence no part of `make test`.
mutants: $(STAMP)
	$(BIN)/python -m benchmarks.mutation
	$(BIN)/python docs/generate.py

# The example reports that are kept in the repository.
reports: $(STAMP)
	$(BIN)/python reports/make.py

# What draws the charts of capacity reports, bundled into one file that they embed: needs Node.
vendor:
	npm install --no-save --no-package-lock --no-audit --no-fund --prefix build/vendor @observablehq/plot@0.6.17 esbuild@0.28.2
	cd build/vendor && NODE_PATH=node_modules node_modules/.bin/esbuild $(CURDIR)/sim/flowconc/report/page/vendor/entry.js \
		--bundle --minify --charset=utf8 --legal-comments=eof --format=iife --global-name=Plot \
		--outfile=$(CURDIR)/sim/flowconc/report/page/vendor/plot.js

# What some tests need beyond Python: Debian packages, as root.
components:
	apt-get update -q
	DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium python3-venv

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(STAMP)

clean:
	rm -rf $(VENV) build dist
