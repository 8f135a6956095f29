#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A mirror made here, with a kernel that nobody could boot, and all that can be wrong with it.
if [ -z "${KMEMLAB_TEST_UNSHARED-}" ]; then
	[ "$(id -u)" = 0 ] && how=-mn || how=-rmn
	unshare $how true 2>/dev/null || { echo "1..0 # SKIP no namespaces here"; exit 0; }
	KMEMLAB_TEST_UNSHARED=1 exec unshare $how "$0"
fi
. "$(dirname "$0")/../vm/tap.sh"

release=6.1.0-99-amd64
image=pool/linux-image-${release}_6.1.999-1_amd64.deb
mirror=$scratch/mirror
# Its agent's socket must have a short name.
GNUPGHOME=$scratch/gnupg
XDG_CACHE_HOME=$scratch/cache
cached=$XDG_CACHE_HOME/kmemlab
downloads=$cached/downloads/$release
unset KMEMLAB_MIRROR
APT_CONFIG=$scratch/apt.conf	# the host's own settings might allow what is tried here
export GNUPGHOME XDG_CACHE_HOME APT_CONFIG
trap 'gpgconf --kill all; kill $server; umount /usr/share/keyrings; rm -rf "$scratch"' EXIT

# begin_suite DISTRIBUTION NAME: what is made and signed from now on is of it
begin_suite() {
	origin=$1 suite=$2
	lists=$mirror/dists/$suite/main/binary-amd64
	mkdir -p "$mirror/pool" "$lists"
}

# make_package NAME ARCHITECTURE DEPENDS FILE...: with what its standard input says in the files
make_package() {
	package=$1 root=$scratch/$1 depends=$3
	mkdir -p "$root/DEBIAN"
	printf 'Package: %s\nVersion: 6.1.999-1\nArchitecture: %s\nDepends: %s\nMaintainer: %s\nDescription: -\n' \
		"$package" "$2" "$depends" "me <me@here.invalid>" >"$root/DEBIAN/control"
	deb=pool/${package}_6.1.999-1_$2.deb
	shift 3
	for file; do
		mkdir -p "$root/$(dirname "$file")"
		cat >"$root/$file"
	done
	dpkg-deb -Znone --root-owner-group -b "$root" "$mirror/$deb" >/dev/null
	{
		cat "$root/DEBIAN/control"
		printf 'Filename: %s\nSize: %s\nSHA256: %s\n\n' "$deb" "$(stat -c %s "$mirror/$deb")" \
			"$(sha256sum "$mirror/$deb" | cut -d' ' -f1)"
	} >>"$lists/Packages"
}

# sign DATE: the lists as they are now, good until then
sign() {
	{
		printf 'Origin: %s\nSuite: %s\nCodename: %s\nDate: %s\n' $origin $suite $suite \
			"$(date -Ru -d 2026-01-01)"
		printf 'Valid-Until: %s\nArchitectures: amd64\nComponents: main\nSHA256:\n %s %s %s\n' \
			"$(date -Ru -d "$1")" "$(sha256sum "$lists/Packages" | cut -d' ' -f1)" \
			"$(stat -c %s "$lists/Packages")" main/binary-amd64/Packages
	} | gpg -q --batch --yes --clearsign -o "$mirror/dists/$suite/InRelease"
}

fetch() {
	run kernel fetch bookworm "$@"
}

one_line() {
	grep -q "^kmemlab: .*$1" "$scratch/err" && is "$(grep -c '^kmemlab: ' "$scratch/err")" 1
}

nothing_cached() {
	is "$(cat "$cached"/kernels/*/note "$cached"/partial/*/note 2>/dev/null)" ""
}

cat >"$APT_CONFIG" <<-'END'
	Dir::Etc { Main "/dev/null"; Parts "/dev/null"; SourceList "/dev/null"; SourceParts "/dev/null"; };
END
mkdir -m 700 "$GNUPGHOME"
gpg -q --batch --passphrase '' --quick-generate-key me@here.invalid rsa2048 sign never 2>/dev/null
mount -t tmpfs none /usr/share/keyrings || skip_all "no key of our own can be put in place"
for name in debian ubuntu; do
	gpg -q --export >/usr/share/keyrings/$name-archive-keyring.gpg
