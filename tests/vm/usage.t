#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# User errors that kmemlab shell, kernel and doctor refuse without booting a guest.
. tests/kmemlab.sh

# refused ARGUMENT...: exit status 2 and one line on standard error
refused() {
	run "$@"
	ok "kmemlab $* exits with status 2" is "$status" 2
	ok "kmemlab $* prints one line" err_is_line '^kmemlab: '
}

refused shell --bogus
refused shell -c
refused shell -c true --memory lots
refused shell -c true --memory 0
refused shell -c true --kernel pear
refused shell -c true --add "$scratch/none"
cp "$0" "$scratch/init"
refused shell -c true --add "$scratch/init"
refused shell true
refused kernel show
refused kernel remove 2.6
refused doctor now
run shell --help
ok "kmemlab shell --help prints its usage" out_has '^Usage: kmemlab shell'
ok "refused commands leave no files or processes" nothing_left
done_testing
