# SPDX-License-Identifier: GPL-2.0-or-later
# TAP for shell tests on the host and in the guest (POSIX sh, busybox included). Source it,
# call ok for each test, and done_testing at the end.

tests=0
failures=0
# Holds the output of the last command that ok ran.
tap_output=${tap_output:-/tmp/ok.out}

pass() {
	tests=$((tests + 1))
	echo "ok $tests - $1"
}

# fail NAME [DIAGNOSTICS]: the diagnostics go to standard error, which prove shows.
fail() {
	tests=$((tests + 1))
	failures=$((failures + 1))
	echo "not ok $tests - $1"
	[ -z "${2-}" ] || printf '%s\n' "$2" | sed 's/^/# /' >&2
}

# ok NAME COMMAND [ARGUMENT]...: the test passes if the command succeeds.
ok() {
	tap_name=$1
	shift
	if "$@" >"$tap_output" 2>&1; then
		pass "$tap_name"
	else
		fail "$tap_name" "$(cat "$tap_output"; tap_diagnose)"
	fi
}

# Print more about the failure of a test. Tests may redefine it.
tap_diagnose() {
	:
}

not() {
	! "$@"
}

# is ACTUAL EXPECTED
is() {
	[ "$1" = "$2" ] || { echo "got \"$1\", expected \"$2\""; false; }
}

skip() {
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

bail_out() {
	echo "Bail out! $*"
	exit 1
}

done_testing() {
	echo "1..$tests"
	exit $((failures > 0))
}
