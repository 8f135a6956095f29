#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Bad input: one clear line, status 2, and no guest.
. "$(dirname "$0")/tap.sh"

refused() {
	what=$1
	shift
	run "$@"
	ok "$what: status 2" is "$status" 2
	ok "$what: one line" is "$(grep -c '^kmemlab: ' "$scratch/err")/$(wc -l <"$scratch/err")" 1/1
}

refused "an option that isn't" shell --bogus
refused "an option without its value" shell -c
refused "memory that is no number" shell -c true --memory 1G
refused "no memory" shell -c true --memory 0
refused "a kernel's name that makes no sense" shell -c true --kernel pear
refused "a file that isn't there" shell -c true --add "$scratch/none"
cp "$0" "$scratch/init"
refused "a file in the place of ours" shell -c true --add "$scratch/init"
refused "a word too much" shell true
refused "an unknown verb" kernel show
refused "a kernel that is not in the cache" kernel remove 2.6
refused "arguments for doctor" doctor now
run shell --help
ok "--help" out_has '^Usage: kmemlab shell'
ok "nothing is left" nothing_left
finish
