#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Reports on a terminal of 80 columns, which script(1) provides: nothing breaks, colors, characters.
. tests/kmemlab.sh

command -v script >/dev/null || skip_all "script(1) is not installed"
export TERM=xterm LC_ALL=C.UTF-8
unset NO_COLOR

# on_terminal COLUMNS ARGUMENT...: the screen goes to $scratch/out, without carriage returns
on_terminal() {
	columns=$1
	shift
	script -qec "stty cols $columns; $kmemlab $*" /dev/null </dev/null | tr -d '\r' >"$scratch/out"
}

# Print the longest line, without escape sequences.
longest() {
	sed 's/\x1b\[[0-9;]*m//g' "$scratch/out" | awk '{ if (length > n) n = length } END { print n + 0 }'
}

words() {
	sed 's/\x1b\[[0-9;]*m//g' "$1" | tr -s ' \n' '\n' | sort -u
}

sed 's/"mean": 126\.[0-9]*/"mean": 90.0/; s/"mean": 993\.[0-9]*/"mean": 1200.0/' tests/golden/default.json \
	>"$scratch/other.json"
# fits NAME ARGUMENT...: at 80 and 60 columns, and no word is lost
fits() {
	name=$1
	shift
	run "$@"
	words "$scratch/out" >"$scratch/piped.words"
	ok "$name prints a report" [ "$(wc -l <"$scratch/piped.words")" -gt 10 ]
	for columns in 80 60; do
		on_terminal $columns "$@"
		ok "$name fits in $columns columns" [ "$(longest)" -le $columns ]
		words "$scratch/out" >"$scratch/words"
		ok "$name loses no word at $columns columns" \
			is "$(comm -23 "$scratch/piped.words" "$scratch/words")" ""
	done
}

fits report report tests/golden/default.json
fits "report --verbose" report --verbose tests/golden/default.json
fits compare compare --force tests/golden/default.json "$scratch/other.json"
fits "map --diff" map --diff tests/golden/map.json tests/golden/map.json

jq '.runs[0].results[0].alloc.distribution = [[961, 1960], [1024, 30], [6812000000, 9]]' tests/golden/default.json \
	>"$scratch/distribution.json"
# awk may count bytes, which are characters without UTF-8.
LC_ALL=C
for columns in 80 60 40; do
	on_terminal $columns report --histogram "$scratch/distribution.json"
	ok "report --histogram fits in $columns columns" [ "$(longest)" -le $columns ]
	ok "report --histogram prints bars in $columns columns" out_has "961 *1,960 *98.0 % *#"
done
"$kmemlab" report --histogram "$scratch/distribution.json" >"$scratch/out"
ok "report --histogram prints ASCII only without UTF-8" not grep -q '[^ -~]' "$scratch/out"
LC_ALL=C.UTF-8
"$kmemlab" report --histogram "$scratch/distribution.json" >"$scratch/out"
ok "report --histogram prints block characters with UTF-8" out_has "98.0 %  █████"

on_terminal 80 compare --force tests/golden/default.json "$scratch/other.json"
ok "compare: a regression is red" out_has "$(printf '\033\[31m')+[0-9]"
ok "compare: an improvement is green" out_has "$(printf '\033\[32m')-[0-9]"
"$kmemlab" report --verbose zzz 2>"$scratch/err"
ok "an error has no color without a terminal" err_is_line '^kmemlab: report: zzz'
on_terminal 80 report zzz
ok "an error is red on a terminal" out_has "$(printf '\033\[31m')kmemlab"
bold=$(printf '\033\\[1m')
on_terminal 80 report tests/golden/default.json
ok "the titles of a table are bold on a terminal" out_has "${bold}facility"
on_terminal 80 report --color never tests/golden/default.json
ok "--color never: no escape sequence" is "$(grep -c "$(printf '\033')" "$scratch/out")" 0
export NO_COLOR=1
on_terminal 80 report tests/golden/default.json
ok "NO_COLOR: no escape sequence" is "$(grep -c "$(printf '\033')" "$scratch/out")" 0
on_terminal 80 report --color always tests/golden/default.json
ok "--color always overrides NO_COLOR" out_has "${bold}facility"
export NO_COLOR=
on_terminal 80 report tests/golden/default.json
ok "an empty NO_COLOR has no effect" out_has "${bold}facility"
"$kmemlab" report tests/golden/default.json >"$scratch/out"
ok "no escape sequence without a terminal" is "$(grep -c "$(printf '\033')" "$scratch/out")" 0
"$kmemlab" report --color always tests/golden/default.json >"$scratch/out"
ok "--color always without a terminal: bold titles" out_has "${bold}facility"
"$kmemlab" report --color always --html - tests/golden/default.json >"$scratch/out"
ok "--color always: no escape sequence in HTML" is "$(grep -c "$(printf '\033')" "$scratch/out")" 0
done_testing
