#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Kept results, and comparing them: all that needs no kernel to run.

folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
export XDG_DATA_HOME="$folder/data"
store="$XDG_DATA_HOME/kmemlab/results.db"
golden=tests/golden/default.json
count=0

verdict() {
	count=$((count + 1))
	echo "$1 $count $2"
}

# gives CODE TEXT ARGUMENT...: this exit code, and the text in what it says
gives() {
	wanted=$1
	text=$2
	shift 2
	"$KMEMLAB" "$@" >"$folder/out" 2>&1 </dev/null
	code=$?
	if [ $code = "$wanted" ] && { [ -z "$text" ] || grep -qF -- "$text" "$folder/out"; }; then
		verdict ok "$*"
	else
		verdict "not ok" "$*"
		echo "# exit code $code, wanted $wanted and: $text"
		sed 's/^/# /' "$folder/out"
	fi
}

same() {
	if cmp -s "$1" "$2"; then verdict ok "$3"; else verdict "not ok" "$3"; fi
}

sed 's/"p50": 114,/"p50": 139,/' $golden >"$folder/changed.json"
sed 's/"unit": "instructions"/"unit": "tsc"/' $golden >"$folder/timed.json"
sed 's/"memcg": "on"/"memcg": "off"/' $golden >"$folder/other.json"
echo '{"schema": "kmemlab.results/2", "runs": []}' >"$folder/newer.json"
echo '{' >"$folder/broken.json"

gives 0 "no result is kept yet" list results
gives 0 "1" results import $golden
gives 0 "2" results import "$folder/changed.json"
gives 0 "" results name 1 base
gives 0 "" results tag 2 ci nightly
gives 0 "ci nightly" list results
gives 0 "base" list results
gives 0 "no result is kept with this tag" list results --tag weekly
gives 2 "results: 17: a number and 'last' mean results already" results name 1 17
gives 2 "no result 'nobody' is kept" results name nobody x
gives 2 "results: name wants RESULT NAME" results name 1
gives 2 "unknown 'exprot': did you mean 'export'?" results exprot
gives 2 "its schema is kmemlab.results/2: kmemlab.results/1 is wanted" \
	results import "$folder/newer.json"
gives 2 "it is not JSON: line" results import "$folder/broken.json"
printf '\033[2J' >"$folder/escape.json"
gives 2 "expected near '?'" results import "$folder/escape.json"
gives 2 "No such file or directory" results import "$folder/nothing.json"

