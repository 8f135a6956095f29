#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Local kernels, built from the distribution's source: two that differ in one option of the
# slab allocator, and one without PVH.
. tests/kmemlab.sh

build() {
	"$(dirname "$0")/build.sh" "$@"
}

plain=$(build) && hardened=$(build CONFIG_SLAB_FREELIST_HARDENED=y) &&
	no_pvh=$(build CONFIG_PVH=n) || { echo "Bail out! no kernels"; exit 1; }
what="--facility kmem_cache,page --workload pair --objects 500 --no-store"

run compare --kernel "$plain,$hardened" $what
ok "compare of two build trees exits with status 0" is "$status" 0
ok "compare of two build trees names the option that differs" out_has 'kernel.config.freelist_hardened: off | on'
ok "compare of two build trees prints both versions" out_has 'run.kernel_package_version: own-.* | own-'
ok "compare of two build trees finds the changed cost" out_has '^kmem_cache pair'
ok "compare of two build trees finds no other change" out_has '^No significant change in 1 of 2 experiments: page pair'
ok "compare of two build trees labels the columns by their paths" out_has "^  *${plain##*/}  *${hardened##*/}"
run compare --kernel "$plain,$hardened" $what --fail-above 5%
ok "compare --fail-above of two build trees exits with status 1" is "$status" 1

run run --kernel "$plain" $what --json "$scratch/plain.json"
run run --kernel "$hardened" $what --json "$scratch/hardened.json"
ok "run of a build tree exits with status 0" is "$status" 0
run compare "$scratch/plain.json" "$scratch/hardened.json"
ok "compare of two results with different options exits with status 2" is "$status" 2
ok "compare of two results names the option that differs" err_has 'not comparable: kernel.config.freelist_hardened'
run compare "$scratch/plain.json" "$scratch/hardened.json" --force
ok "compare --force of two results exits with status 0" is "$status" 0
run run --kernel "$plain,$hardened" $what --json "$scratch/both.json"
run compare "$scratch/both.json" --force
ok "compare --force of a result with two runs exits with status 0" is "$status" 0

run run --kernel "$plain/arch/x86/boot/bzImage" --headers "$plain" $what --quiet
ok "run of an image with --headers exits with status 0" is "$status" 0
run run --kernel "$plain/arch/x86/boot/bzImage" --headers "$hardened" $what --quiet
ok "run with headers of another build exits with status 2" is "$status" 2
ok "run with headers of another build names both builds" err_has 'are of another build (#.*) than .*bzImage (.* #'
run run --kernel "$no_pvh" $what --quiet
ok "run of a kernel without PVH exits with status 0" is "$status" 0
ok "run of a kernel without PVH passes the self-check" out_has '^Self-check: passed'

mkdir "$scratch/tree"
cp -r "$plain/Module.symvers" "$plain/include" "$scratch/tree"
sed 's/^CONFIG_MODULES=y/# CONFIG_MODULES is not set/' "$plain/.config" >"$scratch/tree/.config"
run run --kernel "$plain/arch/x86/boot/bzImage" --headers "$scratch/tree" $what
ok "run of a kernel without modules exits with status 4" is "$status" 4
ok "run of a kernel without modules names CONFIG_MODULES" err_has 'does not support modules (CONFIG_MODULES)'
ok "run of local kernels leaves no files or processes" nothing_left
done_testing
