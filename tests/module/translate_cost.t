#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Cost of translating addresses and mapping memory in instructions, compared with the
# kernel's own interfaces and its tool page-types, in one boot.
# The test reads the TSC, which counts repetitions of string instructions: use a CPU without ERMS.
. tests/kmemlab.sh
page_types=$(tests/kernels/page_types.sh) || page_types=
{
	echo "page_types=${page_types:+/page-types}"
	cat <<'GUEST'
. /guest.sh
insmod /kernel_memory.ko nr_structs=0
all_pass "translation cost: translate_test passes" /translate_test $page_types
ok "translation cost: the module can be unloaded" rmmod kernel_memory
done_testing
GUEST
} | guest_shell --counted --cpu minimal --memory 2048 --add "$build/tests/translate_test" ${page_types:+--add "$page_types"}
