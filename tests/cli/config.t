#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Defaults from configuration files.

. tests/kmemlab.sh
[ -e /etc/kmemlab.conf ] && skip_all "/etc/kmemlab.conf exists"
export XDG_CONFIG_HOME="$scratch/config"
file=$XDG_CONFIG_HOME/kmemlab/config
mkdir -p "$scratch/config/kmemlab"
golden=tests/golden/default.json

# config LINE...: write the user's file
config() {
	printf '%s\n' "$@" >"$file"
}

# refused MESSAGE ARGUMENT...: exit code 2 and this line
refused() {
	expected="kmemlab: $1"
	shift
	run "$@"
	ok "kmemlab $* is refused: $expected" is "$status $(cat "$scratch/err")" "2 $expected"
}

config "# comment" "" "  quiet = yes  " "report.ktap=-" "memory = 1G"
run report $golden
ok "a default is used" out_has "^KTAP version 1"
ok "--quiet is a default: nothing else is printed" is "$status $(cat "$scratch/err")" "0 "
config "report.ktap=-" "memory = 1G"
run report $golden
ok "only the defaults of the command are printed" \
	err_is_line "^defaults of configuration files (--no-config ignores them): --ktap=-$"
run report --no-config $golden
ok "--no-config: no default is used" out_has "^Self-check"
run report --ktap "$scratch/ktap" $golden
ok "the command line overrides a default" cmp -s /dev/null "$scratch/out"
ok "a default that is overridden is not printed" is "$(cat "$scratch/err")" ""
run report --help
ok "--help reads no configuration file" is "$status $(cat "$scratch/err")" "0 "

config "ktap = $scratch/general" "report.ktap = $scratch/special"
run report $golden
ok "the line of a command precedes the general one" [ -e "$scratch/special" -a ! -e "$scratch/general" ]
config "verbose = no"
run report $golden
ok "a flag can be switched off" is "$status $(cat "$scratch/err")" "0 "

# The command line of a document is complete.
config "compare.force = yes"
run compare $golden $golden --json -
ok "the command line in a document has the defaults" \
	is "$(jq -r .command "$scratch/out")" "$kmemlab compare --force $golden $golden --json -"

config "memroy = 1G"
refused "report: $file:1: unknown option 'memroy' (closest match: 'memory')" report $golden
config "" "rnu.memory = 1G"
refused "report: $file:2: unknown command 'rnu' (see 'kmemlab --help')" report $golden
config "report.memory = 1G"
refused "report: $file:1: unknown option 'memory' (see 'kmemlab report --help')" report $golden
config "memory"
refused "report: $file:1: must be OPTION = VALUE or COMMAND.OPTION = VALUE, got 'memory'" report $golden
config "quiet = yes" "quiet = no"
refused "report: $file:2: option 'quiet' is given twice (first in $file:1)" report $golden
config "help = yes"
refused "report: $file:1: option 'help' cannot have a default" report $golden
config "memory = 1M"
refused "run: $file:1: --memory must be between 96 and 1048576 MiB, got '1M'" run --facility page
config "quiet = maybe"
refused "report: $file:1: --quiet must be 'yes' or 'no', got 'maybe'" report $golden
config "ktap ="
refused "report: $file:1: --ktap must not be empty" report $golden
config "clock = sundial"
refused "run: $file:1: --clock must be 'instructions' or 'time', got 'sundial'" run --facility page

# Rules between options: the command line excludes defaults, but not a default another one.
config "size = 48" "headers = /nowhere" "no-store = yes"
refused "run: --repeat-of: missing: no such file or stored result (see 'kmemlab list results')" \
	run --repeat-of missing --quiet
config "name = x" "no-store = yes"
refused "run: $file:2: --name cannot be used with --no-store" run --facility page
config "name = x" "no-store = no" "report.verbose = no"
run run --facility page --kernel /nowhere
ok "a flag that is switched off excludes no default" \
	err_has "^defaults of configuration files (--no-config ignores them): --name=x$"
config "kernel = 6.1" "layouts = 3"
run compare $golden $golden
ok "defaults of a measurement do not matter to existing results" is "$status $(cat "$scratch/err")" "0 "
chmod 0 "$file"
if [ -r "$file" ]; then
	skip "a file that cannot be read is an error" "this user can read every file"
else
	refused "report: cannot read '$file': Permission denied" report $golden
fi
rm "$file"
mkdir "$file"
refused "report: cannot read '$file': Is a directory" report $golden
rmdir "$file"
run report $golden
ok "a missing file is accepted" is "$status $(cat "$scratch/err")" "0 "
done_testing