"$KMEMLAB" results export base "$folder/exported.json"
same $golden "$folder/exported.json" "export gives the document back"
mkdir "$folder/base"
cd "$folder" || exit 1
case $KMEMLAB in /*) ;; *) KMEMLAB="$OLDPWD/$KMEMLAB" ;; esac
gives 0 "No difference shown in any of 6 experiments" compare base 1
cd "$OLDPWD" || exit 1

gives 0 "+21.9 %" compare base last
gives 1 "Gate: FAILED; 1 worse by more than 5 % in cost" compare base last --fail-above 5%
gives 0 "Gate: passed" compare base last --fail-above 50
gives 0 "Gate: passed" compare base last --fail-on memory,contiguity
gives 0 "Gate: passed" compare last base --fail-above 5%
gives 1 "not ok 1 kmalloc.pair.2000x32" compare base last --fail-above 5% --ktap -
gives 0 "### Kernel memory allocation: what changed" compare base last --markdown -
gives 0 '"schema": "kmemlab.comparison/1"' compare base last --json -
gives 2 'these differ in what matters: clock.unit ["instructions","tsc"]; --force' \
	compare base "$folder/timed.json"
gives 2 'kernel.config.memcg ["on","off"]' compare base "$folder/other.json"
gives 0 "Differs: kernel.config.memcg: on | off (this matters)" \
	compare base "$folder/other.json" --force
gives 2 "timed, and one boot only: a gate needs two at least" \
	compare "$folder/timed.json" "$folder/timed.json" --fail-above 5%
gives 0 "Timed, and one boot each: no difference can be shown" \
	compare "$folder/timed.json" "$folder/timed.json"
# Boots of one thing, though each measured its clock anew.
jq '.runs = [range(3) as $i | .runs[0] | .environment.clock.overhead += $i]' \
	"$folder/timed.json" >"$folder/boots.json"
gives 0 "Gate: passed" compare "$folder/boots.json" "$folder/boots.json" --fail-above 5%
gives 0 "Compared: boots: Linux 6.1.0-32-amd64, x86_64, 3 boots" \
	compare "$folder/boots.json" "$folder/boots.json"
# The same kernel on two boards is two things.
jq '.runs += .runs | .runs[1].environment.machine =
	{"arch": "arm64", "board": "raspi3b", "memory_mib": 1024, "append": null, "layout": 0} |
	.runs[0].environment.machine = (.runs[1].environment.machine | .board = null)' \
	$golden >"$folder/boards.json"
gives 2 'these differ in what matters: machine.board [null,"raspi3b"]' compare "$folder/boards.json"
gives 0 "Compared: 6.1.0-32-amd64 raspi3b: " compare "$folder/boards.json" --force
jq '.runs[0].results = []' $golden >"$folder/nothing-measured.json"
gives 2 "nothing was measured in both: there is nothing for a gate" \
	compare "$folder/nothing-measured.json" base --fail-above 5%
gives 0 "Nothing was measured in both" compare "$folder/nothing-measured.json" base
gives 1 "Gate: FAILED" compare base "$folder/nothing-measured.json" --fail-above 5%
gives 2 "results are there already" compare base last --layouts 3
gives 2 "one result is compared with nothing" compare base
gives 2 "neither a file nor a kept result" compare base nobody
gives 2 "two results are wanted, or --kernel with two kernels, or --append" compare
gives 2 "--bisect is for kernels that are run" compare base last --bisect
gives 2 "a percentage is wanted, as 5%" compare base last --fail-above lots
gives 2 "unknown kind of figures 'memroy': did you mean 'memory'?" \
	compare base last --fail-on memroy
gives 2 "unknown option '--fail-abve': did you mean '--fail-above'?" compare a b --fail-abve 5
gives 2 "unknown option '--csv'" compare a b --csv x
gives 2 "compare: --arch amd64,arm64: one is wanted" \
	compare --kernel 5.10,6.1 --arch amd64,arm64
gives 2 "a gate on timed figures needs two boots" \
	compare --kernel 5.10,6.1 --clock time --fail-above 5%
gives 2 "neither a file nor a kept result" run --repeat-of nobody
gives 2 "only counted figures are the same twice" run --repeat-of "$folder/timed.json"
gives 2 "run: --repeat-of: nothing was measured in it: there is nothing to repeat" \
	run --repeat-of "$folder/nothing-measured.json"
gives 2 "run: --kernel and --repeat-of: the result that is repeated says it" \
	run --repeat-of base --kernel ./tree
gives 2 "run: --headers and --repeat-of: the result that is repeated says it" \
	run --repeat-of base --headers ./headers
sed 's/"kernel_package_version": "[^"]*"/"kernel_package_version": "own-0123456789abcdef"/' \
	$golden >"$folder/own.json"
gives 2 "own.json: its kernel was no package's, but a tree or an image: give --kernel with its" \
	run --repeat-of "$folder/own.json"
gives 2 "own.json: its kernel is in no package: give --kernel with its build tree, or with its" \
	run --repeat-of "$folder/own.json" --kernel 6.1
gives 2 "$folder is no kernel's build tree or headers: it has no .config" \
	run --repeat-of "$folder/own.json" --kernel "$folder" --no-store
jq '.runs += .runs | .runs[1].environment.run.kernel_package_version = "own-f"' \
	"$folder/own.json" >"$folder/owns.json"
gives 2 "it is of several kernels that no package has: only one of them can be given" \
	run --repeat-of "$folder/owns.json" --kernel ./tree
gives 2 "run: --size and --repeat-of: the result that is repeated says it" \
	run --repeat-of base --size 64
gives 2 "run: --name and --no-store: only what is kept has it" run --no-store --name x
gives 2 "run: --name last: a number and 'last' mean results already" run --name last

gives 0 "3" results import $golden
gives 0 "1. kmalloc: 97.7 % of its memory used" advise --from base
gives 0 "Ruled out: kmalloc: it cannot be told to stay below 4 GiB" advise --from base --dma32
gives 0 '"schema": "kmemlab.advice/1"' advise --from base --json -
gives 2 "advise: no 2,000 objects of 64 bytes are in the results" advise --from base --size 64
gives 0 "1. kmalloc: 97.7 % of its memory used" advise --from base --facility kmalloc
gives 0 "1. page: " advise --from base --facility page,percpu
gives 2 "advise: --facility percpu: base has no results of it" advise --from base --facility percpu
gives 2 "advise: --kernel and --from: results are there, nothing is measured" \
	advise --from base --kernel 6.1
gives 2 "advise: --layouts and --from: results are there, nothing is measured" \
	advise --from base --layouts 3
gives 2 "advise: --no-store and --from: results are there, nothing is measured" \
	advise --no-store --from base
gives 2 "measuring 1,000,000 objects of each facility in 2 boots: some may take minutes each" \
	advise --objects 1000000 --kernel nosuch
gives 2 "unknown option '--align'" advise --align 64
gives 2 "advise: one --size is wanted, not a list" advise --size 8..64x2
gives 2 "advise: --lifetime eternal: it can be short or long" advise --lifetime eternal
gives 2 "advise: --facility null allocates nothing" advise --facility null,delay
gives 2 "unknown option '--gfp'" advise --gfp atomic

gives 0 "Linux 6.1.0-32-amd64" report base
gives 0 "<!DOCTYPE html>" report base last --html -
gives 0 "KTAP version 1" report base --ktap -
gives 0 "6.1.0-32-amd64,x86_64,vm,instructions" report "$folder/other.json" last --csv -
gives 2 "report: a result is wanted" report
gives 2 "neither a file nor a kept result" report nobody
gives 2 "unknown option '--kernel'" report base --kernel 6.1

gives 0 "1 removed" results prune 0
gives 0 "" results untag 2 ci
gives 0 "" results remove 2
gives 2 "no result '2' is kept" results export 2

# All of what is named, or nothing.
gives 2 "no result 'nosuch' is kept" results remove 1 nosuch
gives 0 "" results tag 1 t1 t2
gives 2 "result 1 has no tag 'nosuch'" results untag 1 t1 nosuch
gives 0 " t1 t2 " list results --tag t1
printf 'rubbish' | dd of="$store" conv=notrunc 2>/dev/null
gives 0 "results.db was damaged: it is set aside as" list results
gives 0 "no result is kept yet" list results
if ls "$store".damaged-* >/dev/null 2>&1; then
	verdict ok "the damaged store is still there"
else
	verdict "not ok" "the damaged store is still there"
fi
mkdir -p "$folder/odd/kmemlab/results.db"
XDG_DATA_HOME="$folder/odd" gives 125 "cannot be opened for writing: Is a directory" list results
XDG_DATA_HOME=/dev/null gives 125 "/dev/null/kmemlab cannot be made" list results
echo "1..$count"
