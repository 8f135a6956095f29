#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --target host, with a virtual machine for a host: the same program there.
set -u
program=${KMEMLAB:-build/kmemlab}
loader=$(ldd "$program" | awk '/ld-linux/ { print $1 }')
add=(--add tests/guest/tap.sh --add "$program" --add "$loader")
while read -r library; do
	add+=(--add "$library")
done < <(ldd "$program" | awk '$2 == "=>" { print $3 }')

exec "$program" shell "${add[@]}" <<'GUEST'
. /tap.sh
kmemlab() {
	/"$(basename /ld-linux*)" --library-path / /kmemlab "$@"
}
export KMEMLAB_MODULE=/kernel_memory.ko
run() { kmemlab run --target host --facility kmalloc,page,page_packed --json /tmp/r.json >/tmp/table; }
one_line() { [ "$(wc -l </tmp/errors)" = 1 ] || { cat /tmp/errors; false; }; }
status_of() { expected=$1; shift; "$@" >/tmp/out 2>/tmp/errors; status=$?; [ $status = "$expected" ] || { echo "status $status"; cat /tmp/errors; false; }; }

ok "a run" run
ok "has results, each of them fine" [ "$(grep -c '"status": "ok"' /tmp/r.json)" = 6 ]
ok "by a clock that is time" grep -q '"unit": "tsc"' /tmp/r.json
ok "on this host" grep -q '"target": "host"' /tmp/r.json
ok "the CPU's own counters: or why there are none" grep -q 'counters are not visible' /tmp/r.json
ok "unloads what it loaded" [ ! -e /sys/module/kernel_memory ]
insmod /kernel_memory.ko nr_structs=100
ok "a run with the module there" run
ok "leaves it there" [ "$(cat /sys/module/kernel_memory/parameters/nr_structs)" = 100 ]
rmmod kernel_memory
ok "instructions cannot be counted here" status_of 2 kmemlab run --target host --clock instructions
ok "which takes one line" one_line
export KMEMLAB_MODULE=/nowhere.ko
ok "no module: trouble on this side" status_of 125 run
ok "which takes one line" one_line
done_testing
GUEST
