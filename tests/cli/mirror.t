#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Download a fake kernel from a local mirror, and test what can go wrong with a mirror.
. tests/kmemlab.sh
if [ "$(id -u)" = 0 ]; then unshare_test -mn; else unshare_test -rmn; fi

release=6.1.0-99-amd64
image=pool/linux-image-${release}_6.1.999-1_amd64.deb
mirror=$scratch/mirror
# The path of gpg-agent's socket must be short.
GNUPGHOME=$scratch/gnupg
XDG_CACHE_HOME=$scratch/cache
cached=$XDG_CACHE_HOME/kmemlab
downloads=$cached/downloads/$release
unset KMEMLAB_MIRROR
APT_CONFIG=$scratch/apt.conf	# the host's settings may accept expired lists
export GNUPGHOME XDG_CACHE_HOME APT_CONFIG
trap 'gpgconf --kill all; kill $server; umount /usr/share/keyrings; rm -rf "$scratch"' EXIT

# begin_suite DISTRIBUTION NAME: the following packages and signatures belong to this suite
begin_suite() {
	origin=$1 suite=$2
	lists=$mirror/dists/$suite/main/binary-amd64
	mkdir -p "$mirror/pool" "$lists"
}

# make_package NAME ARCHITECTURE DEPENDS FILE...: with standard input as the contents of each FILE
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

# sign DATE: sign the current lists, valid until DATE
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
mount -t tmpfs none /usr/share/keyrings || skip_all "cannot mount a test keyring"
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
ok "kernel fetch with expired package lists exits with 125" is "$status" 125
ok "kernel fetch with expired package lists suggests --allow-expired" one_line 'have expired: .*(--allow-expired accepts them)'
fetch --allow-expired
ok "kernel fetch --allow-expired accepts expired package lists" is "$status" 0
ok "kernel fetch stores the kernel in the cache" grep -q '^version 6.1.999-1' "$cached/kernels/$release/note"
ok "kernel fetch relocates the Makefile of the headers" grep -q 'kmemlab_headers)/linux-headers-6' \
	"$cached/kernels/$release/usr/src/linux-headers-$release/Makefile"
ok "kernel fetch removes the downloaded packages" is "$(ls "$cached/downloads")" ""
unpacked=$cached/images/$(sha256sum "$cached/kernels/$release/boot/vmlinuz-$release" | cut -c1-16)
mkdir -p "$unpacked"
touch "$unpacked/vmlinux"
run kernel remove --arch arm64 $release
ok "kernel remove --arch with an architecture that is not cached exits with 2" is "$status" 2
ok "kernel remove --arch keeps kernels of other architectures" [ -e "$cached/kernels/$release/note" ]
run kernel remove --arch sparc $release
ok "kernel remove with an unknown architecture lists the known ones" one_line '(known: amd64, '
run kernel remove $release
ok "kernel remove removes the kernel" nothing_cached
ok "kernel remove removes the unpacked vmlinux" is "$(ls "$cached/images")" ""

sign "2 days"
run kernel fetch 6.1.0-98
ok "kernel fetch of a version in no suite exits with 2" is "$status" 2
ok "kernel fetch of a version in no suite suggests similar versions" one_line "(nearest: 6.1, $release)\$"
run kernel fetch 6.1,6.1.0-98
ok "kernel fetch of two versions, one in no suite, exits with 2" is "$status" 2
ok "kernel fetch of two versions prints the one that exists and names the other" is "$(cat "$scratch/out"):$(
	grep -c 'no suite has kernel 6.1.0-98 for amd64' "$scratch/err")" "$release:1"

rm -rf "$cached"
"$kmemlab" kernel fetch bookworm >/dev/null 2>"$scratch/first" &
first=$!
fetch
wait $first
ok "two concurrent kernel fetch commands both succeed" is "$? $status" "0 0"
ok "two concurrent kernel fetch commands download once" is "$(cat "$scratch/first" "$scratch/err" | grep -c '^downloading [0-9]')" 1
ok "the second of two concurrent kernel fetch commands waits" is "$(cat "$scratch/first" "$scratch/err" | grep -c '^waiting')" 1
rm -rf "$cached"

mkdir -p "$downloads"
head -c 1000000 "$mirror/$image" >"$downloads/${image#pool/}"
fetch
ok "kernel fetch resumes a partial download" is "$status" 0
ok "a resumed download has the right contents" cmp "$scratch/linux-image-$release/boot/vmlinuz-$release" \
	"$cached/kernels/$release/boot/vmlinuz-$release"
ok "a resumed download transfers only the missing part" grep -qx "$image 1000000" "$scratch/served"
rm -rf "$cached"

