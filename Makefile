# SPDX-License-Identifier: GPL-2.0-or-later
# Builds user space. Kbuild builds the module (see module/Makefile).

CC ?= gcc
CFLAGS ?= -O2 -g
include module/paths.mk

# SANITIZE=address,undefined builds the program and the unit tests with gcc's sanitizers.
ifeq ($(origin BUILD),undefined)
BUILD := build$(if $(SANITIZE),/sanitize)
endif
# Relative to the checkout where possible: its path may have blanks, those of make's targets may not.
override BUILD := $(subst $(CURDIR)/,,$(value BUILD))
$(call check_path,BUILD,$(BUILD))
WARNINGS := -Wall -Wextra $(if $(CI),-Werror)
PACKAGES := jansson libarchive libkmod libpng nettle sqlite3
override CPPFLAGS += $(if $(TEST_HOOKS),-DKMEMLAB_TEST_HOOKS) -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
	-I. -Iinclude/uapi
override CFLAGS += -std=gnu11 $(WARNINGS) -MMD -MP
HOST_CFLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer)

VERSION := 0.1
prefix ?= /usr/local

# The guest's init is static, and its bytes do not depend on the path of the checkout. It is built for
# the architecture of the host and for each other whose compiler is installed.
GUEST_SOURCES := $(wildcard runner/*.c lib/*.c)
GUEST_CFLAGS := -Wl,--build-id=none -static
GUEST_TRIPLET_amd64 := x86_64-linux-gnu
GUEST_TRIPLET_arm64 := aarch64-linux-gnu
GUEST_TRIPLET_armhf := arm-linux-gnueabihf
HOST_TRIPLET := $(shell $(CC) -dumpmachine)
guest_cc = $(if $(filter $(HOST_TRIPLET),$(GUEST_TRIPLET_$(1))),$(CC),$(GUEST_TRIPLET_$(1))-gcc)
GUEST_ARCHS := $(foreach arch,amd64 arm64 armhf,$(if $(shell command -v $(call guest_cc,$(arch))),$(arch)))
GUESTS := $(GUEST_ARCHS:%=$(BUILD)/guest-init-%)

PROGRAM_SOURCES := $(wildcard base/*.c lib/*.c vm/*.c explain/*.c report/*.c store/*.c cli/*.c) \
	$(filter-out runner/bench.c runner/init.c runner/ivshmem.c runner/shell.c,$(wildcard runner/*.c))

PROGRAM_OBJECTS := $(PROGRAM_SOURCES:%.c=$(BUILD)/%.o)

all: $(BUILD)/kmemlab $(GUESTS) $(BUILD)/kmemlab-plugin.so

$(BUILD)/kmemlab: $(PROGRAM_OBJECTS)
	$(CC) $(CFLAGS) $(HOST_CFLAGS) $(LDFLAGS) -o $@ $^ $$(pkg-config --libs $(PACKAGES)) -lfdt -lm

define GUEST_RULES
$(BUILD)/guest-init-$(1): $(GUEST_SOURCES:%.c=$(BUILD)/guest-$(1)/%.o)
	$(call guest_cc,$(1)) $$(CFLAGS) $$(GUEST_CFLAGS) -o $$@ $$^

$(BUILD)/guest-$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$(call guest_cc,$(1)) $$(CPPFLAGS) $$(CFLAGS) -g0 -c -o $$@ $$<

-include $(GUEST_SOURCES:%.c=$(BUILD)/guest-$(1)/%.d)
endef
$(foreach arch,$(GUEST_ARCHS),$(eval $(call GUEST_RULES,$(arch))))

# QEMU loads the plugin and provides the functions that it calls.
PLUGIN_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard plugin/*.c))

$(BUILD)/kmemlab-plugin.so: $(PLUGIN_OBJECTS) $(addprefix $(BUILD)/plugin/,lib/string_op.o \
		explain/instruction.o)
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -o $@ $^

$(BUILD)/plugin/%.o: plugin/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -fvisibility=hidden -c -o $@ $<

$(BUILD)/plugin/explain/%.o: explain/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -fvisibility=hidden -c -o $@ $<

$(BUILD)/plugin/lib/%.o: lib/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -fvisibility=hidden -c -o $@ $<

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -DKMEMLAB_VERSION='"$(VERSION)"' $(CFLAGS) $(HOST_CFLAGS) \
		$$(pkg-config --cflags $(PACKAGES)) -c -o $@ $<

# The OPTIONS section comes from the option table.
$(BUILD)/kmemlab.1: docs/kmemlab.1.scd $(BUILD)/kmemlab
	$(BUILD)/kmemlab help --man >$(BUILD)/options.scd
	sed '/^; OPTIONS/r $(BUILD)/options.scd' $< | scdoc >$@

man: $(BUILD)/kmemlab.1

# The module is installed as source: kmemlab builds it for each kernel in the user's cache.
# The shell expands the paths, because they may have special characters.
export DESTDIR prefix
share = "$$DESTDIR$$prefix/share/kmemlab"

install: all
	install -D $(BUILD)/kmemlab "$$DESTDIR$$prefix/bin/kmemlab"
	install -D -t $(share) $(GUESTS)
	install -D -m 644 $(BUILD)/kmemlab-plugin.so $(share)/kmemlab-plugin.so
	find module include/uapi -name '*.[chS]' ! -name '*.mod.c' ! -name config.h \
		-o -name '*.sh' -o -name '*.mk' -o -name Kbuild -o -name Makefile -o -name '*exports' | \
		xargs -I@ install -D -m 644 @ $(share)/@

include tests/tests.mk

clean:
	rm -rf $(BUILD)
	$(MAKE) -C module clean

-include $(PROGRAM_OBJECTS:.o=.d) $(PLUGIN_OBJECTS:.o=.d)

bench: all
	BUILD=$(BUILD) KMEMLAB=$(BUILD)/kmemlab bench/bench.sh

.PHONY: all man install clean bench
