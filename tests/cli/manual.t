#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Each command has a --help, and its section of the man page names the same options.

manual=docs/kmemlab.1.scd
count=0

commands=$("$KMEMLAB" --help | sed -n 's/^  \([a-z]*\)  *[^ -].*/\1/p')

# --help itself goes without saying.
options() {
	grep -o -E -e '--[a-z][a-z-]*' | grep -v -x -e --help | sort -u
}

# The section of a command ends where the next heading begins.
section() {
	sed -n "/^## kmemlab $1/,/^#/p" "$manual" | sed -n 's/^\(\*-.*\)/\1/p' | tr -d '\\'
}

for command in $commands; do
	count=$((count + 1))
	text=$("$KMEMLAB" "$command" --help)
	helped=$(echo "$text" | sed -n 's/^  *\(-.*\)/\1/p' | options)
	described=$(section "$command" | options)
	if [ -n "$text" ] && [ "$helped" = "$described" ]; then
		echo "ok $count $command"
	else
		echo "not ok $count $command"
		printf 'help:\n%s\nmanual:\n%s\n' "$helped" "$described" | sed 's/^/# /'
	fi
done
count=$((count + 1))
if ! command -v scdoc >/dev/null; then
	echo "ok $count the manual builds # SKIP scdoc is not installed"
elif wrong=$(scdoc <"$manual" 2>&1 >/dev/null); then
	echo "ok $count the manual builds"
else
	echo "not ok $count the manual builds"
	echo "# $wrong"
fi
echo "1..$count"
