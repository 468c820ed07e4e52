# SPDX-License-Identifier: Apache-2.0
# Makefile: builds, checks and installs smmsim. `make help` lists the targets.

# Settings, all of them for the command line: `make CC=clang OPT=-O3`. Nothing to edit below.
ifeq ($(origin CC),default)
CC = gcc
endif
OPT ?= -O2
SAN ?=
SHARED ?=
WERROR ?= -Werror
CFLAGS ?=
LDFLAGS ?=
MPI ?=
BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
# SAN=address,undefined makes a sanitizer build, WERROR= lets warnings pass, MPI=1 spreads a sweep
# over ranks (needs mpicc), SHARED=1 links all to one shared library, so that a change links once.
# Each CC, OPT, SAN and SHARED has its own folder, so they live side by side.

# ---- What there is ------------------------------------------------------------------------------

SHELL := /bin/bash
.DELETE_ON_ERROR:
.SUFFIXES:

space := $(subst ,, )
comma := ,
CONFIG := $(notdir $(CC))$(OPT)$(addprefix -,$(SAN))$(SHARED:%=-shared)
CONFIG := $(subst $(comma),-,$(subst $(space),,$(CONFIG)))
# With MPI=1 only what uses MPI is compiled anew; the rest is that of the same build without it.
COMMON := $(BUILD)/$(CONFIG)
OUT := $(if $(MPI),$(COMMON)-mpi,$(COMMON))
# With BUILD elsewhere nothing is written here, so that the sources may be read-only.
ELSEWHERE := $(if $(filter build,$(BUILD)),,$(BUILD)/)
SMMSIM ?= $(or $(ELSEWHERE),./)smmsim
MAIN := sim/cli/main.c
SRC := $(wildcard sim/*/*.c models/*/*.c workloads/*.c)
HEADERS := $(wildcard sim/*/*.h models/*/*.h workloads/*.h tests/*.h)
TEST_SRC := $(wildcard tests/*/test_*.c)
BENCH_SRC := $(wildcard tests/bench_*.c)
REGRESS_SRC := tests/regress.c
FAULT_SRC := tests/fault.c
GROWTH_SRC := tests/growth.c
# Not part of any build: run on the machine that is measured.
MEASURE_C := $(wildcard docs/measure/*.c)
ALL_C := $(SRC) $(TEST_SRC) $(BENCH_SRC) $(REGRESS_SRC) $(FAULT_SRC) \
    $(GROWTH_SRC)

MPI_OBJ := $(if $(MPI),$(OUT)/sim/sweep/mpi.o)
LIB_OBJ := $(patsubst %.c,$(COMMON)/%.o,$(filter-out $(MAIN),$(SRC)))
LIB_OBJ := $(filter-out $(MPI_OBJ:$(OUT)/%=$(COMMON)/%),$(LIB_OBJ)) $(MPI_OBJ)
LIB := $(OUT)/libsmmsim.$(if $(SHARED),so,a)
# A program is not linked again because its shared library is another one.
WITH_LIB := $(if $(SHARED),|) $(LIB)
UNIT := $(TEST_SRC:%.c=$(OUT)/%)
BENCH := $(BENCH_SRC:%.c=$(OUT)/%)
REGRESS := $(REGRESS_SRC:%.c=$(OUT)/%)
FAULT := $(FAULT_SRC:%.c=$(OUT)/%)
GROWTH := $(GROWTH_SRC:%.c=$(OUT)/%)
# What runs one machine, compiled once more to count its steps.
COUNTED := $(wildcard models/protocol/*.c models/machine/*.c) sim/lib/evset.c sim/lib/dist.c
COUNTED := $(COUNTED:%.c=$(COMMON)/counted/%.o)

FORMAT_VERSION := 14
# The other compiler, for its warnings.
OTHER := $(if $(findstring clang,$(CC)),gcc,clang)

STD_FLAGS := -std=gnu17 -I. -D_GNU_SOURCE
WARN_FLAGS := -Wall -Wextra -Wshadow -Wconversion $(WERROR)
# Last, so that nothing before it can let results depend on the processor.
EXACT_FLAGS := -fno-fast-math -ffp-contract=off -fopenmp
SAN_FLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
# With a sanitizer the compiler sees code of its own making and warns about that: not errors there.
SAN_FLAGS += $(if $(SAN),-Wno-error)
# Lines are all that the stack of a sanitizer shows; places of variables take gcc as long again.
DEBUG_FLAGS := $(if $(SAN),-g1,-g)
PIC_FLAGS := $(if $(SHARED),-fPIC)
AS_LIB := -shared -Wl$(comma)-soname$(comma)libsmmsim.so
# Relative, so that a copy of the folder uses its own library.
FIND_LIB := $(if $(SHARED),-Wl$(comma)-rpath$(comma)'$$ORIGIN:$$ORIGIN/..:$$ORIGIN/../..')
# Most unit tests take longer to compile than to run; what they test is compiled with OPT.
TEST_OPT ?= -O0
BUSY_TESTS := edk2 evset naive path
LEVEL = $(OPT)
# The wrapper of Open MPI or that of MPICH, around the same compiler.
MPICC := OMPI_CC='$(CC)' MPICH_CC='$(CC)' mpicc
DRIVER = $(CC)
COMPILE = $(DRIVER) $(STD_FLAGS) $(LEVEL) $(DEBUG_FLAGS) $(WARN_FLAGS) $(SAN_FLAGS) $(CFLAGS) \
    $(PIC_FLAGS) $(EXACT_FLAGS)
LINK = $(if $(MPI),$(MPICC),$(CC)) $(OPT) $(DEBUG_FLAGS) $(SAN_FLAGS) $(CFLAGS) $(EXACT_FLAGS) \
    $(FIND_LIB) $(LDFLAGS)

# The version is git's name of this tree; 0.1 where there is no git. Sources that use the version or
# the data folder are compiled again when one of the two changes, the others are not.
VERSION := $(shell test -e .git && GIT_OPTIONAL_LOCKS=0 git describe --always --dirty 2>/dev/null)
VERSION := $(or $(VERSION),0.1)
# A relative PREFIX is one of this folder: the program looks there from any other one.
TO := $(if $(filter /%,$(PREFIX)),$(PREFIX),$(shell realpath -m -- '$(PREFIX)'))
DATADIR := $(TO)/share/smmsim
IDENTITY := -DSMMSIM_VERSION='"$(VERSION)"' -DSMMSIM_DATADIR='"$(DATADIR)"'
IDENTIFIED := $(shell grep -ls -e SMMSIM_VERSION -e SMMSIM_DATADIR $(SRC) /dev/null)

# All cores unless -j says otherwise; one after the other if `clean` is among several goals.
ifeq ($(MAKELEVEL)$(filter clean,$(MAKECMDGOALS)),0)
MAKEFLAGS += -j$(JOBS)
endif
MAKEFLAGS += --no-print-directory

# ---- Build --------------------------------------------------------------------------------------

.PHONY: all
all: $(OUT)/smmsim ## build ./smmsim (the default)
	@cmp -s $< "$(SMMSIM)" || cp $< "$(SMMSIM)"

.PHONY: mpi
mpi: ## build ./smmsim-mpi, whose sweeps use all ranks of mpirun
	@$(MAKE) MPI=1 SMMSIM=$(SMMSIM)-mpi all

.PHONY: binary library unit-binaries bench-binaries regress-binary fault-binary \
    growth-binary where version
binary: $(OUT)/smmsim # without touching ./smmsim
library: $(LIB)
unit-binaries: $(UNIT)
bench-binaries: $(BENCH)
regress-binary: $(REGRESS)
fault-binary: $(FAULT)
growth-binary: $(GROWTH)
where: # the folder of this configuration, for scripts
	@echo $(OUT)
version: # and what it calls itself
	@echo $(VERSION)

$(OUT)/smmsim: $(COMMON)/$(MAIN:.c=.o) $(WITH_LIB)
	$(LINK) -o $@ $< $(LIB) -lcsv

$(LIB): $(LIB_OBJ) Makefile
	@rm -f $@
	@$(if $(SHARED),$(LINK) $(AS_LIB) -o $@ $(LIB_OBJ) -lcsv,$(AR) qcs $@ $(LIB_OBJ))

$(UNIT): $(OUT)/%: $(COMMON)/%.o $(WITH_LIB)
	$(LINK) -o $@ $< $(LIB) -lcmocka -lcsv

# It runs the program itself.
$(OUT)/tests/cli/test_mistakes: | $(OUT)/smmsim

$(BENCH) $(REGRESS): $(OUT)/%: $(COMMON)/%.o $(WITH_LIB)
	$(LINK) -o $@ $< $(LIB) -lcsv

$(FAULT): $(OUT)/%: $(COMMON)/%.o $(COMMON)/$(MAIN:.c=.o) $(LIB)
	@mkdir -p $(@D)
	$(LINK) -Wl,--wrap=thread_event -o $@ $^ -lcsv

# Objects come first, so that the library gives only what is not counted.
$(GROWTH): $(OUT)/%: $(COMMON)/%.o $(COUNTED) $(LIB)
	@mkdir -p $(@D)
	$(LINK) -o $@ $^ -lcsv

$(COUNTED): $(COMMON)/counted/%.o: %.c Makefile | $(OUT)/needs-met
	@mkdir -p $(@D)
	$(COMPILE) -fsanitize-coverage=trace-pc -MMD -MP -c -o $@ $<

$(COMMON)/%.o: %.c Makefile | $(OUT)/needs-met
	@mkdir -p $(@D)
	$(COMPILE) $(HERE) -MMD -MP -c -o $@ $<

$(filter-out $(foreach test,$(BUSY_TESTS),%/test_$(test).o),$(TEST_SRC:%.c=$(COMMON)/%.o)): \
    LEVEL = $(TEST_OPT)

$(MPI_OBJ): DRIVER = $(MPICC)
$(MPI_OBJ): $(OUT)/%.o: %.c Makefile | $(OUT)/needs-met
	@mkdir -p $(@D)
	$(COMPILE) -DSMMSIM_MPI -MMD -MP -c -o $@ $<

$(IDENTIFIED:%.c=$(COMMON)/%.o): HERE = $(IDENTITY)
$(IDENTIFIED:%.c=$(COMMON)/%.o): $(COMMON)/identity

$(COMMON)/identity: FORCE
	@mkdir -p $(@D)
	@echo '$(VERSION) $(DATADIR)' | cmp -s - $@ || echo '$(VERSION) $(DATADIR)' >$@

# One clear line instead of a page of compiler errors when something is not installed.
MISSING = $(shell CC='$(if $(MPI),mpicc,$(CC))' tests/install-deps.sh --missing build)
$(OUT)/needs-met:
	$(if $(MISSING),$(error missing: $(MISSING): run `make deps`, then make again))
	@mkdir -p $(@D)
	@touch $@

-include $(patsubst %.c,$(COMMON)/%.d,$(ALL_C)) $(COUNTED:.o=.d) $(MPI_OBJ:.o=.d)

.PHONY: FORCE
FORCE:

# ---- Use ----------------------------------------------------------------------------------------

.PHONY: demo
demo: ## install what is missing (not with DEPS=no), build, run the example, draw its picture
	@tests/install-deps.sh runtime || echo 'demo: going on without what is missing'
	@$(MAKE) all
	$(SMMSIM) demo --out $(ELSEWHERE)results/demo
	@if command -v gnuplot >/dev/null; then ./plot.sh slowdown $(ELSEWHERE)results/demo; \
	else echo 'demo: no picture, gnuplot is missing (make deps)'; fi

.PHONY: answers model explore-all
answers: all ## write docs/ANSWERS.md and its pictures anew (minutes)
	docs/answers.sh
model: all ## write the tables of docs/MODEL.md anew that smmsim prints
	docs/model.sh
explore-all: all ## search all for the table of docs/EXPLORE.md (about an hour on two cores)
	tests/explore_all.sh

.PHONY: deps deps-test
deps: ## install the Debian packages that smmsim needs
	@tests/install-deps.sh runtime
	@echo 'deps: all there'
deps-test: ## install the Debian packages that the tests need
	@tests/install-deps.sh test

# ---- Test ---------------------------------------------------------------------------------------

# tests/run.sh builds what it needs itself, so that a build that fails is counted, too.
.PHONY: test unit sanitize regress determinism determinism-foreign
test: deps-test ## everything below but bench and check; ends with the totals (DEPS as for demo)
	+@CC='$(CC)' tests/run.sh test
unit: ## unit tests only
	+@CC='$(CC)' tests/run.sh unit
sanitize: ## unit tests with the address and undefined behaviour sanitizers
	+@CC='$(CC)' tests/run.sh sanitize
regress: ## the slowdown against theory, measurement and results/golden
	+@CC='$(CC)' tests/regress.sh
determinism: ## same bytes from gcc and clang, -O0 and -O3, with and without FMA
	+@tests/determinism.sh
determinism-foreign: ## same bytes from aarch64, riscv64, s390x, clang, musl (needs qemu-user)
	+@tests/foreign.sh

.PHONY: mutation
mutation: ## one line changed after the other, does a test see it? (twenty minutes)
	+@tests/mutation/run

.PHONY: bench
bench: bench-binaries ## run the benchmarks; a limit that is missed is a failure
	@bad=; for b in $(BENCH) tests/bench_trace.sh; do echo "== $${b##*/}"; \
	    $$b || bad="$$bad $${b##*/}"; done; \
	    if [ -n "$$bad" ]; then echo "bench: missed:$$bad (see above)"; exit 1; fi

.PHONY: format
format: ## let clang-format rewrite the sources
	@clang-format -i $(ALL_C) $(MEASURE_C) $(HEADERS)

.PHONY: check check-tidy check-format check-warnings check-clang-tidy check-cppcheck
check: ## warnings of the other compiler, clang-format, clang-tidy, cppcheck, tests/tidy
	@$(MAKE) -k --output-sync=target check-tidy check-format check-cppcheck check-clang-tidy \
	    check-warnings
	@echo 'check: clean'
check-tidy:
	@tests/tidy
check-format: # another clang-format would lay out some lines differently
	@if ! clang-format --version | grep -q ' $(FORMAT_VERSION)\.'; then \
	    echo 'check-format: left out, needs clang-format $(FORMAT_VERSION)'; exit 0; fi; \
	clang-format --dry-run -Werror $(ALL_C) $(MEASURE_C) $(HEADERS) 2>&1 \
	    | awk -F : '/ error: / { if ($$1 != last) print $$1 ":" $$2 ": not formatted (make format)"; \
	        last = $$1; bad = 1 } END { exit bad }'
check-warnings: # -O0 is quick, and a build that tests/determinism.sh uses, too
	@$(MAKE) -s CC=$(OTHER) OPT=-O0 binary unit-binaries bench-binaries regress-binary \
	    fault-binary growth-binary fuzz-binary
check-clang-tidy: $(patsubst %.c,$(BUILD)/clang-tidy/%.ok,$(SRC) $(MEASURE_C))
check-cppcheck: # syntax is the compiler's business: cppcheck loses its way in nested X-macros
	@mkdir -p $(BUILD)/cppcheck
	@cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 -I. -D_GNU_SOURCE \
	    -D__SIZEOF_INT128__=16 \
	    $(IDENTITY) -j$(JOBS) --enable=warning,performance,portability --suppress=syntaxError \
	    --cppcheck-build-dir=$(BUILD)/cppcheck $(SRC) $(MEASURE_C)

$(BUILD)/clang-tidy/%.ok: %.c $(HEADERS) .clang-tidy
	@mkdir -p $(@D)
	@clang-tidy --quiet $< -- $(STD_FLAGS) $(IDENTITY) -fopenmp 2>/dev/null
	@touch $@

# ---- Fuzz ---------------------------------------------------------------------------------------

# Seconds for each target, and which ones; all unless said.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?=
FUZZ_SRC := $(wildcard tests/fuzz/*.c)
ALL_C += $(FUZZ_SRC)
HEADERS += $(wildcard tests/fuzz/*.h)
# With SAN=...,fuzzer-no-link libFuzzer has the main function, else tests/fuzz/plain.c.
FUZZER := $(findstring fuzzer,$(SAN))
FUZZ_OBJ := $(patsubst %.c,$(COMMON)/%.o,$(filter-out $(FUZZER:%=tests/fuzz/plain.c),$(FUZZ_SRC)))
-include $(FUZZ_OBJ:.o=.d)

.PHONY: fuzz fuzz-binary
fuzz: ## search for inputs that break a parser, a minute for each
	@tests/install-deps.sh fuzz
	+@tests/fuzz.sh search $(FUZZ_SECONDS) $(FUZZ_TARGETS)
fuzz-binary: $(OUT)/tests/fuzz/fuzz

$(OUT)/tests/fuzz/fuzz: $(FUZZ_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(LINK) $(FUZZER:%=-fsanitize=fuzzer) -o $@ $^ -lcsv

# ---- Install ------------------------------------------------------------------------------------

BIN_TO = $(DESTDIR)$(TO)/bin
MAN_TO = $(DESTDIR)$(TO)/share/man/man1
COMPLETION_TO = $(DESTDIR)$(TO)/share/bash-completion/completions
DATA_TO = $(DESTDIR)$(DATADIR)

.PHONY: install uninstall
install: all ## install under PREFIX=/usr/local (packagers: DESTDIR=)
	install -d "$(BIN_TO)" "$(MAN_TO)" "$(COMPLETION_TO)" "$(DATA_TO)/models/platforms" \
	    "$(DATA_TO)/workloads/sweeps" "$(DATA_TO)/plots"
	install -m 755 "$(SMMSIM)" "$(BIN_TO)/smmsim"
	install -m 644 docs/smmsim.1 "$(MAN_TO)/smmsim.1"
	install -m 644 docs/smmsim.bash "$(COMPLETION_TO)/smmsim"
	install -m 644 models/platforms/*.csv "$(DATA_TO)/models/platforms"
	install -m 644 workloads/*.csv "$(DATA_TO)/workloads"
	install -m 644 workloads/sweeps/*.csv "$(DATA_TO)/workloads/sweeps"
	install -m 755 plot.sh "$(DATA_TO)/plot.sh"
	install -m 644 plots/*.gp plots/*.sh "$(DATA_TO)/plots"
	ln -sf ../share/smmsim/plot.sh "$(BIN_TO)/smmsim-plot"
uninstall: ## remove what install put there
	rm -f "$(BIN_TO)/smmsim" "$(BIN_TO)/smmsim-plot" "$(MAN_TO)/smmsim.1" "$(COMPLETION_TO)/smmsim"
	rm -rf "$(DATA_TO)"

# ---- Rest ---------------------------------------------------------------------------------------

.PHONY: clean help
clean: ## remove what was built; results stay
	rm -rf $(BUILD) $(SMMSIM) $(SMMSIM)-mpi
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-19s %s\n", $$1, $$2 }' Makefile
