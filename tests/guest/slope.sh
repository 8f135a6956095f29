# SPDX-License-Identifier: GPL-2.0-or-later
# Check that loading and unloading the module loses no memory. Source it after guest.sh.

# A page that each load leaks is missing in free memory, including the per-CPU lists: at
# least one of three series of loads must keep nearly all of it.
cycles=${cycles:-50}
free_pages() {
	awk '/nr_free_pages/ { sum += $2 } /^ *count:/ { sum += $2 } END { print sum }' /proc/zoneinfo
}
keeps_memory() {
	for series in 0 1 2 3; do
		first=$(free_pages)
		for i in $(seq $cycles); do
			insmod /kernel_memory.ko "$@" && rmmod kernel_memory || return 1
		done
		last=$(free_pages)
		echo "free pages: $first before, $last after $cycles cycles"
		# The first series fills caches, so it does not count.
		[ $series = 0 ] || [ $((first - last)) -ge $((cycles / 2)) ] || return 0
	done
	return 1
}
