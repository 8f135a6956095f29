# SPDX-License-Identifier: GPL-2.0-or-later
# "make check" runs all tests, "make check T='vm/map unit/plan style'" these tests and folders.
# "make check-unit" needs no virtual machine. CONTRIBUTING.md lists the other targets.

# The results of tests must not be stored with the user's own, and tests need the usual defaults.
export XDG_DATA_HOME := $(if $(filter /%,$(BUILD)),,$(CURDIR)/)$(BUILD)/data
export XDG_CONFIG_HOME := $(if $(filter /%,$(BUILD)),,$(CURDIR)/)$(BUILD)/config
export BUILD
export KMEMLAB := $(BUILD)/kmemlab
export CMOCKA_MESSAGE_OUTPUT := TAP
# In CI, a test that hangs fails after half an hour.
PROVE := prove --exec '$(if $(CI),timeout 1800)'

# Unit tests: each is linked with all objects of the program, the plugin and the fuzzer.
UNIT_SOURCES := $(wildcard tests/unit/*_test.c)
UNIT_TESTS := $(UNIT_SOURCES:%.c=$(BUILD)/%)
UNIT_OBJECTS := $(filter-out $(BUILD)/cli/main.o,$(PROGRAM_OBJECTS)) \
	$(filter-out $(BUILD)/plugin/main.o,$(PLUGIN_OBJECTS)) $(BUILD)/tests/fuzz/readers.o

$(BUILD)/tests/all.a: $(UNIT_OBJECTS)
	@mkdir -p $(@D)
	rm -f $@
	ar rc $@ $^

$(BUILD)/tests/unit/%_test: $(BUILD)/tests/unit/%_test.o $(BUILD)/tests/all.a
	$(CC) $(CFLAGS) $(HOST_CFLAGS) $(LDFLAGS) -o $@ $^ \
		$$(pkg-config --libs $(PACKAGES) cmocka) -lfdt -lm

check-unit: $(UNIT_TESTS) $(BUILD)/kmemlab
	$(PROVE) $(UNIT_TESTS) $(wildcard tests/cli/*.t)

-include $(UNIT_SOURCES:%.c=$(BUILD)/%.d) $(BUILD)/tests/fuzz/readers.d
.PRECIOUS: $(BUILD)/tests/unit/%.o

# The readers of data from outside with libFuzzer and the sanitizers, FUZZ_SECONDS each.
FUZZ := $(BUILD)/fuzz
FUZZ_SECONDS ?= 600
fuzz:
	@echo 'int main(void) {}' | clang -fsanitize=fuzzer-no-link,address -x c -o /dev/null - || \
		{ echo "make fuzz requires packages clang and libclang-rt-*-dev" >&2; false; }
	$(MAKE) CC=clang WARNINGS= BUILD=$(FUZZ) $(FUZZ)/fuzz \
		SANITIZE=fuzzer-no-link,address,undefined,float-cast-overflow
	tests/fuzz/fuzz.sh $(FUZZ) $(FUZZ_SECONDS) $(FUZZ_READERS)

$(BUILD)/fuzz: $(BUILD)/tests/fuzz/fuzz.o $(BUILD)/tests/all.a
	$(CC) $(CFLAGS) $(HOST_CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ \
		$$(pkg-config --libs $(PACKAGES)) -lfdt -lm

# Checks that take too long for each change.
check-long: all
	$(MAKE) fuzz FUZZ_SECONDS=60

# Programs that tests run in the guest. uapi_test is built twice from the same source, because
# 32-bit programs must find the same ABI.
UAPI_TESTS := $(BUILD)/tests/uapi_test $(BUILD)/tests/uapi_test32
MODULE_TESTS := $(patsubst tests/module/%.c,$(BUILD)/tests/%,$(wildcard tests/module/*_test.c))
UAPI_TEST_SOURCES := tests/uapi/uapi_test.c tests/uapi/queries.c tests/tap.c lib/device.c
GUEST_TESTS := $(UAPI_TESTS) $(MODULE_TESTS) $(BUILD)/tests/fail_nth

$(BUILD)/tests/uapi_test: TEST_CC := $(CC)
$(BUILD)/tests/uapi_test32: TEST_CC := i686-linux-gnu-gcc
$(UAPI_TESTS): $(UAPI_TEST_SOURCES) tests/uapi/uapi.h tests/tap.h lib/device.h include/uapi/linux/kmemlab.h
	@mkdir -p $(@D)
	$(TEST_CC) $(CPPFLAGS) -O2 -std=gnu11 $(WARNINGS) -static -o $@ $(UAPI_TEST_SOURCES)

$(MODULE_TESTS): $(BUILD)/tests/%: tests/module/%.c
$(BUILD)/tests/fail_nth: tests/debug/fail_nth.c
$(BUILD)/tests/reference_test: $(addprefix runner/,anon_bench.c anon_verify.c statistics.c system.c) \
	lib/catalog.c

$(MODULE_TESTS) $(BUILD)/tests/fail_nth: tests/tap.c tests/tap.h lib/device.c lib/device.h include/uapi/linux/kmemlab.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -O2 -std=gnu11 $(WARNINGS) -static -o $@ $(filter %.c,$^)

# A kmemlab whose module can be told to make errors.
HOOKS := $(BUILD)/hooks/kmemlab
$(HOOKS): FORCE
	$(MAKE) BUILD=$(BUILD)/hooks TEST_HOOKS=1 all

# These tests start two VMs at once, or other tests would disturb them. The rest runs two at a time.
TESTS_ALONE := $(addprefix tests/vm/,interrupt.t repeat.t snapshot.t together.t)
# The longest test first.
TESTS_TOGETHER := tests/debug/debug.t \
	$(filter-out $(TESTS_ALONE),$(wildcard tests/module/*.t tests/uapi/*.t tests/vm/*.t))

# Build the debug kernel (10 minutes, once) first: compilers on all CPUs slow down the VM of a test.
check-boot: all $(HOOKS) $(GUEST_TESTS)
	tests/kernels/build.sh debug >/dev/null
	status=0; \
	$(PROVE) --timer --failures $(TESTS_ALONE) || status=1; \
	$(PROVE) --timer --failures --jobs 2 $(TESTS_TOGETHER) || status=1; \
	exit $$status

check-style: all
	$(PROVE) --jobs 2 $(wildcard tests/style/*.t)

# The tests that T names: a file without its ending or a folder of tests/. The tests of golden/ are
# unit tests.
GOLDEN_TESTS := $(patsubst tests/%_test.c,%,$(shell grep -l golden.h $(UNIT_SOURCES)))
unit_tests = $(patsubst %.c,$(BUILD)/%,$(wildcard tests/$(1)_test.c $(filter tests/unit/%,$(wildcard tests/$(1)/*_test.c))))
find_tests = $(or $(wildcard tests/$(1).t),$(if $(filter unit%,$(1)),$(call unit_tests,$(1))),$(wildcard \
	tests/$(1)/*.t),$(error no test '$(1)' in tests/ (known are for example unit/plan, vm/map and style)))

ifdef T
T_NAMES := $(patsubst golden,$(GOLDEN_TESTS),$(patsubst tests/%,%,$(basename $(T:/=))))
T_TESTS := $(foreach name,$(T_NAMES),$(call find_tests,$(name)))
check: all $(filter $(BUILD)/%,$(T_TESTS)) $(if $(filter-out $(BUILD)/% tests/cli/% tests/style/%,$(T_TESTS)),\
		$(GUEST_TESTS)) $(if $(filter %/corrupt.t,$(T_TESTS)),$(HOOKS))
	$(PROVE) --timer $(T_TESTS)
else
check: check-unit check-style check-boot
endif

# The module in a kernel with KASAN, lockdep, kmemleak and fault injection. "make check" does it too.
check-debug: all $(GUEST_TESTS)
	$(PROVE) --timer $(wildcard tests/debug/*.t)

# The module built with clang for a kernel built with clang (packages clang, lld and llvm).
check-clang: export LLVM := 1
check-clang: all $(MODULE_TESTS)
	KMEMLAB_TEST_KERNEL=$$(tests/kernels/build.sh) $(PROVE) --timer tests/style/module.t tests/module/demo.t

# The module built with W=1 and the compiler of each kernel. The headers of newer kernels lack the
# program that checks kernel-doc: tests/style/module.t does that.
check-warnings: export KMEMLAB_MAKE := W=1 CFLAGS_MODULE=-Werror cmd_checkdoc=
check-warnings: all
	$(KMEMLAB) run --no-store --facility null \
		--kernel 5.10,6.1,6.12,7.2 --arch amd64,arm64,armhf,armhf-lpae
	$(KMEMLAB) run --no-store --facility null --kernel 6.12,7.2 --arch arm64-16k

# Kernels built from the distribution's source (8 minutes, once).
check-trees: all
	$(PROVE) --timer tests/kernels/trees.t tests/kernels/intree.t

# The tables of fields in the description of results.
docs/results.md: $(BUILD)/tests/unit/results_doc_test FORCE
	KMEMLAB_GOLDEN=update $<

# The table of guarantees that each facility gives, printed by the module in the guest.
# Write the output of commands that README.md shows, with the kernels that the archive has today.
readme: all
	LC_ALL=C.UTF-8 XDG_DATA_HOME=$(BUILD)/readme-data tests/readme.pl

docs/facilities.md: docs/facilities-intro.md all $(BUILD)/tests/facilities_test
	{ cat $< && $(KMEMLAB) shell --add $(BUILD)/tests/facilities_test -c \
		'insmod /kernel_memory.ko nr_structs=0 && /facilities_test table'; } >$@.new
	mv $@.new $@

# Run all facilities on each kernel, architecture and board, and write what worked to
# docs/support-matrix.md. The variables select a part of the matrix:
# "make support-matrix MATRIX_ARCHS=armhf MATRIX_KERNELS=6.12 MATRIX_BOARDS=".
MATRIX_KERNELS ?= 5.10,6.1,6.12,7.2
MATRIX_ARCHS ?= amd64,arm64,arm64-16k,armhf,armhf-lpae
MATRIX_BOARDS ?= armhf:raspi2b:6.1,armhf-lpae:raspi2b:6.1,arm64:raspi3b:6.1
# Local kernels, as ARCH:SERIES:IMAGE:HEADERS.
MATRIX_LOCAL ?=
support-matrix: all
	tests/support_matrix.sh $(BUILD)/support-matrix \
		'$(MATRIX_KERNELS)' '$(MATRIX_ARCHS)' '$(MATRIX_BOARDS)' '$(MATRIX_LOCAL)'
	perl tests/support_matrix.pl docs/support-matrix-intro.md $(BUILD)/support-matrix \
		>docs/support-matrix.md

# Compare kmemlab with the published figures of tests/validation.json (10 minutes).
validation: all
	mkdir -p $(BUILD)/validation
	perl tests/validation.pl measure $(BUILD)/validation
	perl tests/validation.pl write docs/validation-intro.md $(BUILD)/validation \
		docs/validation.svg >$(BUILD)/validation.md
	mv $(BUILD)/validation.md docs/validation.md
	perl tests/validation.pl errors docs/validation.md >explain/cycle_errors.h

FORCE:

.PHONY: check check-boot check-clang check-debug check-long check-style check-trees check-unit
.PHONY: check-warnings FORCE fuzz support-matrix validation
