# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by tests whose machine has a module beside kmemlab's own.

# build_module FOLDER TO: the module in FOLDER for the default kernel, built in the folder TO
build_module() {
	headers=$("$kmemlab" kernel headers) || return 1
	cp "$1"/* "$2"
	make -s -C "$headers" M="$2" CC="${CC:-gcc}" modules >"$2/log" 2>&1 || {
		sed 's/^/# /' "$2/log"
		echo "Bail out! the module of $1 does not build"
		return 1
	}
	strip --strip-debug "$2"/*.ko
}