printf x | dd of="$mirror/pool/linux-kbuild-6.1_6.1.999-1_amd64.deb" bs=1 seek=100 conv=notrunc 2>/dev/null
fetch
ok "kernel fetch of a damaged package exits with 125" is "$status" 125
ok "kernel fetch names the damaged package" one_line 'linux-kbuild-6.1'
ok "kernel fetch of a damaged package caches nothing" nothing_cached

mkdir -p "$XDG_CACHE_HOME"
mount -t tmpfs -o size=10m none "$XDG_CACHE_HOME"
fetch
ok "kernel fetch into a cache that is too small exits with 125" is "$status" 125
ok "kernel fetch reports the required and the free space" one_line 'the download needs 12.1 MB, [0-9.]* MB are free'
ok "kernel fetch into a cache that is too small caches nothing" nothing_cached
mount -o remount,ro "$XDG_CACHE_HOME"
fetch
ok "kernel fetch into a read-only cache exits with 125" is "$status" 125
ok "kernel fetch reports a read-only cache" one_line 'cannot write to the cache .*Read-only file system'
umount "$XDG_CACHE_HOME"

rm -rf "$cached"
sed -i 's/me@here/xy@here/' "$lists/Packages"
fetch
ok "kernel fetch with inconsistent package lists exits with 125" is "$status" 125
ok "kernel fetch reports a mirror that is being updated" one_line 'the mirror of bookworm is being updated'
gpg -q --batch --passphrase '' --quick-generate-key you@here.invalid rsa2048 sign never 2>/dev/null
gpg -q --batch --yes -u you@here.invalid --clearsign -o "$mirror/dists/bookworm/InRelease" \
	"$lists/Packages"
fetch
ok "kernel fetch with lists signed by an unknown key exits with 125" is "$status" 125
ok "kernel fetch with lists signed by an unknown key caches nothing" nothing_cached
run kernel fetch trixie
ok "kernel fetch of a suite that the mirror lacks exits with 125" is "$status" 125
ok "kernel fetch names the suite that the mirror lacks" one_line 'cannot download the package lists of trixie'
KMEMLAB_MIRROR=here fetch
ok "an invalid KMEMLAB_MIRROR exits with 2" is "$status" 2
ok "an invalid KMEMLAB_MIRROR is reported with a valid example" one_line 'KMEMLAB_MIRROR must be an address like http://.*, got .here.'
unset KMEMLAB_MIRROR
fetch
ok "kernel fetch on another system without KMEMLAB_MIRROR exits with 125" is "$status" 125
ok "kernel fetch on another system suggests KMEMLAB_MIRROR" one_line "no mirror of Debian's bookworm is configured on this host (set KMEMLAB_MIRROR)"

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
ok "kernel fetch of an Ubuntu suite on another host exits with 2" is "$status" 2
printf 'ID=ubuntu\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\n' >"$scratch/os-release"
mount --bind "$scratch/os-release" /etc/os-release
printf 'deb http://127.0.0.1:8000 %s main\n' noble noble-updates >"$scratch/sources.list"
sed -i 's|SourceList "/dev/null"|SourceList "'"$scratch"'/sources.list"|' "$APT_CONFIG"
run kernel fetch
ok "kernel fetch on an Ubuntu host succeeds" is "$status" 0
ok "kernel fetch on an Ubuntu host downloads the newest kernel from the updates" out_has '^6.8.0-99-generic$'
run kernel list
ok "kernel list on an Ubuntu host shows the suite noble" out_has '^6.8.0-99-generic  *noble  *6.1.999-1'
run kernel headers 6.8.0-99
ok "kernel headers finds an Ubuntu kernel by its version" out_has 'linux-headers-6.8.0-99-generic$'
run kernel fetch --arch arm64
ok "kernel fetch --arch arm64 on an Ubuntu host exits with 4" is "$status" 4
ok "kernel fetch --arch arm64 on an Ubuntu host suggests Debian's kernels" one_line "use Debian's, such as --kernel bookworm"
fetch
ok "kernel fetch of Debian's kernel on an Ubuntu host exits with 125" is "$status" 125
ok "kernel fetch of Debian's kernel on an Ubuntu host suggests KMEMLAB_MIRROR" one_line '(set KMEMLAB_MIRROR)'

begin_suite Ubuntu newest
cp "$mirror/dists/noble-updates/main/binary-amd64/Packages" "$lists"
sign "2 days"
rm -rf "$cached"
printf 'ID=ubuntu\nVERSION_CODENAME=newest\n' >"$scratch/os-release"
echo "deb http://127.0.0.1:8000 newest main" >"$scratch/sources.list"
run kernel fetch
ok "kernel fetch on a host of an unknown Ubuntu suite succeeds" is "$status" 0
run kernel list
ok "an unknown suite of the host is the default" out_has '^6.8.0-99-generic  *newest '
ok "kernel list shows an unknown suite of the host as available" out_has 'sid, noble (6.8), newest$'
done_testing
