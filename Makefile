# SPDX-License-Identifier: GPL-2.0-or-later
# User space by plain make; module/ is built by Kbuild (see module/Makefile).

CC ?= gcc
BUILD ?= build
CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra $(if $(CI),-Werror)
PACKAGES := jansson libarchive libkmod libpng nettle sqlite3
override CPPFLAGS += $(if $(TEST_HOOKS),-DKMEMLAB_TEST_HOOKS) -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
	-I. -Iinclude/uapi
override CFLAGS += -std=gnu11 $(WARNINGS) -MMD -MP

VERSION := 0.1
prefix ?= /usr/local

# The guest's init links libc only, statically, and builds the same everywhere:
# for this host's architecture, and for each other whose compiler is here.
GUEST_SOURCES := $(wildcard exec/*.c lib/*.c)
GUEST_CFLAGS := -ffile-prefix-map='$(CURDIR)=.' -Wl,--build-id=none -static
GUEST_TRIPLET_amd64 := x86_64-linux-gnu
GUEST_TRIPLET_arm64 := aarch64-linux-gnu
GUEST_TRIPLET_armhf := arm-linux-gnueabihf
HOST_TRIPLET := $(shell $(CC) -dumpmachine)
guest_cc = $(if $(filter $(HOST_TRIPLET),$(GUEST_TRIPLET_$(1))),$(CC),$(GUEST_TRIPLET_$(1))-gcc)
GUEST_ARCHS := $(foreach arch,amd64 arm64 armhf,$(if $(shell command -v $(call guest_cc,$(arch))),$(arch)))
GUESTS := $(GUEST_ARCHS:%=$(BUILD)/guest-init-%)

PROGRAM_SOURCES := $(wildcard base/*.c lib/*.c vm/*.c explain/*.c report/*.c store/*.c cli/*.c) \
	$(filter-out exec/init.c exec/shared_job.c,$(wildcard exec/*.c))

PROGRAM_OBJECTS := $(PROGRAM_SOURCES:%.c=$(BUILD)/%.o)

all: $(BUILD)/kmemlab $(GUESTS) $(BUILD)/kmemlab-plugin.so

$(BUILD)/kmemlab: $(PROGRAM_OBJECTS)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $$(pkg-config --libs $(PACKAGES)) -lm

define GUEST_RULES
$(BUILD)/guest-init-$(1): $(GUEST_SOURCES:%.c=$(BUILD)/guest-$(1)/%.o)
	$(call guest_cc,$(1)) $$(CFLAGS) $$(GUEST_CFLAGS) -o $$@ $$^

$(BUILD)/guest-$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$(call guest_cc,$(1)) $$(CPPFLAGS) $$(CFLAGS) -g0 -ffile-prefix-map='$$(CURDIR)=.' -c -o $$@ $$<

-include $(GUEST_SOURCES:%.c=$(BUILD)/guest-$(1)/%.d)
endef
$(foreach arch,$(GUEST_ARCHS),$(eval $(call GUEST_RULES,$(arch))))

# QEMU loads it; what it calls is in there.
PLUGIN_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard plugin/*.c))

$(BUILD)/kmemlab-plugin.so: $(PLUGIN_OBJECTS)
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -o $@ $^

$(BUILD)/plugin/%.o: plugin/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -fPIC -fvisibility=hidden -c -o $@ $<

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -DKMEMLAB_VERSION='"$(VERSION)"' $(CFLAGS) \
		$$(pkg-config --cflags $(PACKAGES)) -c -o $@ $<

$(BUILD)/kmemlab.1: docs/kmemlab.1.scd
	@mkdir -p $(@D)
	scdoc <$< >$@

man: $(BUILD)/kmemlab.1

# The module goes as sources: it is built for each kernel, in the user's cache.
share = $(DESTDIR)$(prefix)/share/kmemlab

install: all
	install -D $(BUILD)/kmemlab $(DESTDIR)$(prefix)/bin/kmemlab
	install -D -t $(share) $(GUESTS)
	install -D -m 644 $(BUILD)/kmemlab-plugin.so $(share)/kmemlab-plugin.so
	find module include/uapi -name '*.[chS]' ! -name '*.mod.c' ! -name config.h \
		-o -name '*.sh' -o -name Kbuild -o -name Makefile -o -name '*exports' | \
		xargs -I@ install -D -m 644 @ $(share)/@

include tests/tests.mk

clean:
	rm -rf $(BUILD)
	$(MAKE) -C module clean

-include $(PROGRAM_OBJECTS:.o=.d) $(PLUGIN_OBJECTS:.o=.d)

.PHONY: all man install clean

bench: all
	BUILD=$(BUILD) KMEMLAB=$(BUILD)/kmemlab bench/bench.sh

.PHONY: bench
