#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What translating and mapping cost in instructions, beside what the kernel itself
# offers for that, in one boot.
build=${BUILD:-build}
exec "${KMEMLAB:-build/kmemlab}" shell --counted --memory 2048 --add tests/guest/tap.sh \
	--add "$build/tests/translate_test" <<'GUEST'
. /tap.sh
insmod /kernel_memory.ko nr_structs=0
all_pass "the figures hold" /translate_test
ok "rmmod" rmmod kernel_memory
done_testing
GUEST
