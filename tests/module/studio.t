#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the module's first users know, in one boot.
exec "${KMEMLAB:-build/kmemlab}" shell --add tests/guest/tap.sh --add tests/guest/slope.sh \
	--add tests/guest/studio.sh -c '. /tap.sh; . /studio.sh; done_testing'
