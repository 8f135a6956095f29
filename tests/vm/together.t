#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Two concurrent processes with an empty cache: one builds, the other waits.
. tests/kmemlab.sh

"$kmemlab" shell -c true </dev/null >/dev/null 2>&1
warm=${XDG_CACHE_HOME:-$HOME/.cache}/kmemlab
mkdir -p "$scratch/cache/kmemlab"
cp -al "$warm/kernels" "$scratch/cache/kmemlab/" 2>/dev/null ||
	cp -a "$warm/kernels" "$scratch/cache/kmemlab/"
export XDG_CACHE_HOME="$scratch/cache"
for n in 1 2; do
	{
		"$kmemlab" shell -c "echo number $n" </dev/null >"$scratch/out.$n" 2>"$scratch/err.$n"
		echo $? >"$scratch/status.$n"
	} &
done
wait
ok "two concurrent shells both exit with status 0" is "$(cat "$scratch/status.1" "$scratch/status.2" | tr '\n' ' ')" "0 0 "
ok "two concurrent shells print their own output" is "$(cat "$scratch/out.1" "$scratch/out.2" | tr '\n' ' ')" \
	"number 1 number 2 "
ok "two concurrent shells build the module once" is "$(find "$scratch/cache/kmemlab/modules" -name '*.ko' | wc -l)" 1
ok "two concurrent shells leave no partial entry in the cache" is "$(ls -A "$scratch/cache/kmemlab/partial" 2>/dev/null)" ""

# Build the module in another directory.
first=$(sha256sum <"$(find "$scratch/cache/kmemlab/modules" -name '*.ko')")
mkdir -p "$scratch/elsewhere/deeper/kmemlab"
mv "$scratch/cache/kmemlab/kernels" "$scratch/elsewhere/deeper/kmemlab/"
XDG_CACHE_HOME=$scratch/elsewhere/deeper run shell -c true
second=$(sha256sum <"$(find "$scratch/elsewhere/deeper/kmemlab/modules" -name '*.ko')")
ok "the module's bytes do not depend on the cache's path" is "$first" "$second"
ok "two concurrent shells leave no files or processes" nothing_left
done_testing
