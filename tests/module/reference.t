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
	--add "$scratch/reference.ko" <<'GUEST'
. /tap.sh
loops() {
	new_log >/dev/null
	insmod /reference.ko 2>/dev/null
	new_log | sed -n 's/.*reference: \([a-z_]* [0-9]* [0-9]*\)$/\1/p' >"$1"
	test -s "$1"
}
agree() {
	/reference_test /tmp/first /tmp/second >/tmp/tap; status=$?
	grep '^not ok' /tmp/tap
	return $status
}
insmod /kernel_memory.ko nr_structs=0
ok "the loops run" loops /tmp/warm
ok "and again" loops /tmp/first
ok "and once more" loops /tmp/second
ok "kmemlab agrees with them" agree
sed 's/^/# /' /tmp/tap
ok "rmmod" rmmod kernel_memory
done_testing
GUEST
