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
		echo "not ok $tests - $description: $(head -n 1 /tmp/ok.out)"
		sed 's/^/# /' /tmp/ok.out
		failures=$((failures + 1))
	fi
}

not() {
	! "$@"
}

# all_pass DESCRIPTION PROGRAM [ARGUMENT]...: its own TAP becomes remarks
all_pass() {
	ok "$1" passes "$@"
	sed 's/^/# /' /tmp/tap
	echo "# $(cut -d. -f1 /proc/uptime) s since the machine began"
}

passes() {
	shift
	"$@" >/tmp/tap; status=$?
	grep '^not ok' /tmp/tap
	return $status
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

# Into a memory cgroup, so that allocations can be charged to somebody.
join_memory_group() {
	mkdir -p /tmp/groups
	mount -t cgroup2 none /tmp/groups
	echo +memory >/tmp/groups/cgroup.subtree_control
	mkdir /tmp/groups/charged
	echo $$ >/tmp/groups/charged/cgroup.procs
}

# Nothing in the kernel's log that a kernel engineer would not want to see there.
log_is_clean() {
	! dmesg | grep -E 'WARNING|BUG:|invoked oom-killer|UBSAN:|Unexpected gfp|Oops|INFO: (task|trying|rcu|lockdep)|sleeping function|kernel_memory: .* [1-9][0-9]* wrong'
}

# What the debug kernel finds by looking at all memory: twice, as an object may just be on its way.
no_memory_leaks() {
	mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
	[ -e /sys/kernel/debug/kmemleak ] || return 0
	echo scan >/sys/kernel/debug/kmemleak
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	not_the_kernels_own /sys/kernel/debug/kmemleak >/tmp/leaks
	head -n 60 /tmp/leaks
	not grep -q . /tmp/leaks
}

# Reports but those of a cache's name in sysfs: where the cache is refused, sysfs_slab_add() of
# Linux 6.1 does not put the kobject, and the name that kobject_init_and_add() made is lost.
not_the_kernels_own() {
	awk '/^unreferenced/ { flush() } { report = report $0 "\n" } END { flush() }
	function flush() {
		if (report !~ /kobject_(set_name_vargs|init_and_add).*kmem_cache_create/)
			printf "%s", report
		report = ""
	}' "$1"
}

done_testing() {
	ok "no memory was leaked, as far as this kernel can tell" no_memory_leaks
	ok "the kernel's log is clean" log_is_clean
	echo "1..$tests"
	exit $((failures > 0))
}
