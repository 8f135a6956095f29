#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The default run on other architectures, booted and restored; the demo thread and runs on
# Raspberry Pi boards.
. tests/kmemlab.sh
results=$(dirname "$0")/../results.pl
command -v qemu-system-arm >/dev/null || skip_all "qemu-system-arm is not installed"

part() {
	perl "$results" "$scratch/$1.json" "$2"
}

verified() {
	grep -q '"mismatched_bytes": *0' "$scratch/$1.json" &&
		! grep -E '"(mismatched_bytes|route_mismatches)": *[1-9]|"status": *"failed"' "$scratch/$1.json"
}

results_of() {
	part "$1" runs/0/results
	part "$1" runs/0/environment/input_sha256
}

for arch in arm64 armhf; do
	run run --arch "$arch" --boot --json "$scratch/$arch.json" --quiet --no-store
	ok "$arch: the default run exits with status 0" is "$status" 0
	ok "$arch: null reads 0" is "$(part "$arch" runs/0/environment/self_check/null)" 0
	ok "$arch: delay measures the instructions it executes" is \
		"$(part "$arch" runs/0/environment/self_check/delay_measured)" \
		"$(part "$arch" runs/0/environment/self_check/delay_expected)"
	ok "$arch: all objects are verified" verified "$arch"
	run run --arch "$arch" --json "$scratch/$arch-again.json" --quiet --no-store
	ok "$arch: a snapshot gives the same results as a boot" is "$(results_of "$arch-again")" \
		"$(results_of "$arch")"
done

# The emulated CPU of arm64 has performance counters, which must agree with the clock.
run run --arch arm64 --facility delay,kmalloc,page --workload batch --pmu --quiet \
	--json "$scratch/pmu.json"
ok "arm64: run --pmu exits with status 0" is "$status" 0
ok "arm64: the PMU counts exactly the instructions of delay" is \
	"$(part pmu runs/0/results/0/pmu/alloc/instructions)" \
	"$(part pmu runs/0/results/0/alloc/loop_mean)"
ok "arm64: the PMU agrees with the clock within 1 % for kmalloc" perl -e 'exit abs($ARGV[0] / $ARGV[1] - 1) > 0.01' \
	"$(part pmu runs/0/results/1/pmu/alloc/instructions)" \
	"$(part pmu runs/0/results/1/alloc/loop_mean)"
ok "arm64: unsupported PMU events are null" is "$(part pmu runs/0/results/1/pmu/alloc/llc_misses)" null

# DMA is not cache coherent on arm64: only objects in separate pages share no cache line.
ok "arm64: objects in separate pages are device-ready" is \
	"$(part pmu runs/0/results/2/contiguity/device_ready_objects)" 2000

# board ARCH BOARD: load and unload the module, and compare two runs. The board selects ARCH.
board() {
	run shell --board "$2" -c 'insmod /kernel_memory.ko nr_structs=4000 &&
		ps -o comm | grep -x k_memory && rmmod kernel_memory &&
		dmesg | grep -c "32000 elements right, 0 wrong"'
	ok "$2: the module is loaded and unloaded" is "$status" 0
	ok "$2: the module starts thread k_memory" out_has '^k_memory$'
	ok "$2: thread k_memory finds all 32000 elements intact" out_has '^1$'
	for name in "$2" "$2-again"; do
		run run --board "$2" --facility page,kmalloc,vmalloc --quiet --no-store \
			--json "$scratch/$name.json"
		ok "$name: run exits with status 0" is "$status" 0
		ok "$name: all objects are verified" verified "$name"
		ok "$name: the board selects architecture $1" is \
			"$(part "$name" runs/0/environment/machine/arch)" "\"$1\""
	done
	ok "$2: two runs give the same results" is "$(results_of "$2-again")" "$(results_of "$2")"
}
board armhf raspi2b
board arm64 raspi3b
run map --board raspi2b --json "$scratch/map.json"
ok "map --board: all memory of the board is mapped" [ "$(part map maps/0/pages)" -gt 200000 ]
run shell --arch armhf --board raspi3b -c true
ok "an unknown board exits with status 2" is "$status" 2
ok "an unknown board lists the known boards" err_has "unknown board 'raspi3b' for armhf (known: virt, raspi2b)"
ok "runs on other architectures leave no files or processes" nothing_left
done_testing
