#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Commands from a pipe, without a network: a filled cache is sufficient.
. tests/kmemlab.sh

"$kmemlab" shell -c true </dev/null >/dev/null 2>&1	# fills the cache
if unshare -rn true 2>/dev/null; then
	offline="unshare -rn"
else
	offline=
	echo "# no network namespaces: testing with network"
fi
status=0
echo 'echo from a pipe; false' | KMEMLAB_MIRROR=http://127.0.0.1:9/ $offline "$kmemlab" shell \
	>"$scratch/out" 2>"$scratch/err" || status=$?
ok "shell: commands from a pipe set the exit status" is "$status" 1
ok "shell: commands from a pipe print their output" is "$(cat "$scratch/out")" "from a pipe"
ok "shell: a filled cache needs no network" is "$(cat "$scratch/err")" ""

status=0
XDG_CACHE_HOME=$scratch/cold KMEMLAB_MIRROR=http://127.0.0.1:9/ $offline "$kmemlab" shell -c true \
	>"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
ok "shell: an empty cache without network exits with status 125" is "$status" 125
ok "shell: an empty cache without network prints one message" is "$(grep -c '^kmemlab: .*network' "$scratch/err")" 1
ok "shell: a failed download leaves no kernel in the cache" is "$(ls "$scratch/cold/kmemlab/kernels" 2>/dev/null)" ""
ok "shell: a failed download leaves no files or processes" nothing_left
done_testing
