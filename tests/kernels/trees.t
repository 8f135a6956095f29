#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Kernels of one's own, built from the distribution's source: two that differ in one option of
# the slab allocator, and one that QEMU cannot boot through PVH.
. "$(dirname "$0")/../vm/tap.sh"

build() {
	"$(dirname "$0")/build.sh" "$@"
}

plain=$(build) && hardened=$(build CONFIG_SLAB_FREELIST_HARDENED=y) &&
	whole=$(build CONFIG_PVH=n) || { echo "Bail out! no kernels"; exit 1; }
what="--facility kmem_cache,page --workload pair --objects 500 --no-store"

run compare --kernel "$plain,$hardened" $what
ok "two trees: 0" is "$status" 0
ok "the option is named" out_has 'kernel.config.freelist_hardened: off | on'
ok "the builds are" out_has 'run.kernel_package_version: own-.* | own-'
ok "the change is found" out_has '^kmem_cache pair'
ok "and where there is none, none" out_has '^No difference shown in 1 of 2 experiments: page pair'
ok "columns are named by what differs" out_has "^  *${plain##*/}  *${hardened##*/}"
run compare --kernel "$plain,$hardened" $what --fail-above 5%
ok "as a gate: 1" is "$status" 1

run run --kernel "$plain" $what --json "$scratch/plain.json"
run run --kernel "$hardened" $what --json "$scratch/hardened.json"
ok "each alone: 0" is "$status" 0
run compare "$scratch/plain.json" "$scratch/hardened.json"
ok "that the option differs was not asked for: 2" is "$status" 2
ok "it is named" err_has 'what matters: kernel.config.freelist_hardened'
run compare "$scratch/plain.json" "$scratch/hardened.json" --force
ok "forced: 0" is "$status" 0
run run --kernel "$plain,$hardened" $what --json "$scratch/both.json"
run compare "$scratch/both.json" --force
ok "two runs of one document are told apart: 0" is "$status" 0

run run --kernel "$plain/arch/x86/boot/bzImage" --headers "$plain" $what --quiet
ok "an image and headers: 0" is "$status" 0
run run --kernel "$plain/arch/x86/boot/bzImage" --headers "$hardened" $what --quiet
ok "headers of another build: 2" is "$status" 2
ok "both are named" err_has 'are of another build (#.*) than .*bzImage (.* #'
run run --kernel "$whole" $what --quiet
ok "a kernel without PVH: 0" is "$status" 0
ok "null and delay are right" out_has '^Self-check: right'

mkdir "$scratch/tree"
cp -r "$plain/Module.symvers" "$plain/include" "$scratch/tree"
sed 's/^CONFIG_MODULES=y/# CONFIG_MODULES is not set/' "$plain/.config" >"$scratch/tree/.config"
run run --kernel "$plain/arch/x86/boot/bzImage" --headers "$scratch/tree" $what
ok "a kernel without modules: 4" is "$status" 4
ok "says so" err_has 'has no module support (CONFIG_MODULES)'
ok "nothing is left" nothing_left
finish
