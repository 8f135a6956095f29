#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kmemlab's figures against hand-written loops, in one boot that counts instructions.
build=${BUILD:-build}
kmemlab=${KMEMLAB:-build/kmemlab}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

# The default kernel's own headers, which kmemlab has in its cache once it has run.
release=$("$kmemlab" shell -c 'uname -r') || exit 1
headers=$(echo "${KMEMLAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kmemlab}"/kernels/"$release"/usr/src/linux-headers-"$release")
cp tests/module/reference/* "$scratch"
make -s -C "$headers" M="$scratch" CC="${CC:-gcc}" modules >"$scratch/log" 2>&1 || {
	sed 's/^/# /' "$scratch/log"
	echo "Bail out! the reference module does not build"
	exit 1
}
strip --strip-debug "$scratch/reference.ko"

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
