#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The default run on each suite's kernel: one boot each.
. "$(dirname "$0")/tap.sh"
results=$(dirname "$0")/../results.pl

part() {
	perl "$results" "$scratch/$1.json" "$2"
}

no_record_failed() {
	! grep -q '"status": *"failed"' "$scratch/$1.json"
}

proved() {
	grep -q '"mismatches": *0' "$scratch/$1.json" &&
		! grep -E '"(mismatches|route_disagreements)": *[1-9]' "$scratch/$1.json"
}

for kernel in ${KMEMLAB_TEST_KERNELS:-5.10 6.1 6.12 7.2}; do
	run run --kernel "$kernel" --json "$scratch/$kernel.json" --quiet
	ok "$kernel: the default run" is "$status" 0
	[ "$status" = 4 ] && continue
	ok "$kernel: null reads 0" is "$(part "$kernel" runs/0/environment/self_check/null)" 0
	ok "$kernel: delay reads what it burnt" is \
		"$(part "$kernel" runs/0/environment/self_check/delay_read)" \
		"$(part "$kernel" runs/0/environment/self_check/delay_asked)"
	ok "$kernel: no record failed" no_record_failed "$kernel"
	ok "$kernel: every object was where it should be" proved "$kernel"
done

run run --kernel 6.6
ok "a version in no suite: 2" is "$status" 2
ok "the nearest that are" err_has '6\.1, 6\.12'
finish
