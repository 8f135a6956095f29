// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "vm/apt.h"
#include "vm/kernels.h"

#define KEYRING "/usr/share/keyrings/debian-archive-keyring.gpg"

static const char names[] =
	"linux-image-6.1.0-9-amd64\nlinux-image-6.1.0-56-amd64\nlinux-image-6.1.0-57-rt-amd64\n"
	"linux-image-6.1.0-58-cloud-amd64\nlinux-image-6.1.0-59-amd64-unsigned\n"
	"linux-image-6.1.0-60-amd64-dbg\nlinux-image-amd64\nlinux-image-6.10.11-amd64\n";

static void assert_newest(const char *wanted, const char *expected)
{
	char *newest = kernel_newest(names, wanted, suite_find("bookworm"), arch_find("amd64"));

	if (expected)
		assert_string_equal(newest, expected);
	else
		assert_null(newest);
	free(newest);
}

static void test_newest_release(void **state)
{
	(void)state;
	assert_newest("6.1", "6.1.0-56-amd64");
	assert_newest("6.1.0-9", "6.1.0-9-amd64");
	assert_newest("6.1.0-56-amd64", "6.1.0-56-amd64");
	assert_newest("6.10", "6.10.11-amd64");
	assert_newest("6.1.0-5", NULL);
	assert_newest("6.1.0-57", NULL);
	assert_newest("6", NULL);
	assert_newest("7.2", NULL);
}

static void assert_neighbours(const char *wanted, const char *arch, const char *expected)
{
	char *found = kernel_neighbours(names, wanted, suite_find("bookworm"), arch_find(arch));

	assert_string_equal(found, expected);
	free(found);
}

static void test_nearest_releases(void **state)
{
	(void)state;
	assert_neighbours("6.6", "amd64", "6.1.0-56-amd64, 6.10.11-amd64");
	assert_neighbours("6.1.0-12", "amd64", "6.1.0-9-amd64, 6.1.0-56-amd64");
	assert_neighbours("4.19", "amd64", "5.10");
	assert_neighbours("9.9", "amd64", "6.12");
	assert_neighbours("6.1", "arm64-16k", "6.12");
}

static void test_release_matches(void **state)
{
	const struct arch *amd64 = arch_find("amd64");
	const struct suite *bookworm = suite_find("bookworm");

	(void)state;
	assert_true(kernel_matches("6.1.0-56-amd64", bookworm, "6.1", amd64));
	assert_true(kernel_matches("6.1.0-56-amd64", bookworm, "bookworm", amd64));
	assert_false(kernel_matches("6.1.0-56-amd64", bookworm, "trixie", amd64));
	assert_false(kernel_matches("6.12.48+deb13-amd64", suite_find("trixie"), "6.1", amd64));
	assert_true(kernel_matches("6.12.48+deb13-amd64", suite_find("trixie"), "6.12.48+deb13", amd64));
}

static void assert_dependency(const char *show, const char *prefix, const char *suffix,
			      const char *expected)
{
	char *found = kernel_dependency(show, prefix, suffix);

	if (expected)
		assert_string_equal(found, expected);
	else
		assert_null(found);
	free(found);
}

static void test_package_dependency(void **state)
{
	static const char show[] =
		"Package: linux-headers-6.1.0-56-amd64\nVersion: 6.1.192-2\nPre-Depends: linux-base-x\n"
		"Depends: linux-headers-6.1.0-56-common (= 6.1.192-2), linux-kbuild-6.1 (>= 6.1.192-2), "
		"kmod | linux-compiler-gcc-12-x86\nDescription: linux-image-in-words, linux-image-x\n";

	(void)state;
	assert_dependency(show, "linux-headers-", "-common", "linux-headers-6.1.0-56-common");
	assert_dependency(show, "linux-kbuild-", "", "linux-kbuild-6.1");
	assert_dependency(show, "linux-compiler-", "", "linux-compiler-gcc-12-x86");
	assert_dependency(show, "linux-image-", "", NULL);
	assert_dependency(show, "linux-base-", "", NULL);
	assert_dependency("", "linux-image-", "", NULL);
}

static void test_apt_sources(void **state)
{
	static const char targets[] =
		"https://packages.example/apt cloud-bookworm main\n"
		"https://node.example/ nodistro main\n"
		"http://mirror.example/debian/ bookworm main\n"
		"http://mirror.example/debian/ bookworm contrib\n"
		"http://mirror.example/debian/ bookworm-updates main\n"
		"http://mirror.example/debian-security/ bookworm-security main\n";
	char *sources = apt_sources_from_targets(targets, suite_find("trixie"));

	(void)state;
	assert_string_equal(sources,
			    "deb [signed-by=" KEYRING "] http://mirror.example/debian/ trixie main\n"
			    "deb [signed-by=" KEYRING "] http://mirror.example/debian-security/ "
			    "trixie-security main\n");
	free(sources);
	sources = apt_sources_from_targets(targets, suite_find("sid"));
	assert_string_equal(sources,
			    "deb [signed-by=" KEYRING "] http://mirror.example/debian/ sid main\n");
	free(sources);
}

static void test_download_size(void **state)
{
	(void)state;
	assert_int_equal(apt_uri_bytes("'http://m.example/a.deb' a.deb 100 SHA256:00\n"
				       "'http://m.example/b.deb' b.deb 23 SHA256:00\n"), 123);
	assert_int_equal(apt_uri_bytes(""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_newest_release),
		cmocka_unit_test(test_nearest_releases),
		cmocka_unit_test(test_release_matches),
		cmocka_unit_test(test_package_dependency),
		cmocka_unit_test(test_apt_sources),
		cmocka_unit_test(test_download_size),
	};

	return cmocka_run_group_tests_name("kernels", tests, NULL, NULL);
}
