#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Workloads, GFP profiles and conditions of memory, as one program asks for them.
build=${BUILD:-build}
exec "${KMEMLAB:-build/kmemlab}" shell ${KMEMLAB_TEST_KERNEL:+--kernel "$KMEMLAB_TEST_KERNEL" --memory 1024} --add tests/guest/tap.sh \
	--add "$build/tests/workloads_test" <<'GUEST'
. /tap.sh
tests_of() {
	"$@" >/tmp/tap; status=$?
	grep '^not ok' /tmp/tap
	return $status
}
insmod /kernel_memory.ko nr_structs=0
ok "each workload, with what it takes and refuses" tests_of /workloads_test
sed 's/^/# /' /tmp/tap
ok "rmmod" rmmod kernel_memory
insmod /kernel_memory.ko nr_structs=0 throwaway=1
ok "what only a machine that is thrown away may do" tests_of /workloads_test throwaway
sed 's/^/# /' /tmp/tap
ok "rmmod again" rmmod kernel_memory
done_testing
GUEST
cat > tests/vm/repeat_workloads.t <<'E'
#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every workload that one CPU can do, in two boots: the same to the last digit.
set -u
KMEMLAB=${KMEMLAB:-build/kmemlab}
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
workloads=pair,batch,batch_lifo,batch_random,batch_rcu,bulk_1,bulk_16,bulk_128,churn,cold

echo 1..4
tests=0
ok() {
	tests=$((tests + 1))
	if "${@:2}"; then echo "ok $tests - $1"; else echo "not ok $tests - $1"; fi
}

run() {
	"$KMEMLAB" run --facility page,page_packed,kmalloc --workload $workloads --objects 300 \
		--repeats 2 --condition fresh,fragmented:4 --json "$scratch/$1.json" --quiet >/dev/null
}
results() { perl tests/results.pl "$scratch/$1.json" runs/0/results; }

ok "a first run" run a
ok "a second one" run b
ok "their results are the same" [ "$(results a)" = "$(results b)" ]

# Another seed: only what is drawn by lot may change, and churn does.
"$KMEMLAB" run --facility kmalloc --workload churn --objects 300 --seed 2 --json "$scratch/c.json" \
	--quiet >/dev/null
"$KMEMLAB" run --facility kmalloc --workload churn --objects 300 --json "$scratch/d.json" \
	--quiet >/dev/null
cost() { perl tests/results.pl "$scratch/$1.json" runs/0/results/0/free; }
ok "another seed draws other lots" [ "$(cost c)" != "$(cost d)" ]
