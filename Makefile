# Everything that people and scripts do with the project. Each command makes itself ready first.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help run demo test faults model differential fuzz soak check scan conform clean python everything

PORT ?= 7071
PYTHON := .venv/bin/python

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' $(MAKEFILE_LIST) | expand -t 20

run: everything ## run the service on this machine (PORT=7071; EPHEMERAL=1 keeps nothing and prints one line of JSON)
	@exec $(PYTHON) -m local.run --port $(PORT) $(if $(STORAGE_PORT),--storage-port $(STORAGE_PORT)) $(if $(EPHEMERAL),--ephemeral)

demo: everything ## provision a company from a local Entra into a service of its own, and compare
	@exec $(PYTHON) -m entra demo --start "$(PYTHON) -m local.run --port 0 --ephemeral"

test: everything ## run all tests (ARGS="tests/scim -k filter" chooses some)
	@exec $(PYTHON) -m pytest -n 2 --dist loadscope -rs $(ARGS)

faults: everything ## let every storage call of every operation fail in every way (three quarters of an hour)
	@FAULTS=all exec $(PYTHON) -m pytest -n 4 --dist load tests/faults $(ARGS)

model: everything ## compare 10,000 random requests with a model of the RFCs (MODEL_SEED=… repeats a run)
	@MODEL_REQUESTS=10000 exec $(PYTHON) -m pytest tests/model $(ARGS)

differential: everything ## compare 50,000 random filters and PATCHes with scim2-models (DIFFERENTIAL_SEED=… repeats a run)
	@DIFFERENTIAL_CASES=50000 exec $(PYTHON) -m pytest tests/differential $(ARGS)

fuzz: everything ## send 200,000 senseless inputs (FUZZ_SEED=… repeats a run)
	@FUZZ_INPUTS=200000 exec $(PYTHON) -m pytest tests/fuzz $(ARGS)

soak: everything ## five minutes of traffic with people coming and going: latency, memory, connections
	@exec $(PYTHON) -m tests.soak $(ARGS)

bench: everything ## measure the service beside its peers, under load, as it grows and when it starts (ARGS="--only sustained" a part)
	@sh bench/setup.sh
	@exec $(PYTHON) -m bench $(ARGS)

check: python ## check format, lint and types
	@.venv/bin/ruff format --check --quiet . || { echo "Run .venv/bin/ruff format ." >&2; exit 1; }
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@! command -v bicep >/dev/null || bicep build --stdout infra/main.bicep >/dev/null

scan: python ## check infra/ with checkov and the app with azure-functions-doctor (installs them below .local)
	@cmp -s tools/scan-requirements.txt .local/scan/.installed || { $(PYTHON) -m venv --clear .local/scan && \
		.local/scan/bin/python -m pip install --quiet --disable-pip-version-check -r tools/scan-requirements.txt >&2 && \
		cp tools/scan-requirements.txt .local/scan/.installed; }
	@exec .local/scan/bin/python -m tools.scan

conform: python ## let scim2-tester judge the service at URL=… with the secret token TOKEN=…
	@test -n "$(URL)" && test -n "$(TOKEN)" || { echo "Usage: make conform URL=http://localhost:7071/scim/v2 TOKEN=…" >&2; exit 2; }
	@SCIM_CLI_HEADERS='Authorization: Bearer $(TOKEN)' exec .venv/bin/scim2 --url '$(URL)' test

clean: ## remove what make has made, the data of the local run included
	rm -rf .venv node_modules .azurite .local .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@sh local/setup.sh python

everything:
	@sh local/setup.sh python node
