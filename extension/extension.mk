# The extension: its build, its linters and its tests in a real VS Code. Included by ../Makefile.

VSIX := dist/magneton-linux-x64.vsix
NODE_MODULES := extension/node_modules/.package-lock.json
BUNDLED_LIBS := extension/bundled/libs/.complete
EXTENSION_SOURCES := $(wildcard extension/src/*.ts extension/src/*/*.ts) \
	extension/package.json extension/esbuild.mjs extension/tsconfig.json
SERVER_SOURCES = $(shell find server -type f -not -path '*/__pycache__/*')

.PHONY: vsix e2e lint-ts screenshot

vsix: $(VSIX)  ## build the extension for linux-x64

e2e: $(VSIX) extension/out-test/index.js  ## test the extension in a real VS Code
	MAGNETON_CACHE=$(CACHE) $(PYTHON) -m tests.e2e.harness.tools
	MAGNETON_CACHE=$(CACHE) $(PYTHON) -m pytest tests/e2e

lint-ts: $(NODE_MODULES)
	cd extension && npm run --silent lint

screenshot: $(VSIX)  ## draw docs/images/editor.png again
	MAGNETON_CACHE=$(CACHE) $(PYTHON) -m tests.e2e.harness.tools
	MAGNETON_CACHE=$(CACHE) $(PYTHON) -m extension.scripts.screenshot

$(NODE_MODULES): extension/package.json extension/package-lock.json
	cd extension && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(BUNDLED_LIBS): extension/scripts/build_bundle.py pyproject.toml constraints.txt | $(INSTALLED)
	$(PYTHON) extension/scripts/build_bundle.py libs
	@touch $@

extension/dist/extension.js: $(NODE_MODULES) $(EXTENSION_SOURCES)
	cd extension && npm run --silent build

extension/out-test/index.js: $(NODE_MODULES) $(EXTENSION_SOURCES) $(wildcard extension/test/*.ts)
	cd extension && npm run --silent build-tests

$(VSIX): extension/dist/extension.js $(BUNDLED_LIBS) $(SERVER_SOURCES) \
		extension/scripts/run_server.py extension/README.md extension/.vscodeignore LICENSE | $(INSTALLED)
	$(PYTHON) extension/scripts/build_bundle.py server
	cp LICENSE extension/LICENSE
	@mkdir -p $(@D)
	cd extension && npx --no-install vsce package --no-dependencies --target linux-x64 \
		--allow-missing-repository --out ../$@
