#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests that power off or exceed their time.
. tests/kmemlab.sh

run shell -c true --memory 96
ok "shell: the minimum of --memory is enough to boot" is "$status" 0
run shell -c 'poweroff -f; sleep 60'
ok "shell: a guest that powers off exits with status 126" is "$status" 126
run shell -c 'sleep 60' --timeout 3
ok "shell: --timeout exits with status 124" is "$status" 124
ok "shell: --timeout names the limit" err_has 'the guest took longer than [0-9]* s (--timeout)'
KMEMLAB_TIMEOUT_SCALE=0.001 run shell -c true
ok "shell: a guest without output exits with status 124" is "$status" 124
ok "shell: a guest without output is reported with the CPU time of QEMU" err_is_line \
	"^kmemlab: watchdog 'no [a-z ]*': .* for [0-9]* s (QEMU used [0-9.]* s of CPU time)$"
# The guest's init cannot start the shell.
run shell -c true --append sysctl.kernel.threads-max=20
ok "shell: a guest in which no process can be created exits with status 126" is "$status" 126
ok "shell: a guest in which no process can be created is reported" \
	err_is_line '^kmemlab: the guest cannot run the command: Resource temporarily unavailable$'
ok "shell: --timeout leaves no files or processes" nothing_left
done_testing
