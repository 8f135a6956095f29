# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests: one program for each tests/unit/*_test.c, linked with all that is
# pure or needs no device. "make check-unit" boots nothing.

UNIT_SOURCES := $(wildcard tests/unit/*_test.c)
UNIT_TESTS := $(UNIT_SOURCES:%.c=$(BUILD)/%)
UNIT_OBJECTS := $(filter-out $(BUILD)/cli/main.o,$(PROGRAM_OBJECTS))

$(BUILD)/tests/unit/%_test: $(BUILD)/tests/unit/%_test.o $(UNIT_OBJECTS)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $$(pkg-config --libs $(PACKAGES) cmocka)

check-unit: $(UNIT_TESTS)
	CMOCKA_MESSAGE_OUTPUT=TAP prove --exec '' $(UNIT_TESTS)

# Each of tests/vm/*.t boots stock kernels, without counting instructions.
check-vm: all
	KMEMLAB=$(abspath $(BUILD))/kmemlab prove tests/vm/*.t

check: check-unit check-vm

-include $(UNIT_SOURCES:%.c=$(BUILD)/%.d)
.PHONY: check check-unit check-vm
.PRECIOUS: $(BUILD)/tests/unit/%.o
