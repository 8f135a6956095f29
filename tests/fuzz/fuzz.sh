#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# fuzz.sh FOLDER SECONDS [READER...]: run libFuzzer on the readers, two at a time. FOLDER has the
# program "fuzz" and keeps the corpora. A finding is a file FOLDER/findings/READER-*: add it to
# tests/fuzz/regressions/READER/, which unit/fuzz reads, and to the fix.
set -u
folder=$1 seconds=$2
shift 2
tests=$(dirname "$0")
[ $# -gt 0 ] || set -- $(sed -n 's/^\t{ "\([a-z_]*\)", read_.*/\1/p' "$tests/readers.c")

# Copy the golden files that a reader reads into its corpus.
add_golden()
{
	case $1 in
	results) set -- "$1" $(grep -l '^{"record": "result"' "$tests"/../golden/*.records) ;;
	map_records) set -- "$1" "$tests"/../golden/map.records ;;
	translation) set -- "$1" "$tests"/../golden/translation.records "$tests"/../golden/objects.records ;;
	document) set -- "$1" "$tests"/../golden/default.json ;;
	map) set -- "$1" "$tests"/../golden/map.json ;;
	*) return ;;
	esac
	reader=$1
	shift
	cp "$@" "$folder/corpus/$reader/"
}

fuzz_reader()
{
	mkdir -p "$folder/corpus/$1" "$folder/findings"
	add_golden "$1"
	seeds=$(find "$tests/seeds/$1" "$tests/regressions/$1" -maxdepth 0 2>/dev/null)
	KMEMLAB_READER=$1 "$folder/fuzz" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2560 \
		-malloc_limit_mb=1200 -detect_leaks=1 -print_final_stats=1 -verbosity=1 \
		-artifact_prefix="$folder/findings/$1-" "$folder/corpus/$1" $seeds \
		>"$folder/$1.log" 2>&1 </dev/null
	status=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/$1.log")
	if [ $status = 0 ]; then
		echo "ok - $1: ${runs:-no} inputs"
	else
		echo "not ok - $1: see $folder/$1.log"
		grep -m 3 -E 'ERROR|runtime error|SUMMARY' "$folder/$1.log"
	fi
	return $status
}

failed=0
while [ $# -gt 0 ]; do
	fuzz_reader "$1" &
	first=$!
	shift
	if [ $# -gt 0 ]; then
		fuzz_reader "$1" || failed=1
		shift
	fi
	wait $first || failed=1
done
exit $failed
