#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The default run on other architectures, and the studio's module on its own board.
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

for arch in arm64 armhf; do
	run run --arch "$arch" --json "$scratch/$arch.json" --quiet
	ok "$arch: the default run" is "$status" 0
	ok "$arch: null reads 0" is "$(part "$arch" runs/0/environment/self_check/null)" 0
	ok "$arch: delay reads what it burnt" is \
		"$(part "$arch" runs/0/environment/self_check/delay_read)" \
		"$(part "$arch" runs/0/environment/self_check/delay_asked)"
	ok "$arch: every object was where it should be" proved "$arch"
done

# The emulated CPU of arm64 has counters of its own: they and the clock must agree.
run run --arch arm64 --facility delay,kmalloc --workload batch --pmu --quiet \
	--json "$scratch/pmu.json"
ok "arm64: a run with the CPU's own counters" is "$status" 0
ok "which count what was burnt, to the instruction" is \
	"$(part pmu runs/0/results/0/pmu/alloc/instructions)" \
	"$(part pmu runs/0/results/0/alloc/loop_mean)"
ok "and what an allocator takes, within 1 %" perl -e 'exit abs($ARGV[0] / $ARGV[1] - 1) > 0.01' \
	"$(part pmu runs/0/results/1/pmu/alloc/instructions)" \
	"$(part pmu runs/0/results/1/alloc/loop_mean)"
ok "events that it does not have are null" is "$(part pmu runs/0/results/1/pmu/alloc/llc_misses)" null

run shell --arch armhf --board raspi2b -c 'insmod /kernel_memory.ko nr_structs=4000 &&
	ps -o comm | grep -x k_memory && rmmod kernel_memory && dmesg | grep -c "32000 elements right, 0 wrong"'
ok "raspi2b: from insmod to rmmod" is "$status" 0
ok "raspi2b: the thread was there" out_has '^k_memory$'
ok "raspi2b: all elements were right" out_has '^1$'
run shell --arch armhf --board pc -c true
ok "a board that armhf does not have: 2" is "$status" 2
ok "those that it has" err_has 'virt, raspi2b, raspi3b'
ok "nothing is left" nothing_left
finish
