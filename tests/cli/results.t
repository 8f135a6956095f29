#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Stored results, and what is done with results without running a kernel.

. tests/kmemlab.sh
folder=$scratch
export XDG_DATA_HOME="$folder/data"
store="$XDG_DATA_HOME/kmemlab/results.db"
golden=tests/golden/default.json
# gives CODE TEXT ARGUMENT...: this exit code, and the text in the output
gives() {
	expected=$1
	text=$2
	shift 2
	"$kmemlab" "$@" >"$folder/out" 2>&1 </dev/null
	code=$?
	name="kmemlab $* exits with $expected${text:+ and prints '$text'}"
	if [ $code = "$expected" ] && { [ -z "$text" ] || grep -qF -- "$text" "$folder/out"; }; then
		pass "$name"
	else
		fail "$name" "exit code $code: $(cat "$folder/out")"
	fi
}

jq '.runs[0].results[4].alloc |= (.mean *= 1.219 | .uninterrupted |= (.min = 139 | .p50 = 139 |
	.p90 = 139 | .p99 = 139 | .p999 = 139 | .max = 139)) |
	(.. | .command? // empty) += " --append quiet" * 20' $golden >"$folder/changed.json"
sed 's/"unit": "instructions"/"unit": "tsc"/' $golden >"$folder/timed.json"
sed 's/"memcg": "on"/"memcg": "off"/' $golden >"$folder/other.json"
echo '{"schema": "kmemlab.results/3", "runs": []}' >"$folder/newer.json"
echo '{' >"$folder/broken.json"

gives 0 "no results are stored" list results
gives 0 "1" results import $golden
gives 0 "2" results import "$folder/changed.json"
gives 0 "" results name 1 base
gives 0 "" results tag 2 ci nightly
gives 0 "ci nightly" list results
ok "list results prints one line per result" is "$(wc -l <"$folder/out")" 3
gives 0 "base" list results
gives 0 "no stored result has this tag" list results --tag weekly
gives 2 "results: '17': " results name 1 17
gives 2 "no stored result 'missing'" results name missing x
gives 2 "results: name requires RESULT NAME" results name 1
gives 2 "results: unknown action 'exprot' (closest match: 'export')" results exprot
gives 2 "has schema kmemlab.results/3 (supported: kmemlab.results/2)" \
	results import "$folder/newer.json"
gives 2 "not JSON: line" results import "$folder/broken.json"
printf '\033[2J' >"$folder/escape.json"
gives 2 "expected near '?'" results import "$folder/escape.json"
gives 2 "No such file or directory" results import "$folder/nothing.json"

"$kmemlab" results export base "$folder/exported.json"
ok "results export writes the imported document unchanged" cmp $golden "$folder/exported.json"
mkdir "$folder/base"
cd "$folder" || exit 1
gives 0 "No significant change in any of 6 experiments" compare base 1
cd "$OLDPWD" || exit 1

gives 0 "+21.9 %" compare base last
gives 1 "Gate: FAILED; 1 regression (above 5 % in cost" compare base last --fail-above 5%
gives 0 "Gate: passed" compare base last --fail-above 50
gives 0 "Gate: passed" compare base last --fail-on memory,contiguity
gives 0 "Gate: passed" compare last base --fail-above 5%
gives 1 "not ok 1 kmalloc.pair.2000x32" compare base last --fail-above 5% --ktap -
gives 0 "### Kernel memory allocation: changes" compare base last --markdown -
gives 0 '"schema": "kmemlab.comparison/2"' compare base last --json -
gives 2 'the results are not comparable: clock.unit ["instructions","tsc"] (--force compares them)' \
	compare base "$folder/timed.json"
gives 2 'kernel.config.memcg ["on","off"]' compare base "$folder/other.json"
gives 0 "Differs: kernel.config.memcg: on | off (affects the comparison)" \
	compare base "$folder/other.json" --force
gives 2 "a gate requires at least two boots of timed results (use 'run --layouts 5')" \
	compare "$folder/timed.json" "$folder/timed.json" --fail-above 5%
gives 0 "Timed with one boot each: no change can be significant" \
	compare "$folder/timed.json" "$folder/timed.json"
# Runs of the same kernel, although each measured another clock overhead.
jq '.runs = [range(3) as $i | .runs[0] | .environment.clock.overhead += $i]' \
	"$folder/timed.json" >"$folder/boots.json"
gives 0 "Gate: passed" compare "$folder/boots.json" "$folder/boots.json" --fail-above 5%
gives 0 "Compared: boots: Linux 6.1.0-32-amd64, x86_64, 3 boots" \
	compare "$folder/boots.json" "$folder/boots.json"
# The same kernel on two boards gives two inputs.
jq '.runs += .runs | .runs[1].environment.machine =
	{"arch": "arm64", "board": "raspi3b", "memory_mib": 1024, "append": null, "layout": 0} |
	.runs[0].environment.machine = (.runs[1].environment.machine | .board = null)' \
	$golden >"$folder/boards.json"
gives 2 'the results are not comparable: machine.board [null,"raspi3b"]' compare "$folder/boards.json"
gives 0 "Compared: 6.1.0-32-amd64 raspi3b: " compare "$folder/boards.json" --force
cp "$folder/changed.json" "$folder/$(printf 'a\377').json"
gives 0 "Compared: a?: Linux 6.1.0-32-amd64" compare base "$folder/$(printf 'a\377').json"
# An older kmemlab wrote strings of digits where the kernel's settings are numbers.
jq '.runs[0].environment |= (.kernel.config.hz |= tostring | .system.kfence_sample_interval = "100")' \
	$golden >"$folder/digits.json"
gives 0 '"kfence_sample_interval": 100,' report "$folder/digits.json" --json -
gives 0 "No significant change in any of 6 experiments" compare base "$folder/digits.json"
jq '.runs[0].environment.system.kfence_sample_interval = "1x"' $golden >"$folder/letters.json"
gives 2 "must be an integer from 0 to 9007199254740991 or null" report "$folder/letters.json"
jq '.runs[0].results = []' $golden >"$folder/nothing-measured.json"
gives 2 "compare: no common experiments: --fail-above cannot be evaluated" \
	compare "$folder/nothing-measured.json" base --fail-above 5%
gives 0 "No experiment was measured in all inputs" compare "$folder/nothing-measured.json" base
gives 1 "Gate: FAILED" compare base "$folder/nothing-measured.json" --fail-above 5%
gives 2 "compare: --layouts cannot be used with RESULT (existing results are not measured)" \
	compare base last --layouts 3
gives 2 "compare: a single result cannot be compared (give a second one)" compare base
gives 2 "missing: no such file or stored result (see 'kmemlab list results')" compare base missing
gives 2 "compare: nothing to compare (give two results, two kernels with --kernel, two CPUs with --cpu, or --append)" compare
gives 2 "compare: --bisect cannot be used with RESULT" compare base last --bisect
gives 2 "compare: --fail-above must be a percentage such as 5%, got 'lots'" compare base last --fail-above lots
gives 0 "Gate: passed; no significant regression above 0 % in bytes" compare base last --fail-on bytes
gives 2 "unknown kind of metric 'memroy' (closest match: 'memory')" \
	compare base last --fail-on memroy
gives 2 "unknown option '--fail-abve' (closest match: '--fail-above')" compare a b --fail-abve 5
gives 2 "unknown option '--csv-long'" compare a b --csv-long x
gives 2 "compare: --arch must be a single value, got 'amd64,arm64'" \
	compare --kernel 5.10,6.1 --arch amd64,arm64
gives 2 "a gate requires at least two boots of timed results (use --layouts 5)" \
	compare --kernel 5.10,6.1 --clock time --fail-above 5%
gives 2 "missing: no such file or stored result (see 'kmemlab list results')" run --repeat-of missing
gives 2 "only instruction counts can be repeated exactly" run --repeat-of "$folder/timed.json"
gives 2 "nothing-measured.json: it contains no experiments" \
	run --repeat-of "$folder/nothing-measured.json"
gives 2 "run: --kernel cannot be used with --repeat-of (the repeated result defines it)" \
	run --repeat-of base --kernel ./tree
gives 2 "run: --headers requires --kernel" \
	run --repeat-of base --headers ./headers
sed 's/"kernel_package_version": "[^"]*"/"kernel_package_version": "own-0123456789abcdef"/' \
	$golden >"$folder/own.json"
gives 2 "own.json: it was measured on a local kernel (give --kernel with its build tree" \
	run --repeat-of "$folder/own.json"
gives 2 "own.json: it was measured on a local kernel (give --kernel with its build tree" \
	run --repeat-of "$folder/own.json" --kernel 6.1
gives 2 "$folder is not a build tree or headers of a kernel (no .config)" \
	run --repeat-of "$folder/own.json" --kernel "$folder" --no-store
jq '.runs += .runs | .runs[1].environment.run.kernel_package_version = "own-f"' \
	"$folder/own.json" >"$folder/owns.json"
gives 2 "it has runs of several local kernels, which cannot be repeated" \
	run --repeat-of "$folder/owns.json" --kernel ./tree
gives 2 "run: --size cannot be used with --repeat-of (the repeated result defines it)" \
	run --repeat-of base --size 64
gives 2 "run: --name cannot be used with --no-store" run --no-store --name x
gives 2 "run: --name" run --name last

gives 0 "3" results import $golden
gives 0 "  1.  kmalloc        32.8  97.7 % of its memory used" advise --from base
gives 0 "Excluded: kmalloc: it cannot allocate below 4 GiB" advise --from base --dma32
gives 0 '"schema": "kmemlab.advice/2"' advise --from base --json -
gives 2 "advise: the results have no 2,000 objects of 64 bytes" advise --from base --size 64
gives 0 "  1.  kmalloc        32.8  97.7 % of its memory used" advise --from base --facility kmalloc
gives 0 "  1.  page " advise --from base --facility page,percpu
gives 2 "advise: --from base has no results of --facility percpu" advise --from base --facility percpu
gives 2 "advise: --kernel cannot be used with --from (existing results are not measured)" \
	advise --from base --kernel 6.1
gives 2 "advise: --layouts cannot be used with --from (existing results are not measured)" \
	advise --from base --layouts 3
gives 2 "advise: --no-store cannot be used with --from (existing results are not measured)" \
	advise --no-store --from base
gives 2 "measuring 1,000,000 objects of each facility in 2 boots; some may take minutes each" \
	advise --objects 1000000 --kernel nosuch
gives 2 "unknown option '--align'" advise --align 64
gives 2 "advise: --size must be a single value, got '8..64x2'" advise --size 8..64x2
gives 2 "advise: --lifetime must be 'short' or 'long', got 'eternal'" advise --lifetime eternal
gives 2 "advise: --facility null allocates no memory" advise --facility null,delay
gives 2 "unknown option '--gfp'" advise --gfp atomic

gives 0 "Linux 6.1.0-32-amd64" report base
gives 0 "<!DOCTYPE html>" report base last --html -
gives 0 "kmemlab compare base last</code>" compare base last --html -
gives 0 "KTAP version 1" report base --ktap -
gives 0 "6.1.0-32-amd64,x86_64,vm,instructions" report "$folder/other.json" last --csv -
gives 2 "report: missing RESULT (see 'kmemlab report --help')" report
gives 2 "missing: no such file or stored result (see 'kmemlab list results')" report missing
gives 2 "unknown option '--kernel'" report base --kernel 6.1

gives 0 "1 removed" results prune 0
gives 0 "" results untag 2 ci
gives 0 "" results remove 2
gives 2 "no stored result '2'" results export 2

# Commands on several results or tags change all of them or none.
gives 2 "no stored result 'nosuch'" results remove 1 nosuch
gives 0 "" results tag 1 t1 t2
gives 2 "result 1 has no tag 'nosuch'" results untag 1 t1 nosuch
gives 0 " t1 t2 " list results --tag t1
printf 'rubbish' | dd of="$store" conv=notrunc 2>/dev/null
gives 0 "results.db' was damaged and has been renamed to" list results
gives 0 "no results are stored" list results
ok "a damaged store is kept under another name" sh -c 'ls "$1".damaged-*' sh "$store"
mkdir -p "$folder/odd/kmemlab/results.db"
XDG_DATA_HOME="$folder/odd" gives 125 "for writing: Is a directory" list results
XDG_DATA_HOME=/dev/null gives 125 "cannot create '/dev/null/kmemlab'" list results
done_testing
