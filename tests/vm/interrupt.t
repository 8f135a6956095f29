#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Signals before and while the guest runs.
. tests/kmemlab.sh

interrupt() {
	"$kmemlab" shell -c 'sleep 60' >"$scratch/out" 2>"$scratch/err" </dev/null &
	pid=$!
	# Wait for a file that must be deleted later.
	while kill -0 $pid && [ -z "$(find "$TMPDIR" -name "$2" -size +0)" ]; do
		sleep 0.02
	done
	kill -"$1" $pid
	wait $pid
	status=$?
}

interrupt TERM initramfs
ok "shell: SIGTERM before QEMU starts exits with status 130" is "$status" 130
ok "shell: SIGTERM before QEMU starts leaves no files or processes" nothing_left
interrupt TERM results
ok "shell: SIGTERM while the guest runs exits with status 130" is "$status" 130
ok "shell: SIGTERM while the guest runs prints one line" is "$(cat "$scratch/err")" "kmemlab: interrupted"
ok "shell: SIGTERM while the guest runs leaves no files or processes" nothing_left
interrupt HUP results
ok "shell: SIGHUP exits with status 130" is "$status" 130
ok "shell: SIGHUP leaves no files or processes" nothing_left
done_testing
