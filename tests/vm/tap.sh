# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by the tests here: TAP, kmemlab's path, and what a run must not leave behind.

kmemlab=${KMEMLAB:-$(dirname "$0")/../../build/kmemlab}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/tmp"
export TMPDIR="$scratch/tmp"
count=0

# ok NAME COMMAND...: passes if the command does
ok() {
	name=$1
	shift
	count=$((count + 1))
	if "$@"; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# out: /' "$scratch/out" 2>/dev/null
		sed 's/^/# err: /' "$scratch/err" 2>/dev/null
	fi
}

# Runs kmemlab with its output in $scratch/out and $scratch/err, its exit status in $status.
run() {
	status=0
	"$kmemlab" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
}

is() {
	[ "$1" = "$2" ] || { echo "# \"$1\" is not \"$2\""; false; }
}

out_has() {
	grep -q -e "$1" "$scratch/out"
}

err_has() {
	grep -q -e "$1" "$scratch/err"
}

# QEMU carries this run's directory as its working directory.
no_process_left() {
	for cwd in /proc/[0-9]*/cwd; do
		case "$(readlink "$cwd" 2>/dev/null)" in
		"$TMPDIR"/kmemlab-*)
			echo "# left: $cwd"
			return 1 ;;
		esac
	done
}

nothing_left() {
	is "$(ls -A "$TMPDIR")" "" && no_process_left
}

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

finish() {
	echo "1..$count"
}
