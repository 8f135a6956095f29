#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Kernel panics: late, early, and by an oops.
. tests/kmemlab.sh

run shell -c true --append rdinit=/nothing
ok "shell: a kernel without init exits with status 127" is "$status" 127
ok "shell: a panic prints the console's lines" err_has 'Kernel panic - not syncing'
run shell -c true --append mem=8M
ok "shell: a panic before the console exits with status 127" is "$status" 127
ok "shell: a panic before the console prints one message" is "$(grep -c '^kmemlab:' "$scratch/err")" 1
run shell -c 'echo before; echo a message >/dev/kmsg; sleep 1; echo c >/proc/sysrq-trigger; sleep 60'
ok "shell: a crash during a script exits with status 127" is "$status" 127
ok "shell: a crash is reported with the messages before it" err_has '\] a message$'
ok "shell: a crash is reported with its reason" err_has 'Kernel panic - not syncing: sysrq triggered crash'
ok "shell: a crash is reported with the call trace" err_has '\]  *write_sysrq_trigger'
ok "shell: a crash is reported without registers" not err_has 'EFLAGS'
ok "shell: output before a crash is printed" out_has '^before$'
ok "shell: a crash leaves no files or processes" nothing_left
done_testing
