# The two commands of the README. On Windows use the plain forms beside them there.
PYTHON ?= python3
MONTH ?= 2022-10
BIN := .venv/bin
WORKSPACE ?= $(CURDIR)
ECHARTS := 6.1.0
ECHARTS_SHA512 := ab4c9a14f8200bd15476c587e1b95abd15859b176b22875b92828d02326e74023a080f6034fc47b55d917193447a9655964e32bc16243a46e4e87215a48c8764

.PHONY: load test environment echarts bench docs lock

# A load that found something wrong with the data (status 1) has still released; only 2 means it could not run.
load: environment
	$(BIN)/wanstat load $(MONTH) || test $$? -eq 1

test: environment
	$(BIN)/ruff check .
	$(BIN)/wanstat generate --check
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

environment: .venv/.installed echarts

.venv/.installed: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --no-build-isolation --no-deps --editable .
	touch $@

# What draws the charts of the pages is one file of an npm package. Without npm or the network the set-up goes on, and the pages
# then tell the same in tables.
echarts: .venv/.installed
	@test -s .venv/share/wanstat/echarts.min.js || { \
		folder=$$(mktemp -d) && mkdir -p .venv/share/wanstat && \
		( cd "$$folder" && npm pack echarts@$(ECHARTS) --silent >/dev/null 2>&1 ) && \
		$(BIN)/python -c "import hashlib, sys; sys.exit(hashlib.sha512(open(sys.argv[1], 'rb').read()).hexdigest() != '$(ECHARTS_SHA512)')" \
			"$$folder/echarts-$(ECHARTS).tgz" && \
		tar -xzf "$$folder/echarts-$(ECHARTS).tgz" -C "$$folder" package/dist/echarts.min.js && \
		cp "$$folder/package/dist/echarts.min.js" .venv/share/wanstat/echarts.part && \
		mv .venv/share/wanstat/echarts.part .venv/share/wanstat/echarts.min.js; done=$$?; rm -rf "$$folder"; test $$done -eq 0; \
	} || echo "没有装上 ECharts（要有 npm 并能下载）：网页照写，数用表格给出，没有图。"

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
