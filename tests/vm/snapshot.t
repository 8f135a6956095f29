#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Snapshots: equal results as after a boot, recreation of damaged ones, isolated experiments,
# and eviction.
. tests/kmemlab.sh
results=$(dirname "$0")/../results.pl

warm=${XDG_CACHE_HOME:-$HOME/.cache}/kmemlab
"$kmemlab" kernel fetch >/dev/null 2>&1
mkdir -p "$scratch/cache/kmemlab"
for part in kernels modules images; do
	cp -al "$warm/$part" "$scratch/cache/kmemlab/" 2>/dev/null ||
		cp -a "$warm/$part" "$scratch/cache/kmemlab/" 2>/dev/null
done
export XDG_CACHE_HOME="$scratch/cache"
states=$scratch/cache/kmemlab/states

# Print the results, without dates and durations.
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
ok "run --boot exits with status 0" is "$status" 0
ok "run --boot saves no snapshot" [ ! -e "$states" ]
measure made
ok "run saves a snapshot" [ -s "$(echo "$states"/*/state)" ]
measure restored
for name in made restored; do
	ok "snapshot $name: the results equal those of a boot" is "$(figures "$scratch/$name.json")" \
		"$(figures "$scratch/booted.json")"
done
state=$(echo "$states"/*/state)
inode=$(stat -c %i "$state")
measure reused
ok "run uses the same snapshot again" is "$(stat -c %i "$state")" "$inode"

damage() {
	measure "$1"
	what=$1
	ok "snapshot with $what: the results equal those of a boot" is "$(figures "$scratch/$what.json")" \
		"$(figures "$scratch/booted.json")"
	ok "snapshot with $what: --verbose reports the problem" err_has "$2"
	ok "snapshot with $what: the snapshot is created again" [ "$(stat -c %s "$state")" -gt 10000000 ]
}

printf x | dd of="$state" bs=1 seek=5000000 conv=notrunc 2>/dev/null
damage "a wrong byte" "damaged snapshot"
truncate -s 1000000 "$state"
damage "a truncated state" "damaged snapshot"
# An intact state that QEMU cannot load
head -c 65536 /dev/zero >"$state"
perl -e 'use integer;
	sub add { my ($h, $v) = @_; ($h ^ $v) * 0x9e3779b97f4a7c15 + ($h >> 32 & 0xffffffff) }
	my ($start, @lanes) = (0xcbf29ce484222325);
	for my $i (0 .. 3) {
		$lanes[$i] = $start + $i;
		$lanes[$i] = add($lanes[$i], 0) for 1 .. 2048;
	}
	my $h = $start;
	$h = add($h, $_) for @lanes, 65536;
	printf "%064d %016x 65536\n", 0, $h' >"$state.hash"
damage "an invalid state" "cannot start from the snapshot"
rm -f "$state.hash"
damage "a missing check" "damaged snapshot"

truncate -s 1000000 "$state"
run run --facility kmalloc,page --objects 500 --json "$scratch/silent.json"
ok "run without --verbose does not report a damaged snapshot" is "$status $(grep -c damaged "$scratch/err")" "0 0"
ok "run with a damaged snapshot gives the same results as a boot" is "$(figures "$scratch/silent.json")" \
	"$(figures "$scratch/booted.json")"

# The kernel and the module in the cache: a wrong byte, with the file's time unchanged.
verified() {
	perl "$results" "$scratch/restored.json" "runs/0/environment/verified/$1_sha256" | tr -d '"'
}
# Modules that were built for several keys can be equal.
for part in kernel:images:vmlinux module:modules:kernel_memory.ko; do
	input=${part%%:*}
	folder=${part#*:}
	file=${folder#*:}
	find "$scratch/cache/kmemlab/${folder%:*}" -name "$file" -exec sha256sum {} + |
		sed -n "s/^$(verified "$input")  //p" >"$scratch/files"
	ok "run records the SHA-256 of the $input" [ -s "$scratch/files" ]
	while read -r path; do
		cp -p "$path" "$path.new"
		printf x | dd of="$path.new" bs=1 seek=5001 conv=notrunc 2>/dev/null
		touch -r "$path" "$path.new"
		mv "$path.new" "$path"
	done <"$scratch/files"
	measure "damaged-$input" --boot
	ok "damaged $input: the results equal those of a boot" is \
		"$(figures "$scratch/damaged-$input.json")" "$(figures "$scratch/booted.json")"
	ok "damaged $input: --verbose reports the problem" \
		err_has "/$file' is damaged and is made again"
done

# Another version of QEMU creates another snapshot.
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
ok "another QEMU version creates its own snapshot" is "$(ls "$states" | wc -l)" 2
ok "another QEMU version gives the same results" is "$(perl "$results" "$scratch/other.json" runs/0/results)" \
	"$(perl "$results" "$scratch/booted.json" runs/0/results)"
ok "another QEMU version keeps the existing snapshot" is "$(stat -c %i "$state")" "$inode"

# With --isolate, the results do not depend on the order of the experiments.
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
	ok "run --isolate of plan $plan exits with status 0" is "$status" 0
	for i in 0 1 2 3; do perl "$results" "$scratch/$plan.json" "runs/0/results/$i"; done | sort \
		>"$scratch/$plan.sorted"
done
ok "run --isolate writes one record per experiment" is "$(wc -l <"$scratch/plan.sorted")" 4
ok "run --isolate gives the same results in a random order" cmp -s "$scratch/plan.sorted" "$scratch/shuffled.sorted"
ok "run --isolate gives the same results in the reverse order" cmp -s "$scratch/plan.sorted" "$scratch/reversed.sorted"

# All snapshots together are limited to 1 GiB.
mkdir "$states/old"
fallocate -l 1G "$states/old/state" && touch -d 2001-01-01 "$states/old"
rm -rf "$(dirname "$state")"
measure full
ok "run evicts the least recently used snapshot" [ ! -e "$states/old" ]
ok "run keeps the new snapshot" [ -s "$state" ]

# Boot if no snapshot can be stored.
rm -rf "$states"
: >"$states"
measure nowhere
ok "run without space for snapshots gives the same results as a boot" is "$(figures "$scratch/nowhere.json")" \
	"$(figures "$scratch/booted.json")"
run run --facility kmalloc --boot --timeout 1
ok "run --boot --timeout exits with status 124" is "$status" 124
rm -f "$states"
run run --facility kmalloc --timeout 1
ok "run --timeout exits with status 124 while it saves a snapshot" is "$status" 124
ok "run --timeout leaves no partial snapshot" is "$(ls -A "$states" "$scratch/cache/kmemlab/partial" 2>/dev/null |
	grep -v :)" ""
ok "run leaves no files or processes" nothing_left
done_testing
