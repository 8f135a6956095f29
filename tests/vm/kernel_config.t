#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Boot options that change the cost of allocations are in the environment as the running kernel's
# state, and comparisons name them.
. tests/kmemlab.sh

XDG_DATA_HOME=$scratch/data
export XDG_DATA_HOME
# boot NAME OPTIONS SETTING=STATE...
boot() {
	name=$1
	options=$2
	shift 2
	run run --name "$name" --kernel "${kernel:-default}" --memory 1024 --append "$options" --facility kmalloc --workload pair --objects 20 \
		--json "$scratch/$name"
	ok "run --append '$options' exits with status 0" is "$status" 0
	for expected; do
		setting=${expected%%=*}
		ok "'$options': $expected" is "$setting=$(json "$scratch/$name" \
			"runs/0/environment/kernel/config/$setting")" "$setting=\"${expected#*=}\""
	done
}

# Kernels disable transparent huge pages in less than 512 MiB.
boot default "transparent_hugepage=always page_alloc.shuffle=1" \
	slub_debug=off page_poison=off memcg=on numa=on thp=on page_shuffle=on \
	hardened_usercopy=on kstack_offset=on init_on_alloc=on init_on_free=off rethunk=on ibt=off
boot debug "slub_debug=FZPU page_poison=1 cgroup.memory=nokmem" \
	slub_debug=FZPU page_poison=on memcg=nokmem page_shuffle=off
boot off "cgroup_disable=memory numa=off hardened_usercopy=off randomize_kstack_offset=off \
transparent_hugepage=never init_on_alloc=0 init_on_free=1 slub_debug=Z,kmalloc-64" \
	memcg=off numa=off hardened_usercopy=off kstack_offset=off thp=off init_on_alloc=off \
	init_on_free=on slub_debug=Z,kmalloc-64 page_poison=off

kernel=6.12
boot guarded "kfence.sample_interval=100" kfence=on slab_buckets=on call_padding=on ibt=on
boot unguarded "kfence.sample_interval=0" kfence=off

run compare default debug
ok "compare refuses results of kernels booted with other options" is "$status" 2
run compare --force default debug
ok "compare names slub_debug" out_has 'kernel.config.slub_debug: off | FZPU'
ok "compare names page_poison" out_has 'kernel.config.page_poison: off | on'
run compare --kernel 6.1,6.12 --facility kmalloc --workload pair --objects 20
ok "compare --kernel names the options of each kernel" out_has 'kernel.config.slab_buckets: off | on'
ok "compare --kernel names function padding" out_has 'kernel.config.call_padding: off | on'
done_testing
