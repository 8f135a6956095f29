#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A saved machine gives the figures of a booted one; a damaged one is made anew; the order of
# isolated experiments doesn't matter; what is too much goes.
. "$(dirname "$0")/tap.sh"
results=$(dirname "$0")/../results.pl

warm=${XDG_CACHE_HOME:-$HOME/.cache}/kmemlab
"$kmemlab" kernel fetch >/dev/null 2>&1
mkdir -p "$scratch/cache/kmemlab"
for part in kernels modules vmlinux; do
	cp -al "$warm/$part" "$scratch/cache/kmemlab/" 2>/dev/null ||
		cp -a "$warm/$part" "$scratch/cache/kmemlab/" 2>/dev/null
done
export XDG_CACHE_HOME="$scratch/cache"
states=$scratch/cache/kmemlab/states

# The results, without what says when and how long.
figures() {
	perl "$results" "$1" runs/0/results || echo "$1 has none"
	perl "$results" "$1" runs/0/environment/input_sha256
}

measure() {
	name=$1
	shift
	run run --facility kmalloc,page --objects 500 --verbose --json "$scratch/$name.json" "$@"
}

measure booted --boot
ok "a real boot" is "$status" 0
ok "it saves nothing" [ ! -e "$states" ]
measure made
ok "a machine is saved" [ -s "$(echo "$states"/*/state)" ]
measure restored
for way in made restored; do
	ok "$way: the figures of the booted one" is "$(figures "$scratch/$way.json")" \
		"$(figures "$scratch/booted.json")"
done
state=$(echo "$states"/*/state)
inode=$(stat -c %i "$state")
measure again
ok "it is used again" is "$(stat -c %i "$state")" "$inode"

damage() {
	measure "$1"
	what=$1
	ok "$what: figures all the same" is "$(figures "$scratch/$what.json")" \
		"$(figures "$scratch/booted.json")"
	ok "$what: it is told, to who asks" err_has "$2"
	ok "$what: a new one is there" [ "$(stat -c %s "$state")" -gt 10000000 ]
}

printf x | dd of="$state" bs=1 seek=5000000 conv=notrunc 2>/dev/null
damage "a byte is wrong" "is damaged"
truncate -s 1000000 "$state"
damage "it is cut off" "is damaged"
# Whole, but nothing that this emulator can read.
head -c 65536 /dev/zero >"$state"
perl -e 'use integer; my $h = 0xcbf29ce484222325;
	$h = $h * 0x9e3779b97f4a7c15 + ($h >> 32 & 0xffffffff) for 1 .. 8192;
	printf "65536 %016x\n", $h' >"$(dirname "$state")/check"
damage "it is of no use" "does not start"
rm -f "$(dirname "$state")/check"
damage "its check is missing" "is damaged"

truncate -s 1000000 "$state"
run run --facility kmalloc,page --objects 500 --json "$scratch/silent.json"
ok "nothing is said to who does not ask" is "$status $(grep -c damaged "$scratch/err")" "0 0"
ok "and the figures are the same" is "$(figures "$scratch/silent.json")" \
	"$(figures "$scratch/booted.json")"

# Another emulator makes one of its own, and does not touch this one's.
mkdir "$scratch/bin"
cat >"$scratch/bin/qemu-system-x86_64" <<-END
	#!/bin/sh
	[ "\$1" = --version ] && echo "QEMU emulator version 7.2.99 (another)" && exit
	exec "$(command -v qemu-system-x86_64)" "\$@"
END
chmod +x "$scratch/bin/qemu-system-x86_64"
inode=$(stat -c %i "$state")
path=$PATH
PATH=$scratch/bin:$PATH
measure other
PATH=$path
ok "another QEMU: a machine of its own" is "$(ls "$states" | wc -l)" 2
ok "another QEMU: the same results" is "$(perl "$results" "$scratch/other.json" runs/0/results)" \
	"$(perl "$results" "$scratch/booted.json" runs/0/results)"
ok "this one's stays" is "$(stat -c %i "$state")" "$inode"

# In a machine of its own each experiment reads the same, wherever it stands.
cat >"$scratch/plan" <<-END
	experiment facility=kmalloc workload=batch objects=300 object_size=32
	experiment facility=page workload=pair objects=100 object_size=4096
	experiment facility=kmalloc workload=pair objects=300 object_size=200
	experiment facility=page workload=batch objects=100 object_size=16384
END
shuf --random-source="$scratch/plan" "$scratch/plan" >"$scratch/shuffled"
tac "$scratch/shuffled" >"$scratch/reversed"
for plan in plan shuffled reversed; do
	run run --plan "$scratch/$plan" --isolate --json "$scratch/$plan.json"
	ok "$plan: isolated" is "$status" 0
	for i in 0 1 2 3; do perl "$results" "$scratch/$plan.json" "runs/0/results/$i"; done | sort \
		>"$scratch/$plan.sorted"
done
ok "one record an experiment" is "$(wc -l <"$scratch/plan.sorted")" 4
ok "the order doesn't matter" cmp -s "$scratch/plan.sorted" "$scratch/shuffled.sorted"
ok "nor the other way round" cmp -s "$scratch/plan.sorted" "$scratch/reversed.sorted"

# One gibibyte in all, oldest first.
mkdir "$states/old"
fallocate -l 1G "$states/old/state" && touch -d 2001-01-01 "$states/old"
rm -rf "$(dirname "$state")"
measure full
ok "what was used longest ago goes" [ ! -e "$states/old" ]
ok "the new one stays" [ -s "$state" ]

# Where none can be kept, a run boots.
rm -rf "$states"
: >"$states"
measure nowhere
ok "no room for states: the figures all the same" is "$(figures "$scratch/nowhere.json")" \
	"$(figures "$scratch/booted.json")"
run run --facility kmalloc --boot --timeout 1
ok "--timeout holds" is "$status" 124
rm -f "$states"
run run --facility kmalloc --timeout 1
ok "--timeout holds while one is made" is "$status" 124
ok "nothing half remains" is "$(ls -A "$states" "$scratch/cache/kmemlab/partial" 2>/dev/null |
	grep -v :)" ""
ok "nothing is left" nothing_left
finish
