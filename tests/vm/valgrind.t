#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The guest's clock counts as many instructions as Valgrind does for the same program on the host.
. tests/kmemlab.sh
command -v valgrind >/dev/null || skip_all "valgrind is not installed"
${CC:-gcc} -O2 -static -o "$scratch/known" tests/module/known_programs.c || bail_out "no program to count"

guest_counts() {
	run shell --counted --add "$scratch/known" -c /known
	cat "$scratch/out"
}

valgrind_count() {
	valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect="$1" \
		"$scratch/known" "$1" 2>&1 | sed -n "s/.*Collected : //p"
}

guest_counts >"$scratch/counts"
ok "the guest counts five programs" is "$(wc -l <"$scratch/counts")" 5
while read -r name count; do
	ok "$name: $count instructions in the guest and under Valgrind" \
		is "$count" "$(valgrind_count "$name")"
done <"$scratch/counts"
done_testing
