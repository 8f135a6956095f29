#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Commands from a pipe, with no network at all: a warm cache must do.
. "$(dirname "$0")/tap.sh"

"$kmemlab" shell -c true </dev/null >/dev/null 2>&1	# warms the cache
if unshare -rn true 2>/dev/null; then
	alone="unshare -rn"
else
	alone=
	echo "# no network namespaces here: the network stays"
fi
status=0
echo 'echo from a pipe; false' | KMEMLAB_MIRROR=http://127.0.0.1:9/ $alone "$kmemlab" shell \
	>"$scratch/out" 2>"$scratch/err" || status=$?
ok "status" is "$status" 1
ok "output" is "$(cat "$scratch/out")" "from a pipe"
ok "not a word about packages" is "$(cat "$scratch/err")" ""

status=0
XDG_CACHE_HOME=$scratch/cold KMEMLAB_MIRROR=http://127.0.0.1:9/ $alone "$kmemlab" shell -c true \
	>"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
ok "a cold cache without network: 125" is "$status" 125
ok "one clear line" is "$(grep -c '^kmemlab: .*network' "$scratch/err")" 1
ok "no half kernel in the cache" is "$(ls "$scratch/cold/kmemlab/kernels" 2>/dev/null)" ""
ok "nothing is left" nothing_left
finish
