#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# checkpatch --strict, with the exceptions and reasons in .checkpatch.conf.
set -u
if ! source=$(tests/kernels/source.sh); then
	echo "Bail out! checkpatch.pl cannot be had"
	exit 1
fi
mapfile -t files < <(git ls-files -co --exclude-standard -- 'module/*.[ch]' 'include/*.h' |
	grep -v '^module/compat/probes/')
tests=0
for file in "${files[@]}"; do
	tests=$((tests + 1))
	if findings=$(perl "$source/scripts/checkpatch.pl" --terse --show-types --file "$file" 2>&1); then
		echo "ok $tests - $file"
	else
		echo "not ok $tests - $file"
		echo "# ${findings//$'\n'/$'\n# '}"
	fi
done
echo "1..$tests"
