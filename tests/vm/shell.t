#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A script in the guest: output apart, status, files, the module at hand.
. "$(dirname "$0")/tap.sh"

printf 'added by hand\n' >"$scratch/note"
run shell --add "$scratch/note" -c '
	cat /note
	echo complaint >&2
	lsmod | grep kernel_memory
	ls -l /kernel_memory.ko | wc -l
	test -d /proc/1 && test -d /sys/module && test -c /dev/ttyS0 && echo mounted
	head -c 100000 /dev/zero | tr "\0" x
	echo
	printf "no newline"
	sleep 1000 &
	exit 7'
ok "status is the last command's" is "$status" 7
ok "an added file is there" out_has '^added by hand$'
ok "/proc, /sys and /dev are mounted" out_has '^mounted$'
ok "standard error comes apart" is "$(cat "$scratch/err")" "complaint"
ok "the module is at hand, but not loaded" is "$(sed -n 2p "$scratch/out")" 1
ok "long output is complete" is "$(grep '^x' "$scratch/out" | tr -d '\n' | wc -c)" 100000
ok "an unfinished line is passed on" is "$(tail -n 1 "$scratch/out")" "no newline"
ok "nothing is left" nothing_left
finish
