#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# support_matrix.sh FOLDER KERNELS ARCHS BOARDS OWN: the default plan on each kernel of each
# architecture, on each board (ARCH:BOARD:KERNEL), and on kernels that no suite has
# (ARCH:SERIES:IMAGE:HEADERS), one real boot each. Leaves ARCH:BOARD:KERNEL.json in the folder for
# each, or .why where that did not run; what lay there of others stays.
set -u
kmemlab=${KMEMLAB:-build/kmemlab}
folder=$1
mkdir -p "$folder"

# ARCH BOARD SERIES, and options that name the kernel
measure() {
	arch=$1 board=$2 series=$3
	shift 3
	name=$folder/$arch:$board:$series
	rm -f "$name.json" "$name.why"
	echo "$arch $board $series" >&2
	"$kmemlab" run --arch "$arch" --board "$board" "$@" --boot --no-store \
		--quiet --json "$name.json" >/dev/null 2>"$name.why" && rm -f "$name.why"
}

usual_board() {
	[ "$1" = amd64 ] && echo pc || echo virt
}

for arch in $(echo "$3" | tr , ' '); do
	for kernel in $(echo "$2" | tr , ' '); do
		measure "$arch" "$(usual_board "$arch")" "$kernel" --kernel "$kernel"
	done
done
for board in $(echo "$4" | tr , ' '); do
	IFS=: read -r arch name kernel <<-END
		$board
	END
	measure "$arch" "$name" "$kernel" --kernel "$kernel"
done
for own in $(echo "$5" | tr , ' '); do
	IFS=: read -r arch series image headers <<-END
		$own
	END
	measure "$arch" "$(usual_board "$arch")" "$series" --kernel "$image" --headers "$headers"
done
# A run that was not to be had is a line of the matrix, no failure to make it.
true
