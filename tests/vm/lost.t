#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests that vanish, and guests that take too long.
. "$(dirname "$0")/tap.sh"

run shell -c true --memory 96
ok "the least memory that may be asked for is enough" is "$status" 0
run shell -c 'poweroff -f; sleep 60'
ok "powered off without a trailer: 126" is "$status" 126
run shell -c 'sleep 60' --timeout 3
ok "over its time: 124" is "$status" 124
ok "the watchdog is named" err_has '"total"'
ok "nothing is left" nothing_left
finish
