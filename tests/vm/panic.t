#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Kernels that die, late, early and by an oops.
. "$(dirname "$0")/tap.sh"

run shell -c true --append rdinit=/nothing
ok "no init: 127" is "$status" 127
ok "the console's lines are shown" err_has 'Kernel panic - not syncing'
run shell -c true --append mem=8M
ok "a panic before any console: 127" is "$status" 127
ok "one line of kmemlab's own" is "$(grep -c '^kmemlab:' "$scratch/err")" 1
run shell -c 'echo before; sleep 1; echo c >/proc/sysrq-trigger; sleep 60'
ok "a crash amid a script: 127" is "$status" 127
ok "what was said before it was passed on" out_has '^before$'
ok "nothing is left" nothing_left
finish
