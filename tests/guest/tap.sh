# SPDX-License-Identifier: GPL-2.0-or-later
# For scripts that run in the guest: TAP on standard output. Source it, call ok
# for each test, and done_testing at the end.

tests=0
failures=0

# ok DESCRIPTION COMMAND...: the command's success is the test's.
ok() {
	description=$1
	shift
	tests=$((tests + 1))
	if "$@" >/tmp/ok.out 2>&1; then
		echo "ok $tests - $description"
	else
		echo "not ok $tests - $description"
		sed 's/^/# /' /tmp/ok.out
		failures=$((failures + 1))
	fi
}

not() {
	! "$@"
}

# What the kernel said since the last call of new_log.
new_log() {
	dmesg >/tmp/log.now
	tail -n +$(($(cat /tmp/log.lines 2>/dev/null || echo 0) + 1)) /tmp/log.now
	wc -l </tmp/log.now >/tmp/log.lines
}

logged() {
	grep -qF "$1" /tmp/log
}

# Nothing in the kernel's log that a kernel engineer would not want to see there.
log_is_clean() {
	! dmesg | grep -E 'WARNING|BUG:|Oops|INFO: task|leak|sleeping function|kernel_memory: .* [1-9][0-9]* wrong'
}

done_testing() {
	ok "the kernel's log is clean" log_is_clean
	echo "1..$tests"
	exit $((failures > 0))
}
