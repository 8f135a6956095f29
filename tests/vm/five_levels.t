#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A machine with five levels of tables.
. "$(dirname "$0")/tap.sh"

run translate --quiet --cpu qemu64,+la57 --facility page --objects 3
ok "objects are translated" is "$status" 0
ok "through five levels" out_has "3 of 3 translated (x86_64, 5 levels, 57 bits), 0 disagree"
ok "the second of which is the P4D" out_has "^  P4D "
ok "all routes agree" is "$(grep -c 'agree: walk, direct_map, lookup_address, facility' "$scratch/out")" 3
run translate --quiet --cpu qemu64,+la57 --phys 0x1000000
ok "the way back, through five levels too" out_has "1 of 1 translated (x86_64, 5 levels, 57 bits), 0 disagree"
run translate --quiet --cpu qemu64,+la57 --facility page --size 8K --objects 1 --map
ok "and what a process has of it" out_has "^  aliases .*process 0x"
ok "nothing is left" nothing_left
finish