done
begin_suite Debian bookworm
make_package linux-image-amd64 amd64 "linux-image-$release (= 6.1.999-1)"
head -c 12000000 /dev/urandom | make_package linux-image-$release amd64 kmod boot/vmlinuz-$release
make_package linux-headers-$release amd64 "linux-headers-6.1.0-99-common, linux-kbuild-6.1" \
	usr/src/linux-headers-$release/Makefile <<-'END'
	include /usr/src/linux-headers-6.1.0-99-common/Makefile
END
make_package linux-headers-6.1.0-99-common all libc6
make_package linux-kbuild-6.1 amd64 libc6

busybox ip link set lo up
perl "$(dirname "$0")/mirror.pl" "$mirror" 8000 "$scratch/served" &
server=$!
sign "2 days ago"
export KMEMLAB_MIRROR=http://127.0.0.1:8000

fetch
ok "lists that have expired: 125" is "$status" 125
ok "says so, and what would take them" one_line 'have expired on this mirror: --allow-expired'
fetch --allow-expired
ok "taken when asked to: 0" is "$status" 0
ok "it is cached" grep -q '^version 6.1.999-1' "$cached/kernels/$release/note"
ok "its Makefile holds where it lies now" grep -q 'kmemlab_headers)/linux-headers-6' \
	"$cached/kernels/$release/usr/src/linux-headers-$release/Makefile"
ok "the archives are gone" is "$(ls "$cached/downloads")" ""
unpacked=$cached/vmlinux/$(sha256sum "$cached/kernels/$release/boot/vmlinuz-$release" | cut -c1-16)
mkdir "$cached/vmlinux"
touch "$unpacked" "$unpacked.sha256"
run kernel remove --arch arm64 $release
ok "of another architecture there is none: 2" is "$status" 2
ok "and nothing was removed" [ -e "$cached/kernels/$release/note" ]
run kernel remove --arch sparc $release
ok "an architecture that is not known is no reason to remove" one_line 'these can be had: amd64, '
run kernel remove $release
ok "removed" nothing_cached
ok "and what was unpacked of it" is "$(ls "$cached/vmlinux")" ""

sign "2 days"
run kernel fetch 6.1.0-98
ok "a version in no suite: 2" is "$status" 2
ok "the nearest that are" one_line "nearest that are: 6.1, $release\$"
run kernel fetch 6.1,6.1.0-98
ok "one of two in no suite: 2" is "$status" 2
ok "it is named, the other one printed" is "$(cat "$scratch/out"):$(
	grep -c 'kernel 6.1.0-98 is in no suite' "$scratch/err")" "$release:1"

rm -rf "$cached"
"$kmemlab" kernel fetch bookworm >/dev/null 2>"$scratch/first" &
first=$!
fetch
wait $first
ok "two at once: 0 and 0" is "$? $status" "0 0"
ok "fetched once" is "$(cat "$scratch/first" "$scratch/err" | grep -c '^downloading')" 1
ok "the other one waited" is "$(cat "$scratch/first" "$scratch/err" | grep -c '^waiting')" 1
rm -rf "$cached"

mkdir -p "$downloads"
head -c 1000000 "$mirror/$image" >"$downloads/${image#pool/}"
fetch
ok "half of it was there: 0" is "$status" 0
ok "what came is right" cmp "$scratch/linux-image-$release/boot/vmlinuz-$release" \
	"$cached/kernels/$release/boot/vmlinuz-$release"
ok "only the other part was fetched" grep -qx "$image 1000000" "$scratch/served"
rm -rf "$cached"

printf x | dd of="$mirror/pool/linux-kbuild-6.1_6.1.999-1_amd64.deb" bs=1 seek=100 conv=notrunc 2>/dev/null
fetch
ok "a damaged package: 125" is "$status" 125
ok "says which" one_line 'linux-kbuild-6.1'
ok "nothing is cached" nothing_cached

