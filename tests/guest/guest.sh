# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by scripts that run in the guest: TAP, the kernel log and memory leaks.
. /tap.sh

# all_pass NAME PROGRAM [ARGUMENT]...: the test passes if all tests of a TAP program do. Its output
# becomes comments.
all_pass() {
	ok "$1" passes "$@"
	sed 's/^/# /' /tmp/program.out
	echo "# $(cut -d. -f1 /proc/uptime) s since boot"
}

passes() {
	shift
	"$@" >/tmp/program.out; status=$?
	grep -A 2 '^not ok' /tmp/program.out
	return $status
}

# Print the kernel messages since the last call.
new_log() {
	dmesg >/tmp/log.now
	tail -n +$(($(cat /tmp/log.lines 2>/dev/null || echo 0) + 1)) /tmp/log.now
	wc -l </tmp/log.now >/tmp/log.lines
}

logged() {
	grep -qF "$1" /tmp/log
}

# Enter a memory cgroup, to which accounted allocations are charged.
join_memory_group() {
	mkdir -p /tmp/groups
	mount -t cgroup2 none /tmp/groups
	echo +memory >/tmp/groups/cgroup.subtree_control
	mkdir /tmp/groups/charged
	echo $$ >/tmp/groups/charged/cgroup.procs
}

log_is_clean() {
	! dmesg | grep -E 'WARNING|BUG:|invoked oom-killer|UBSAN:|Unexpected gfp|Oops|INFO: (task|trying|rcu|lockdep)|sleeping function|kernel_memory: .* [1-9][0-9]* wrong'
}

# Scan twice with kmemleak: a pointer to an object may be in a register during one scan.
no_memory_leaks() {
	mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
	[ -e /sys/kernel/debug/kmemleak ] || return 0
	echo scan >/sys/kernel/debug/kmemleak
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	filter_kernel_leaks /sys/kernel/debug/kmemleak >/tmp/leaks
	head -n 60 /tmp/leaks
	not grep -q . /tmp/leaks
}

# Remove the reports of a leak in the kernel itself: sysfs_slab_add() of Linux 6.1 does not put the
# kobject of a cache that is not created, so the name that kobject_init_and_add() allocated is lost.
filter_kernel_leaks() {
	awk '/^unreferenced/ { flush() } { report = report $0 "\n" } END { flush() }
	function flush() {
		if (report !~ /kobject_(set_name_vargs|init_and_add).*kmem_cache_create/)
			printf "%s", report
		report = ""
	}' "$1"
}

done_testing() {
	ok "kmemleak: no memory was leaked" no_memory_leaks
	ok "the kernel log is clean" log_is_clean
	echo "1..$tests"
	exit $((failures > 0))
}
