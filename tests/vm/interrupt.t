#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Signals before and while the guest runs, to kmemlab and to QEMU.
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
interrupt INT results
ok "shell: SIGINT exits with status 130" is "$status" 130
ok "shell: SIGINT leaves no files or processes" nothing_left

# start: run kmemlab in the background, in a process group of its own, until the guest runs.
start() {
	setsid "$kmemlab" run --facility kmalloc --objects 100000 --json "$scratch/json" --no-store \
		>"$scratch/out" 2>"$scratch/err" </dev/null &
	pid=$!
	while kill -0 $pid && [ -z "$(find "$TMPDIR" -name results -size +0)" ]; do
		sleep 0.02
	done
}

# Wait for kmemlab and for processes that need a moment to notice its end.
finish() {
	wait $pid
	status=$?
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		no_process_left >/dev/null && return
		sleep 0.2
	done
}

run run --facility kmalloc --objects 100000 --json "$scratch/reference" --no-store
for victim in kmemlab group qemu; do
	start
	case $victim in
	kmemlab) kill -KILL $pid ;;
	group) kill -KILL -$pid ;;
	qemu) kill -KILL $(pgrep -P $pid qemu-system) ;;
	esac
	finish
	ok "SIGKILL to $victim: exit status" is "$status" "$([ $victim = qemu ] && echo 126 || echo 137)"
	ok "SIGKILL to $victim leaves no process" no_process_left
	ok "SIGKILL to $victim leaves no results file" [ ! -e "$scratch/json" ]
	rm -rf "$TMPDIR"/kmemlab-*
done
run run --facility kmalloc --objects 100000 --json "$scratch/json" --no-store
ok "a run after killed ones exits with status 0" is "$status" 0
ok "a run after killed ones has the same results" is "$(json "$scratch/json" runs/0/results)" \
	"$(json "$scratch/reference" runs/0/results)"
done_testing