mkdir -p "$XDG_CACHE_HOME"
mount -t tmpfs -o size=10m none "$XDG_CACHE_HOME"
fetch
ok "a cache that is too small: 125" is "$status" 125
ok "says so" one_line '12.1 MB are to be downloaded, and .* has [0-9.]* MB free'
ok "nothing is cached" nothing_cached
mount -o remount,ro "$XDG_CACHE_HOME"
fetch
ok "a read-only cache: 125" is "$status" 125
ok "says so" one_line 'cannot write to the cache .*Read-only file system'
umount "$XDG_CACHE_HOME"

rm -rf "$cached"
sed -i 's/me@here/xy@here/' "$lists/Packages"
fetch
ok "lists that don't fit each other: 125" is "$status" 125
ok "says so" one_line 'the mirror of bookworm is just being updated'
gpg -q --batch --passphrase '' --quick-generate-key you@here.invalid rsa2048 sign never 2>/dev/null
gpg -q --batch --yes -u you@here.invalid --clearsign -o "$mirror/dists/bookworm/InRelease" \
	"$lists/Packages"
fetch
ok "signed by somebody else: 125" is "$status" 125
ok "nothing is cached" nothing_cached
run kernel fetch trixie
ok "a suite that the mirror has not: 125" is "$status" 125
ok "says so" one_line 'no package lists of trixie'
KMEMLAB_MIRROR=here fetch
ok "a mirror that is no address: 2" is "$status" 2
ok "says what one is" one_line 'KMEMLAB_MIRROR is "here": an address like http://'
unset KMEMLAB_MIRROR
fetch
ok "a system that isn't Debian: 125" is "$status" 125
ok "is told so" one_line "knows no mirror of Debian's archive, .*: set KMEMLAB_MIRROR to one"

begin_suite Ubuntu noble
: >"$lists/Packages"
sign "2 days"
begin_suite Ubuntu noble-updates
make_package linux-image-generic amd64 "linux-image-6.8.0-99-generic, linux-firmware"
echo kernel | make_package linux-image-6.8.0-99-generic amd64 linux-modules-6.8.0-99-generic \
	boot/vmlinuz-6.8.0-99-generic
echo all: | make_package linux-headers-6.8.0-99-generic amd64 "linux-headers-6.8.0-99, libc6" \
	usr/src/linux-headers-6.8.0-99-generic/Makefile
make_package linux-headers-6.8.0-99 all libc6
sign "2 days"
run kernel fetch noble
ok "another distribution's kernel: 2" is "$status" 2
printf 'ID=ubuntu\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\n' >"$scratch/os-release"
mount --bind "$scratch/os-release" /etc/os-release
printf 'deb http://127.0.0.1:8000 %s main\n' noble noble-updates >"$scratch/sources.list"
sed -i 's|SourceList "/dev/null"|SourceList "'"$scratch"'/sources.list"|' "$APT_CONFIG"
run kernel fetch
ok "on a host of that distribution it is the default: 0" is "$status" 0
ok "from its own mirror, where updates are" out_has '^6.8.0-99-generic$'
run kernel list
ok "cached as its own" out_has '^6.8.0-99-generic  *noble  *6.1.999-1'
run kernel headers 6.8.0-99
ok "found by its version" out_has 'linux-headers-6.8.0-99-generic$'
run kernel fetch --arch arm64
ok "another architecture's cannot be had: 4" is "$status" 4
ok "says what can" one_line "take Debian's, as --kernel bookworm"
fetch
ok "Debian's need a mirror: 125" is "$status" 125
ok "is told so" one_line 'set KMEMLAB_MIRROR to one'

begin_suite Ubuntu newest
cp "$mirror/dists/noble-updates/main/binary-amd64/Packages" "$lists"
sign "2 days"
rm -rf "$cached"
printf 'ID=ubuntu\nVERSION_CODENAME=newest\n' >"$scratch/os-release"
echo "deb http://127.0.0.1:8000 newest main" >"$scratch/sources.list"
run kernel fetch
ok "a suite of it that nobody knew: 0" is "$status" 0
run kernel list
ok "is the default" out_has '^6.8.0-99-generic  *newest '
ok "is among what can be had" out_has 'sid, noble (6.8), newest$'
finish
