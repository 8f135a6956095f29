#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each "./lab" line that README shows works as it stands there.
set -u
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
export XDG_DATA_HOME=$scratch/data

# "./lab test" would not end; the host target is tested in a machine of its own (host.t).
mapfile -t lines < <(sed -n '/^```/,/^```/s/^\(\$ \)\{0,1\}\(\.\/lab [^#]*\).*/\2/p' README.md |
	sed 's/ *$//' | grep -v '^\./lab test' | sort -u)
# What compares kept results comes after what keeps them.
mapfile -t lines < <(printf '%s\n' "${lines[@]}" | grep -v 'compare before'; printf '%s\n' "${lines[@]}" | grep 'compare before')

echo "1..${#lines[@]}"
tests=0
for line in "${lines[@]}"; do
	tests=$((tests + 1))
	command=${line/page.html/$scratch/page.html}
	if bash -o pipefail -c "$command" >"$scratch/out" 2>"$scratch/errors" </dev/null; then
		echo "ok $tests - $line"
	else
		echo "not ok $tests - $line"
		tail -n 5 "$scratch/errors" | sed 's/^/# /'
	fi
done
