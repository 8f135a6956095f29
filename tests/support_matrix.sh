#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# support_matrix.sh FOLDER KERNELS ARCHS BOARDS: the default plan on each kernel of each architecture,
# and on each board (ARCH:BOARD:KERNEL), one real boot each. Leaves ARCH:BOARD:KERNEL.json in the
# folder for each, or .why where that did not run; what lay there of others stays.
set -u
kmemlab=${KMEMLAB:-build/kmemlab}
folder=$1
mkdir -p "$folder"

# ARCH BOARD KERNEL
measure() {
	name=$folder/$1:$2:$3
	rm -f "$name.json" "$name.why"
	echo "$1 $2 $3" >&2
	"$kmemlab" run --arch "$1" --board "$2" --kernel "$3" --boot --no-store --quiet \
		--json "$name.json" >/dev/null 2>"$name.why" && rm -f "$name.why"
}

for arch in $(echo "$3" | tr , ' '); do
	usual=virt
	[ "$arch" = amd64 ] && usual=pc
	for kernel in $(echo "$2" | tr , ' '); do
		measure "$arch" "$usual" "$kernel"
	done
done
for board in $(echo "$4" | tr , ' '); do
	IFS=: read -r arch name kernel <<-END
		$board
	END
	measure "$arch" "$name" "$kernel"
done
# A run that was not to be had is a line of the matrix, no failure to make it.
true
