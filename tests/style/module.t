#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The module builds by its own Makefile, W=1 and sparse say nothing, and clean
# leaves nothing; its headers' kernel-doc is complete.
set -u
kernel=${KMEMLAB_TEST_KERNEL:-$("${KMEMLAB:-build/kmemlab}" kernel headers)}
[ -d "$kernel" ] || { echo "Bail out! no headers"; exit 1; }
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/tree"
git ls-files -co --exclude-standard -z -- module include |
	xargs -0 cp --parents -t "$scratch/tree"
cd "$scratch/tree" || exit 1

tests=0
ok() {
	tests=$((tests + 1))
	if "${@:2}" >"$scratch/output" 2>&1; then
		echo "ok $tests - $1"
	else
		echo "not ok $tests - $1"
		sed 's/^/# /' "$scratch/output"
	fi
}

build() {
	make -s -j2 -C module KERNEL_SOURCE="$kernel" W=1 "$@" >"$scratch/log" 2>&1 || { cat "$scratch/log"; return 1; }
	# Stock kernels ship no vmlinux to read BTF from, and say so.
	! grep -v 'Skipping BTF' "$scratch/log" | grep -E 'warning|error|: note'
}
leaves_nothing() {
	make -s -C module KERNEL_SOURCE="$kernel" clean && diff -rq "$scratch/before" module
}
cp -r module "$scratch/before"
ok "builds without a warning, W=1" build
ok "sparse finds nothing" build C=2
ok "clean leaves nothing" leaves_nothing
ok "kernel-doc is complete" sh -c "
	! find module -name '*.h' -exec '$kernel/scripts/kernel-doc' -none -Werror {} + 2>&1 |
	grep -E 'warning|error'"
echo "1..$tests"
