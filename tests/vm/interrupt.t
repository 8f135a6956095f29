#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Signals, before and in the guest's life.
. "$(dirname "$0")/tap.sh"

interrupt() {
	"$kmemlab" shell -c 'sleep 60' >"$scratch/out" 2>"$scratch/err" </dev/null &
	pid=$!
	# Not until it has something to put away; where asked, not before the guest runs.
	while kill -0 $pid && [ -z "$(find "$TMPDIR" -name "$2" -size +0)" ]; do
		sleep 0.02
	done
	kill -"$1" $pid
	wait $pid
	status=$?
}

interrupt TERM initramfs
ok "SIGTERM while QEMU starts: 130" is "$status" 130
ok "nothing is left" nothing_left
interrupt TERM results
ok "SIGTERM while the guest works: 130" is "$status" 130
ok "one line" is "$(cat "$scratch/err")" "kmemlab: interrupted"
ok "nothing is left" nothing_left
interrupt HUP results
ok "SIGHUP: 130" is "$status" 130
ok "nothing is left" nothing_left
finish
