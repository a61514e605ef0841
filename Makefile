# Sonoform: two commands do all the set-up, `make demo` and `make test`.

SHELL := /bin/bash
SWIFT ?= swift
PYTHON ?= python3
# Debian's packages that the build and the program need.
PACKAGES := libdnnl-dev libsndfile1-dev libfftw3-dev libsoxr-dev zlib1g-dev pkg-config
# What the Training package needs besides: its speech comes from these.
SPEECH_PACKAGES := espeak-ng libespeak-ng-dev flite
VENV ?= .venv
BINARY = .build/release/sonoform
OUT ?= demo-output

.PHONY: all build demo test test-training lint install-packages install-speech clean goldens help fuzz fuzz-ply

all: build

help: ## Shows what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

install-packages: ## Installs the Debian packages that are missing
	@Scripts/install-packages $(PACKAGES)

install-speech:
	@Scripts/install-packages $(SPEECH_PACKAGES)

build: install-packages ## Builds the program
	@$(SWIFT) build -c release --product sonoform

demo: build ## Converts the recordings in audio-samples/ to point clouds
	@Scripts/demo $(BINARY) $(OUT)

# Tests run optimised: whole conversions are among them. A folder of their own keeps the program's build as it is.
TEST_BUILD := -c release -Xswiftc -enable-testing --scratch-path .build-testing

test: install-packages ## Runs everything that must hold
	@$(SWIFT) build $(TEST_BUILD) --build-tests
	@$(SWIFT) test $(TEST_BUILD) --skip-build --disable-xctest

lint: ## Checks the style of Swift and, where ruff is there, of Python
	@$(SWIFT) format lint --strict --recursive --parallel Sources Tests Package.swift
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

# Only the reader's sources are needed, all with coverage and AddressSanitizer. libsndfile leaks 6 KB with every Vorbis
# header it refuses, so leaks are not looked for, and a fresh process takes over now and then.
FUZZ_SECONDS ?= 1800
FUZZ_SOURCES := Sources/AudioFeatures/Reading/*.swift Fuzzing/reader.swift
FUZZ_PLY_SOURCES := $(addprefix Sources/PointClouds/,PointCloud.swift \
	$(addprefix PLY/,PLYByteReader.swift PLYError.swift PLYHeader.swift PLYReading.swift PLYRowReader.swift)) Fuzzing/ply.swift
FUZZ_MODULES := $(foreach module,CSndFile CSoxr,-Xcc -fmodule-map-file=Sources/$(module)/module.modulemap)

fuzz: install-packages ## Feeds the reader with hostile files for FUZZ_SECONDS
	@mkdir -p .build-fuzzing/corpus
	@$(SWIFT)c -O -g -swift-version 6 -parse-as-library -module-name Fuzzing -sanitize=fuzzer,address $(FUZZ_MODULES) \
		$(FUZZ_SOURCES) -o .build-fuzzing/reader
	@cd .build-fuzzing && ASAN_OPTIONS=quarantine_size_mb=32:detect_leaks=0 ./reader -fork=1 -detect_leaks=0 corpus ../Tests/Goldens/audio/read ../Tests/Goldens/audio/refused \
		../Tests/Goldens/audio/fuzzed -max_len=16384 -timeout=10 -rss_limit_mb=512 \
		-max_total_time=$(FUZZ_SECONDS) -print_final_stats=1

fuzz-ply: ## Feeds the PLY reader with hostile files for FUZZ_SECONDS
	@mkdir -p .build-fuzzing/corpus-ply
	@$(SWIFT)c -O -g -swift-version 6 -parse-as-library -module-name Fuzzing -sanitize=fuzzer,address $(FUZZ_PLY_SOURCES) \
		-o .build-fuzzing/ply
	@cd .build-fuzzing && ASAN_OPTIONS=quarantine_size_mb=32 ./ply -fork=1 corpus-ply ../Tests/Goldens/pointclouds \
		../Tests/Goldens/pointclouds/cases -dict=../Fuzzing/ply.dict -max_len=16384 -timeout=10 -rss_limit_mb=512 \
		-max_total_time=$(FUZZ_SECONDS) -print_final_stats=1

clean: ## Removes what was built
	@rm -rf .build .build-testing .build-fuzzing $(VENV) $(OUT)
