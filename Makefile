# The two commands of the README. On Windows use the plain forms beside them there.
PYTHON ?= python3
MONTH ?= 2022-10
BIN := .venv/bin
WORKSPACE ?= $(CURDIR)

.PHONY: load test environment bench docs lock

# A load that found something wrong with the data (status 1) has still released; only 2 means it could not run.
load: environment
	$(BIN)/wanstat load $(MONTH) || test $$? -eq 1

test: environment
	$(BIN)/ruff check .
	$(BIN)/wanstat generate --check
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

environment: .venv/.installed

.venv/.installed: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --no-build-isolation --no-deps --editable .
	touch $@

bench: environment
	$(BIN)/python tests/bench/load.py
	$(BIN)/python tests/bench/collect.py
	$(BIN)/python tests/bench/validate.py
	$(BIN)/python tests/bench/history.py
	$(BIN)/python tests/bench/figures.py

# For developers: dbt's site of the warehouse as it was built last; var/docs/static_index.html is the whole of it in one file.
docs: environment
	WANSTAT_BUILD_DATABASE="$(WORKSPACE)/var/build.duckdb" WANSTAT_SOURCES="$(WORKSPACE)/var/landing,$(WORKSPACE)/var/archive" \
		$(BIN)/dbt --quiet docs generate --static --project-dir dbt_project --profiles-dir dbt_project \
		--target-path "$(WORKSPACE)/var/docs" --log-path "$(WORKSPACE)/var/docs/logs"

# For developers with uv: pins everything anew, with hashes and without addresses.
lock:
	uv pip compile --universal --no-strip-extras --generate-hashes --no-header --no-annotate --extra dev \
		--python-version 3.11 --quiet --output-file requirements.txt pyproject.toml
