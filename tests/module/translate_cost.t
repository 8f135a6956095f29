#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What translating and mapping cost in instructions, beside what the kernel itself
# offers for that, in one boot.
build=${BUILD:-build}
# From the kernel's source: the kernel's own tool for the same question.
page_types=$(tests/kernels/page_types.sh) || page_types=
{
	echo "page_types=${page_types:+/page-types}"
	cat <<'GUEST'
. /tap.sh
insmod /kernel_memory.ko nr_structs=0
all_pass "the figures hold" /translate_test $page_types
ok "rmmod" rmmod kernel_memory
done_testing
GUEST
} | "${KMEMLAB:-build/kmemlab}" shell --counted --memory 2048 --add tests/guest/tap.sh \
	--add "$build/tests/translate_test" ${page_types:+--add "$page_types"}
