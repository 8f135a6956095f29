#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Run by "make bench": measure how long runs take on this machine, and the cost per page
# for many pages. Wall-clock times depend on the machine, so this is not a test.
set -eu
kmemlab=${KMEMLAB:-build/kmemlab}
build=${BUILD:-build}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kmemlab
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
TIMEFORMAT=%R

seconds() {
	{ time "$@" >/dev/null 2>"$scratch/errors"; } 2>&1 || { cat "$scratch/errors" >&2; exit 1; }
}

# Print the minimum of three runs: the one with the least interference.
best() {
	for _ in 1 2 3; do seconds "$@"; done | sort -n | head -n 1
}

# Boot the same kernel in the same way, and power off at once.
bare_boot() {
	qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none \
		-machine pc-i440fx-7.2 -cpu qemu64 -smp 1,maxcpus=8 -m 512 \
		-accel tcg,thread=single -icount shift=0,sleep=off -rtc base=2022-01-01,clock=vm \
		-kernel "$vmlinux" -initrd "$scratch/bare.cpio" -serial "file:$scratch/console" \
		-append 'console=ttyS0 no_timer_check cryptomgr.notests nolapic_timer panic=-1' </dev/null
}

result() {
	perl tests/results.pl "$scratch/r.json" "$1"
}

"$kmemlab" run --quiet --facility null >/dev/null	# fill the caches
release=$("$kmemlab" kernel headers | sed 's|.*/linux-headers-||')
vmlinux=$(find "$cache/vmlinux" -type f ! -name '*.sha256' -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2-)
mkdir "$scratch/bare"
# The lower limit for the time of a run: an init that powers off at once.
gcc -O2 -static -o "$scratch/bare/init" -x c - <<'END'
#include <sys/reboot.h>
int main(void) { return reboot(RB_POWER_OFF); }
END
(cd "$scratch/bare" && echo init | busybox cpio -o -H newc) >"$scratch/bare.cpio"

bare=$(best bare_boot)
default=$(best "$kmemlab" run --quiet)
one=$(best "$kmemlab" run --quiet --facility kmalloc)
# The same experiment, measured and explained.
plain=$(best "$kmemlab" run --quiet --facility kmalloc --workload batch --objects 1000)
explained=$(best "$kmemlab" explain kmalloc --quiet)
echo "kernel $release, $(nproc) CPUs, $(qemu-system-x86_64 --version | head -n 1)"
echo "bare boot and power-off:   $bare s"
echo "default run, cached:       $default s  ($(awk "BEGIN { printf \"%.2f\", $default / $bare }") x the bare boot)"
echo "one facility, cached:      $one s"
echo "1000 operations explained: $explained s  ($(awk "BEGIN { printf \"%.2f\", $explained / $plain }") x only measuring them)"

for objects in 131072 10000000; do
	"$kmemlab" run --quiet --facility page_packed --workload batch --objects "$objects" \
		--memory 2048 --json "$scratch/r.json" >/dev/null
	printf '%10s objects of 32 bytes, page_packed: %s instructions per full block of 1,024 pages, %s objects verified\n' \
		"$objects" "$(result runs/0/results/0/alloc/uninterrupted/p50)" \
		"$(result runs/0/results/0/verification/objects)"
done
