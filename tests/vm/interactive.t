#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A person at the prompt, played by script(1): typing ahead, leaving, switching off.
. "$(dirname "$0")/tap.sh"

command -v script >/dev/null || skip_all "script(1) is not here"

# type_in TEXT: its screen goes to $scratch/out, the terminal's settings before and after to stty.*
type_in() {
	status=0
	printf "$1" | script -qec "stty -g >$scratch/stty.before; $kmemlab shell; status=\$?
		stty -g >$scratch/stty.after; exit \$status" /dev/null >"$scratch/out" 2>&1 || status=$?
}

type_in 'test -t 0 && echo a term""inal; lsmod; exit 9\n'
ok "what is typed ahead is carried out on a terminal" out_has 'a terminal'
ok "exit's status is handed on" is "$status" 9
ok "it is said how to leave" out_has 'Leave with "exit"'
ok "the terminal is as it was" cmp -s "$scratch/stty.before" "$scratch/stty.after"
type_in '\035'
ok "Ctrl-] switches the machine off: 130" is "$status" 130
ok "the terminal is as it was" cmp -s "$scratch/stty.before" "$scratch/stty.after"
ok "nothing is left" nothing_left
finish
