#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# CPUs with five page-table levels.
. tests/kmemlab.sh

run translate --quiet --cpu qemu64,+la57 --facility page --objects 3
ok "la57: translate of objects exits with status 0" is "$status" 0
ok "la57: objects are translated through five levels" out_has "3 of 3 translated (x86_64, 5 levels, 57 bits), 0 disagree"
ok "la57: translate prints the P4D entry" out_has "^  P4D "
ok "la57: all routes agree on all objects" is "$(grep -c 'agree: walk, direct_map, lookup_address, facility' "$scratch/out")" 3
run translate --quiet --cpu qemu64,+la57 --phys 0x1000000
ok "la57: translate --phys uses five levels" out_has "1 of 1 translated (x86_64, 5 levels, 57 bits), 0 disagree"
run translate --quiet --cpu qemu64,+la57 --facility page --size 8K --objects 1 --map
ok "la57: translate --map prints the alias in the process" out_has "^  aliases .*process 0x"

# With LPA2, entries have address bits where others have the shareability, which is in TCR_EL1.
if command -v qemu-system-aarch64 >/dev/null; then
	run translate --quiet --arch arm64 --kernel 6.12 --cpu max --facility page --size 8K \
		--objects 1 --map
	ok "LPA2: objects are translated through five levels" \
		out_has "^2 of 2 translated (arm64, 5 levels, 52 bits), 0 disagree"
	ok "LPA2: the shareability of entries is that of TCR_EL1" \
		is "$(grep -c 'leaf: .* inner_shareable$' "$scratch/out")" 2
	run translate --quiet --arch arm64 --kernel 6.12 --facility vmalloc --objects 1
	ok "the same kernel without LPA2 uses four levels" \
		out_has "^1 of 1 translated (arm64, 4 levels, 48 bits), 0 disagree"
	ok "the same kernel without LPA2 has the shareability in the entry" out_has 'leaf: .* inner_shareable$'
else
	skip "LPA2: objects are translated through five levels" "qemu-system-aarch64 is missing"
fi
ok "five levels: translate leaves no files or processes" nothing_left
done_testing
