# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests: one program for each tests/unit/*_test.c, linked with all that is
# pure or needs no device; and tests/cli/*.t, which run the program itself.
# "make check-unit" boots nothing.

UNIT_SOURCES := $(wildcard tests/unit/*_test.c)
UNIT_TESTS := $(UNIT_SOURCES:%.c=$(BUILD)/%)
UNIT_OBJECTS := $(filter-out $(BUILD)/cli/main.o,$(PROGRAM_OBJECTS)) \
	$(filter-out $(BUILD)/plugin/main.o,$(PLUGIN_OBJECTS))

$(BUILD)/tests/unit/%_test: $(BUILD)/tests/unit/%_test.o $(UNIT_OBJECTS)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $$(pkg-config --libs $(PACKAGES) cmocka)

CLI_TESTS := $(wildcard tests/cli/*.t)

check-unit: $(UNIT_TESTS) $(BUILD)/kmemlab
	CMOCKA_MESSAGE_OUTPUT=TAP KMEMLAB=$(BUILD)/kmemlab prove --exec '' $(UNIT_TESTS) $(CLI_TESTS)

-include $(UNIT_SOURCES:%.c=$(BUILD)/%.d)
.PHONY: check-unit
.PRECIOUS: $(BUILD)/tests/unit/%.o

# Tests that boot a virtual machine: one boot a file. uapi_test is the same
# source twice, since 32-bit programs must find the same contract.
GUEST_TESTS := $(BUILD)/tests/uapi_test $(BUILD)/tests/uapi_test32
UAPI_TEST_SOURCES := tests/uapi/uapi_test.c lib/device.c

$(BUILD)/tests/uapi_test: TEST_CC := $(CC)
$(BUILD)/tests/uapi_test32: TEST_CC := i686-linux-gnu-gcc
$(GUEST_TESTS): $(UAPI_TEST_SOURCES) lib/device.h include/uapi/linux/kmemlab.h
	@mkdir -p $(@D)
	$(TEST_CC) $(CPPFLAGS) -O2 -std=gnu11 $(WARNINGS) -static -o $@ $(UAPI_TEST_SOURCES)

BOOTING_TESTS := $(wildcard tests/module/*.t tests/uapi/*.t tests/vm/*.t)

# Unsafe to run at once: they share the machine's two cores and its cache.
check-boot: all $(GUEST_TESTS)
	BUILD=$(BUILD) KMEMLAB=$(BUILD)/kmemlab prove --timer --exec '' $(BOOTING_TESTS)

# Style: sparse, checkpatch, kernel-doc, and what the repository promises.
check-style: all
	BUILD=$(BUILD) KMEMLAB=$(BUILD)/kmemlab prove --exec '' $(wildcard tests/style/*.t)

check: check-unit check-style check-boot

.PHONY: check-boot check-style check
