#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The module builds with its own Makefile without a warning, sparse included, and its kernel-doc
# is complete.
. tests/kmemlab.sh
kernel=${KMEMLAB_TEST_KERNEL:-$("$kmemlab" kernel headers)}
[ -d "$kernel" ] || bail_out "no kernel headers"
mkdir "$scratch/tree"
git ls-files -co --exclude-standard -z -- module include |
	xargs -0 cp --parents -t "$scratch/tree"
cd "$scratch/tree" || exit 1

build_quietly() {
	make -s -j2 -C module KERNEL_SOURCE="$kernel" W=1 "$@" >"$scratch/log" 2>&1 ||
		{ cat "$scratch/log"; return 1; }
	# Distribution kernels have no vmlinux to read BTF from.
	! grep -v 'Skipping BTF' "$scratch/log" | grep -E 'warning|error|: note'
}
clean_restores_tree() {
	make -s -C module KERNEL_SOURCE="$kernel" clean && diff -rq "$scratch/before" module
}
kernel_doc_is_complete() {
	! find module -name '*.h' -exec "$kernel/scripts/kernel-doc" -none -Werror {} + 2>&1 |
		grep -E 'warning|error'
}
cp -r module "$scratch/before"
ok "the module builds with W=1 without a warning" build_quietly
ok "the module has no sparse warnings" build_quietly C=2
ok "make clean of the module removes all build products" clean_restores_tree
ok "the kernel-doc of the module's headers is complete" kernel_doc_is_complete
done_testing
