#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kmemlab's figures against hand-written loops, in one boot that counts instructions.
build=${BUILD:-build}
kmemlab=${KMEMLAB:-build/kmemlab}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

. tests/guest_module.sh
build_module tests/module/reference "$scratch" || exit 1

"$kmemlab" shell --counted --add tests/guest/tap.sh --add "$build/tests/reference_test" \
	--add "$build/tests/uapi_test" --add "$scratch/reference.ko" <<'GUEST'
. /tap.sh
insmod /kernel_memory.ko nr_structs=0
ok "the loops are loaded" insmod /reference.ko
all_pass "kmemlab agrees with them" /reference_test
all_pass "a signal ends an experiment soon" /uapi_test signal
ok "rmmod" rmmod reference kernel_memory
done_testing
GUEST
