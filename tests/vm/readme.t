#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each "./lab" command in README works, and prints the output that README shows, to the last
# digit, unless the kernel, QEMU, gcc or the sources differ from those of README.
set -u
. tests/kmemlab.sh
export XDG_DATA_HOME=$scratch/data

# "./lab test" would run this test again. host.t tests the host target.
mapfile -t lines < <(sed -n '/^```/,/^```/s/^\(\$ \)\{0,1\}\(\.\/lab [^#]*\).*/\2/p' README.md |
	sed 's/ *$//' | grep -v '^\./lab test' | sort -u)
# Results must be stored before they are compared.
mapfile -t lines < <(printf '%s\n' "${lines[@]}" | grep -v 'compare before'; printf '%s\n' "${lines[@]}" | grep 'compare before')

# The example of a user's module has its source and results in the current folder.
mkdir "$scratch/own"
printf '#!/bin/sh\nexec "%s/lab" "$@"\n' "$PWD" >"$scratch/own/lab"
chmod +x "$scratch/own/lab"
write_hello "$scratch/own" "hello from README"

releases() {
	grep -oE 'Linux [0-9][^ ,]*' "$1" | sort -u
}

# The module's version changes with each line of its source, comments included.
same_output() {
	diff <(grep -v srcversion "$scratch/shown") <(grep -v srcversion "$scratch/printed")
}

tools=$(tests/readme.pl tools)
for line in "${lines[@]}"; do
	command=${line/page.html/$scratch/page.html}
	folder=.
	[[ $line != *hello* && $line != *exercise\ [0-9]* ]] || folder=$scratch/own
	ok "README: $line succeeds" bash -o pipefail -c \
		"cd $folder && { $command; } >$scratch/printed" </dev/null
	[[ $line != *insmod* ]] ||
		ok "README: $line prints the module's message" grep -q 'hello from README' "$scratch/printed"
	tests/readme.pl "$line" >"$scratch/shown"
	[ -s "$scratch/shown" ] || continue
	name="README shows the output of $line"
	if ! grep -q "^<!-- made with $tools -->" README.md; then
		skip "$name" "run make readme: its output is of $(tail -n 1 README.md)"
	elif [ "$(releases "$scratch/shown")" != "$(releases "$scratch/printed")" ]; then
		skip "$name" "the archive has another kernel"
	else
		ok "$name" same_output
	fi
done
done_testing
