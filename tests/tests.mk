# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests: one program for each tests/unit/*_test.c, linked with all that is
# pure or needs no device; and tests/cli/*.t, which run the program itself.
# "make check-unit" boots nothing.

UNIT_SOURCES := $(wildcard tests/unit/*_test.c)
UNIT_TESTS := $(UNIT_SOURCES:%.c=$(BUILD)/%)
UNIT_OBJECTS := $(filter-out $(BUILD)/cli/main.o,$(PROGRAM_OBJECTS))

$(BUILD)/tests/unit/%_test: $(BUILD)/tests/unit/%_test.o $(UNIT_OBJECTS)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $$(pkg-config --libs $(PACKAGES) cmocka) -lm

CLI_TESTS := $(wildcard tests/cli/*.t)

check-unit: $(UNIT_TESTS) $(BUILD)/kmemlab
	CMOCKA_MESSAGE_OUTPUT=TAP KMEMLAB=$(BUILD)/kmemlab prove --exec '' $(UNIT_TESTS) $(CLI_TESTS)

-include $(UNIT_SOURCES:%.c=$(BUILD)/%.d)
.PHONY: check-unit
.PRECIOUS: $(BUILD)/tests/unit/%.o
