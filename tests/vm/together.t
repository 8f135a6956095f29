#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Two at once that both find nothing built: one builds, the other waits, both are right.
. "$(dirname "$0")/tap.sh"

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
ok "both succeed" is "$(cat "$scratch/status.1" "$scratch/status.2" | tr '\n' ' ')" "0 0 "
ok "both have their own output" is "$(cat "$scratch/out.1" "$scratch/out.2" | tr '\n' ' ')" \
	"number 1 number 2 "
ok "one build" is "$(find "$scratch/cache/kmemlab/modules" -name '*.ko' | wc -l)" 1
ok "no half entry" is "$(ls -A "$scratch/cache/kmemlab/partial" 2>/dev/null)" ""

# The same bytes from another folder.
first=$(sha256sum <"$(find "$scratch/cache/kmemlab/modules" -name '*.ko')")
mkdir -p "$scratch/elsewhere/deeper/kmemlab"
mv "$scratch/cache/kmemlab/kernels" "$scratch/elsewhere/deeper/kmemlab/"
XDG_CACHE_HOME=$scratch/elsewhere/deeper run shell -c true
second=$(sha256sum <"$(find "$scratch/elsewhere/deeper/kmemlab/modules" -name '*.ko')")
ok "the module's bytes don't depend on the folder" is "$first" "$second"
ok "nothing is left" nothing_left
finish
