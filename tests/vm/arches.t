#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The default run on other architectures, booted and restored; the studio's module and runs on
# Raspberry Pi boards.
. "$(dirname "$0")/tap.sh"
results=$(dirname "$0")/../results.pl
command -v qemu-system-arm >/dev/null || skip_all "qemu-system-arm is not installed"

part() {
	perl "$results" "$scratch/$1.json" "$2"
}

proved() {
	grep -q '"mismatches": *0' "$scratch/$1.json" &&
		! grep -E '"(mismatches|route_disagreements)": *[1-9]|"status": *"failed"' "$scratch/$1.json"
}

figures() {
	part "$1" runs/0/results
	part "$1" runs/0/environment/input_sha256
}

for arch in arm64 armhf; do
	run run --arch "$arch" --boot --json "$scratch/$arch.json" --quiet --no-store
	ok "$arch: the default run" is "$status" 0
	ok "$arch: null reads 0" is "$(part "$arch" runs/0/environment/self_check/null)" 0
	ok "$arch: delay reads what it burnt" is \
		"$(part "$arch" runs/0/environment/self_check/delay_read)" \
		"$(part "$arch" runs/0/environment/self_check/delay_asked)"
	ok "$arch: every object was where it should be" proved "$arch"
	run run --arch "$arch" --json "$scratch/$arch-again.json" --quiet --no-store
	ok "$arch: a saved machine's figures are the same" is "$(figures "$arch-again")" \
		"$(figures "$arch")"
done

# The emulated CPU of arm64 has counters of its own: they and the clock must agree.
run run --arch arm64 --facility delay,kmalloc,page --workload batch --pmu --quiet \
	--json "$scratch/pmu.json"
ok "arm64: a run with the CPU's own counters" is "$status" 0
ok "which count what was burnt, to the instruction" is \
	"$(part pmu runs/0/results/0/pmu/alloc/instructions)" \
	"$(part pmu runs/0/results/0/alloc/loop_mean)"
ok "and what an allocator takes, within 1 %" perl -e 'exit abs($ARGV[0] / $ARGV[1] - 1) > 0.01' \
	"$(part pmu runs/0/results/1/pmu/alloc/instructions)" \
	"$(part pmu runs/0/results/1/alloc/loop_mean)"
ok "events that it does not have are null" is "$(part pmu runs/0/results/1/pmu/alloc/llc_misses)" null

# Devices do not see its CPU's caches: whoever has whole pages shares no line of them.
ok "small objects in pages of their own are ready for a device" is \
	"$(part pmu runs/0/results/2/contiguity/device_ready_objects)" 2000

# From insmod to rmmod, and a run that is exact twice: architecture, board.
board() {
	run shell --arch "$1" --board "$2" -c 'insmod /kernel_memory.ko nr_structs=4000 &&
		ps -o comm | grep -x k_memory && rmmod kernel_memory &&
		dmesg | grep -c "32000 elements right, 0 wrong"'
	ok "$2: from insmod to rmmod" is "$status" 0
	ok "$2: the thread was there" out_has '^k_memory$'
	ok "$2: all elements were right" out_has '^1$'
	for way in "$2" "$2-again"; do
		run run --arch "$1" --board "$2" --facility page,kmalloc,vmalloc --quiet --no-store \
			--json "$scratch/$way.json"
		ok "$way: a run" is "$status" 0
		ok "$way: every object was where it should be" proved "$way"
	done
	ok "$2: the same figures twice" is "$(figures "$2-again")" "$(figures "$2")"
}
board armhf raspi2b
board arm64 raspi3b
run shell --arch armhf --board raspi3b -c true
ok "a board that armhf does not have: 2" is "$status" 2
ok "those that it has" err_has 'virt, raspi2b'
ok "nothing is left" nothing_left
finish
