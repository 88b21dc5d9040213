# Plain sh and GNU Make 3.81, the one on macOS, are enough for everything here.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test chromium lint unit browser floor bench readme picture clean

PY := .venv/bin/python
FLOOR := .venv-floor/bin/python
PIP := -m pip install --quiet --disable-pip-version-check
PYTEST := -m pytest -n logical --maxprocesses

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  PORT=8900        another port for make run"
	@echo "  BROWSER=none     make run without opening a browser"
	@echo "  PYTHON=path      another Python to set up with (3.11 or newer)"
	@echo "  CHROME_PATH=path another Chrome or Chromium to test with"

run: .venv/.app ## set up, then open the lessons in your browser
	@.venv/bin/deepdials $(if $(PORT),--port $(PORT)) $(if $(filter none,$(BROWSER)),--no-browser)

test: chromium lint unit browser floor ## set up, then run every check there is

# First, so that a machine without one says so at once.
chromium: .venv/.test
	$(PY) -m tests.browser.chromium

lint: .venv/.test ## check style and types
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy

unit: .venv/.test ## run the tests that need no browser
	$(PY) $(PYTEST) 8 -m 'not browser'

# Each worker runs a server, kernels and a browser; the tests of a file share them.
browser: .venv/.test chromium ## run the tests in a real browser
	$(PY) $(PYTEST) 2 -m browser --dist loadfile

floor: .venv-floor/.test ## run every lesson at the oldest versions that are promised
	$(FLOOR) $(PYTEST) 8 -m contract

bench: .venv/.bench ## measure speed against other ways of doing the same
	$(PY) -m tests.benchmarks

readme: .venv/.test ## bring the lists of lessons in README and notebooks up to date
	$(PY) -m tests.readme

picture: .venv/.test ## take the picture in README anew
	$(PY) -m tests.browser.portrait

clean: ## remove what these commands made
	rm -rf .venv .venv-floor .mypy_cache .pytest_cache .ruff_cache build dist
	find widgets tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A Python that went away leaves a dangling link here, and the environment is made anew.
.venv/bin/python .venv-floor/bin/python:
	@python=$$(sh .ci/find-python "$(PYTHON)") && \
	echo "Making $(@:/bin/python=) with $$python" && \
	"$$python" -m venv --clear $(@:/bin/python=)

# Before 25.1, pip knows no dependency groups.
define install
@echo "Installing deepdials and its libraries into $(@D), in a minute or so"
@$(@D)/bin/python $(PIP) 'pip >= 25.1'
@$(@D)/bin/python $(PIP) -e '.[app]' $(1)
@touch $@
endef

.venv/.app: pyproject.toml $(PY)
	$(call install)

.venv/.test: pyproject.toml $(PY)
	$(call install,--group test --group lint)

.venv/.bench: pyproject.toml $(PY)
	$(call install,--group test --group bench)

.venv-floor/.test: pyproject.toml tests/floor.txt $(FLOOR)
	$(call install,--group test -c tests/floor.txt)
