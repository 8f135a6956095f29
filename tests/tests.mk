# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests: one program for each tests/unit/*_test.c, linked with what it uses
# of the program and the plugin; and tests/cli/*.t, which run the program itself.
# "make check-unit" boots nothing.

# What tests keep goes where what they build goes, and not among the user's results.
export XDG_DATA_HOME := $(abspath $(BUILD))/data

UNIT_SOURCES := $(wildcard tests/unit/*_test.c)
UNIT_TESTS := $(UNIT_SOURCES:%.c=$(BUILD)/%)
UNIT_OBJECTS := $(filter-out $(BUILD)/cli/main.o,$(PROGRAM_OBJECTS)) \
	$(filter-out $(BUILD)/plugin/main.o,$(PLUGIN_OBJECTS))

$(BUILD)/tests/all.a: $(UNIT_OBJECTS)
	@mkdir -p $(@D)
	rm -f $@
	ar rc $@ $^

$(BUILD)/tests/unit/%_test: $(BUILD)/tests/unit/%_test.o $(BUILD)/tests/all.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $$(pkg-config --libs $(PACKAGES) cmocka) -lm

CLI_TESTS := $(wildcard tests/cli/*.t)

check-unit: $(UNIT_TESTS) $(BUILD)/kmemlab
	CMOCKA_MESSAGE_OUTPUT=TAP KMEMLAB=$(BUILD)/kmemlab prove --exec '' $(UNIT_TESTS) $(CLI_TESTS)

-include $(UNIT_SOURCES:%.c=$(BUILD)/%.d)
.PHONY: check-unit
.PRECIOUS: $(BUILD)/tests/unit/%.o

# Tests that boot a virtual machine: one boot a file. uapi_test is the same
# source twice, since 32-bit programs must find the same contract.
UAPI_TESTS := $(BUILD)/tests/uapi_test $(BUILD)/tests/uapi_test32
MODULE_TESTS := $(patsubst tests/module/%.c,$(BUILD)/tests/%,$(wildcard tests/module/*_test.c))
UAPI_TEST_SOURCES := tests/uapi/uapi_test.c tests/uapi/questions.c lib/device.c

$(BUILD)/tests/uapi_test: TEST_CC := $(CC)
$(BUILD)/tests/uapi_test32: TEST_CC := i686-linux-gnu-gcc
$(UAPI_TESTS): $(UAPI_TEST_SOURCES) tests/uapi/uapi.h lib/device.h include/uapi/linux/kmemlab.h
	@mkdir -p $(@D)
	$(TEST_CC) $(CPPFLAGS) -O2 -std=gnu11 $(WARNINGS) -static -o $@ $(UAPI_TEST_SOURCES)

# What a test in a machine runs there beside the shell: one C file, and what else it wants.
$(MODULE_TESTS): $(BUILD)/tests/%: tests/module/%.c
$(BUILD)/tests/fail_nth: tests/debug/fail_nth.c
$(BUILD)/tests/reference_test: $(addprefix exec/,user.c user_pages.c statistics.c system_memory.c)

$(MODULE_TESTS) $(BUILD)/tests/fail_nth: lib/device.c lib/device.h include/uapi/linux/kmemlab.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -O2 -std=gnu11 $(WARNINGS) -static -o $@ $(filter %.c,$^)

# The table of what each facility guarantees, as the module tells it in a boot.
docs/facilities.md: docs/facilities-intro.md all $(BUILD)/tests/facilities_test
	{ cat $< && $(BUILD)/kmemlab shell --add $(BUILD)/tests/facilities_test -c \
		'insmod /kernel_memory.ko nr_structs=0 && /facilities_test table'; } >$@.new
	mv $@.new $@

BOOTING_TESTS := $(wildcard tests/module/*.t tests/uapi/*.t tests/vm/*.t)
# These have two machines at once, or judge what others would disturb; the rest goes two by two.
TESTS_ALONE := $(addprefix tests/vm/,interrupt.t repeat.t saved_state.t together.t)
# The longest begins first.
TESTS_TOGETHER := tests/debug/debug.t $(filter-out $(TESTS_ALONE),$(BOOTING_TESTS))

# A kmemlab whose module makes faults on purpose.
$(BUILD)/hooks/kmemlab: FORCE
	$(MAKE) BUILD=$(BUILD)/hooks TEST_HOOKS=1 all

# The debug kernel is built before (10 minutes, once): compilers on all CPUs make a test's machine slow.
check-boot: all $(BUILD)/hooks/kmemlab $(UAPI_TESTS) $(MODULE_TESTS) $(BUILD)/tests/fail_nth
	tests/kernels/build.sh debug >/dev/null
	export BUILD=$(BUILD) KMEMLAB=$(BUILD)/kmemlab; status=0; \
	prove --timer --failures --exec '' $(TESTS_ALONE) || status=1; \
	prove --timer --failures --jobs 2 --exec '' $(TESTS_TOGETHER) || status=1; \
	exit $$status

# Style: sparse, checkpatch, kernel-doc, and what the repository promises.
check-style: all
	BUILD=$(BUILD) KMEMLAB=$(BUILD)/kmemlab prove --jobs 2 --exec '' $(wildcard tests/style/*.t)

check: check-unit check-style check-boot

# In a kernel that finds what ordinary ones do not. In "make check" too.
check-debug: all $(MODULE_TESTS) $(UAPI_TESTS) $(BUILD)/tests/fail_nth
	BUILD=$(BUILD) KMEMLAB=$(BUILD)/kmemlab prove --timer --exec '' $(wildcard tests/debug/*.t)

# The module by clang, for a kernel that clang built (packages clang, lld and llvm; minutes, once).
check-clang: export LLVM := 1
check-clang: all $(MODULE_TESTS)
	BUILD=$(BUILD) KMEMLAB=$(BUILD)/kmemlab KMEMLAB_TEST_KERNEL=$$(tests/kernels/build.sh) \
		prove --timer --exec '' tests/style/module.t tests/module/studio.t

# The module as each kernel's own compiler sees it, with all that it can warn of. Newer headers come
# without the program that reads kernel-doc: that is tests/style/module.t's.
check-warnings: export KMEMLAB_MAKE := W=1 CFLAGS_MODULE=-Werror cmd_checkdoc=
check-warnings: all
	$(BUILD)/kmemlab run --no-store --facility null \
		--kernel 5.10,6.1,6.12,7.2 --arch amd64,arm64,armhf,armhf-lpae
	$(BUILD)/kmemlab run --no-store --facility null --kernel 6.12,7.2 --arch arm64-16k

# Kernels built from the distribution's source (8 minutes to build, once).
check-trees: all
	BUILD=$(BUILD) KMEMLAB=$(BUILD)/kmemlab prove --timer --exec '' tests/kernels/trees.t

# What the documentation says of kernels, architectures and boards is what ran. Any part can be done
# anew by its variables: "make support-matrix MATRIX_ARCHS=armhf MATRIX_KERNELS=6.12 MATRIX_BOARDS=".
MATRIX_KERNELS ?= 5.10,6.1,6.12,7.2
MATRIX_ARCHS ?= amd64,arm64,arm64-16k,armhf,armhf-lpae
MATRIX_BOARDS ?= armhf:raspi2b:6.1,armhf-lpae:raspi2b:6.1,arm64:raspi3b:6.1
# Kernels that no suite has, as ARCH:SERIES:IMAGE:HEADERS.
MATRIX_OWN ?=
support-matrix: all
	KMEMLAB=$(BUILD)/kmemlab tests/support_matrix.sh $(BUILD)/support-matrix \
		'$(MATRIX_KERNELS)' '$(MATRIX_ARCHS)' '$(MATRIX_BOARDS)' '$(MATRIX_OWN)'
	perl tests/support_matrix.pl docs/support-matrix-intro.md $(BUILD)/support-matrix \
		>docs/support-matrix.md

.PHONY: check-debug check-clang check-warnings check-trees support-matrix

FORCE:

.PHONY: FORCE check-boot check-style check
