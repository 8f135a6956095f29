#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# support_matrix.sh FOLDER KERNELS ARCHS BOARDS LOCAL: run the default plan on each kernel of each
# architecture, on each board (ARCH:BOARD:KERNEL) and on local kernels (ARCH:SERIES:IMAGE:HEADERS),
# with one boot each. The folder gets ARCH:BOARD:KERNEL.json for each, or .why with the error. Files
# of other runs stay.
set -u
kmemlab=${KMEMLAB:-build/kmemlab}
folder=$1
mkdir -p "$folder"

# measure ARCH BOARD SERIES OPTION...: the options select the kernel
measure() {
	arch=$1 board=$2 series=$3
	shift 3
	name=$folder/$arch:$board:$series
	rm -f "$name.json" "$name.why"
	echo "$arch $board $series" >&2
	"$kmemlab" run --arch "$arch" --board "$board" "$@" --boot --no-store \
		--quiet --json "$name.json" >/dev/null 2>"$name.why" && rm -f "$name.why"
}

default_board() {
	[ "$1" = amd64 ] && echo pc || echo virt
}

for arch in $(echo "$3" | tr , ' '); do
	for kernel in $(echo "$2" | tr , ' '); do
		measure "$arch" "$(default_board "$arch")" "$kernel" --kernel "$kernel"
	done
done
for board in $(echo "$4" | tr , ' '); do
	IFS=: read -r arch name kernel <<-END
		$board
	END
	measure "$arch" "$name" "$kernel" --kernel "$kernel"
done
for local in $(echo "$5" | tr , ' '); do
	IFS=: read -r arch series image headers <<-END
		$local
	END
	measure "$arch" "$(default_board "$arch")" "$series" --kernel "$image" --headers "$headers"
done
# A failed run is a part of the matrix and not an error.
true
