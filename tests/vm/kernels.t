#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The default run on the kernel of each suite.
. tests/kmemlab.sh
results=$(dirname "$0")/../results.pl

part() {
	perl "$results" "$scratch/$1.json" "$2"
}

no_record_failed() {
	! grep -q '"status": *"failed"' "$scratch/$1.json"
}

verified() {
	grep -q '"mismatched_bytes": *0' "$scratch/$1.json" &&
		! grep -E '"(mismatched_bytes|route_mismatches)": *[1-9]' "$scratch/$1.json"
}

for kernel in ${KMEMLAB_TEST_KERNELS:-5.10 6.1 6.12 7.2}; do
	run run --kernel "$kernel" --json "$scratch/$kernel.json" --quiet
	ok "$kernel: the default run exits with status 0" is "$status" 0
	[ "$status" = 4 ] && continue
	ok "$kernel: null reads 0" is "$(part "$kernel" runs/0/environment/self_check/null)" 0
	ok "$kernel: delay measures the instructions it executes" is \
		"$(part "$kernel" runs/0/environment/self_check/delay_measured)" \
		"$(part "$kernel" runs/0/environment/self_check/delay_expected)"
	ok "$kernel: 8 CPUs are possible, and one is online" is \
		"$(part "$kernel" runs/0/environment/cpus_possible) $(part "$kernel" runs/0/environment/cpus)" \
		"8 1"
	ok "$kernel: no record failed" no_record_failed "$kernel"
	ok "$kernel: all objects are verified" verified "$kernel"
done

run run --kernel 6.6
ok "run with an unavailable kernel version exits with status 2" is "$status" 2
ok "run with an unavailable kernel version suggests the nearest" err_has '6\.1, 6\.12'
done_testing
