#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Guarantees of allocators that differ between kernels, and the flags that callers pass.
. tests/kmemlab.sh

# aligned KERNEL SIZE ALIGN: run kmalloc and its relatives with this alignment
aligned() {
	run run --no-store --kernel "$1" --facility kmalloc,kmalloc_const,kvmalloc,mempool \
		--workload batch --size "$2" --align "$3" --objects 200
}

# slab.h since 6.11: "aligned to at least the largest power-of-two divisor of @size"
for promise in 96,32 160,32 192,64 12288,4096; do
	aligned 7.2 "${promise%,*}" "${promise#*,}"
	ok "7.2: kmalloc and its relatives align ${promise%,*} bytes to ${promise#*,}" \
		is "$status" 0
	ok "7.2: none of them refuses ${promise%,*} bytes" not out_has '^Skipped'
done
aligned 7.2 96 64
ok "7.2: an alignment of 96 bytes to 64 is refused with the largest possible one" \
	out_has 'kmalloc aligns objects of 96 bytes to at most 32, not 64'
aligned 6.1 96 32
ok "6.1: an alignment of 96 bytes to 32 is refused with the largest possible one" \
	out_has 'kmalloc aligns objects of 96 bytes to at most 8, not 32'

run run --no-store --facility kmalloc,page,vmalloc,percpu --gfp kernel,plain --size 8K \
	--objects 200 --workload batch
ok "run --gfp plain exits with status 0" is "$status" 0
ok "run --gfp plain skips no facility" not out_has '^Skipped'
done_testing
