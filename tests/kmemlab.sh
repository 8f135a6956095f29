# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the tests on the host: TAP, a scratch folder, and functions that run kmemlab.
# Tests run in the top folder of the source tree.
. tests/tap.sh

build=${BUILD:-build}
kmemlab=$(realpath "${KMEMLAB:-$build/kmemlab}")
scratch=${KMEMLAB_TEST_UNSHARED:-$(mktemp -d)} || exit 1
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/tmp"
export TMPDIR="$scratch/tmp"
# Bars are drawn in another way without UTF-8.
export LC_ALL=C.UTF-8
# Keep the results of tests out of the user's store.
export XDG_DATA_HOME="${XDG_DATA_HOME:-$scratch/data}"
export XDG_CONFIG_HOME="${XDG_CONFIG_HOME:-$scratch/config}"
tap_output=$scratch/ok.out

tap_diagnose() {
	sed 's/^/out: /' "$scratch/out" 2>/dev/null
	sed 's/^/err: /' "$scratch/err" 2>/dev/null
}

# Run kmemlab with its output in $scratch/out and $scratch/err and its exit status in $status.
run() {
	status=0
	"$kmemlab" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
}

out_has() {
	grep -q -e "$1" "$scratch/out"
}

err_has() {
	grep -q -e "$1" "$scratch/err"
}

# The only line on standard error contains this pattern.
err_is_line() {
	is "$(wc -l <"$scratch/err")" 1 && err_has "$1"
}

# json FILE PATH: print a part of a JSON document; PATH is like runs/0/results/3/status.
json() {
	perl tests/results.pl "$@"
}

# Run the script on standard input in the guest, which has /tap.sh and /guest.sh.
guest_shell() {
	"$kmemlab" shell --add tests/tap.sh --add tests/guest/guest.sh "$@"
}

# build_module FOLDER TO: build the module in FOLDER for the default kernel, in the folder TO.
build_module() {
	headers=$("$kmemlab" kernel headers) || bail_out "no kernel headers for $1"
	cp "$1"/* tests/module/counters.h "$2"
	make -s -C "$headers" M="$2" CC="${CC:-gcc}" modules >"$2/log" 2>&1 || {
		sed 's/^/# /' "$2/log"
		bail_out "the module in $1 does not build"
	}
	strip --strip-debug "$2"/*.ko
}

# write_hello FOLDER GREETING: write the source of a module, hello.c, that prints a greeting.
write_hello() {
	printf '#define GREETING "%s"\n' "$2" >"$1/greeting.h"
	cat >"$1/hello.c" <<'END'
#include <linux/module.h>
#include "greeting.h"

static int __init hello_init(void)
{
	pr_info(GREETING "\n");
	return 0;
}
module_init(hello_init);

static void __exit hello_exit(void)
{
}
module_exit(hello_exit);
MODULE_DESCRIPTION("test");
MODULE_LICENSE("GPL");
END
}

# unshare_test OPTIONS: restart the test as root in new namespaces (see unshare(1)), or skip it.
unshare_test() {
	[ -z "${KMEMLAB_TEST_UNSHARED-}" ] || return 0
	unshare "$@" true 2>/dev/null || skip_all "unshare $* does not work here"
	KMEMLAB_TEST_UNSHARED=$scratch exec unshare "$@" "$0"
}

# QEMU's working directory is the run's temporary folder.
no_process_left() {
	for cwd in /proc/[0-9]*/cwd; do
		case "$(readlink "$cwd" 2>/dev/null)" in
		"$TMPDIR"/kmemlab-*)
			echo "process left: $cwd"
			return 1 ;;
		esac
	done
}

nothing_left() {
	is "$(ls -A "$TMPDIR")" "" && no_process_left
}
