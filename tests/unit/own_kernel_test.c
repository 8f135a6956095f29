// SPDX-License-Identifier: GPL-2.0-or-later
/* Kernels of the user's own: build trees and images, made here of what is looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/files.h"
#include "base/memory.h"
#include "vm/own_kernel.h"

#define TEXT_AT		0x300
#define RELEASE		"6.1.192"

static char directory[] = "/tmp/kmemlab-own-XXXXXX";

static void write_file(const char *name, const void *data, size_t size)
{
	cleanup_free char *path = xasprintf("%s/%s", directory, name);
	cleanup_free char *parent = xstrdup(path);

	*strrchr(parent, '/') = '\0';
	assert_int_equal(directory_make(parent), 0);
	assert_int_equal(file_write(path, data, size), 0);
}

static void write_text(const char *name, const char *text)
{
	write_file(name, text, strlen(text));
}

static int remove_in(const char *name)
{
	cleanup_free char *path = xasprintf("%s/%s", directory, name);

	return remove(path);
}

/* The setup part of a bzImage whose kernel says this of itself. */
static void make_image(unsigned char image[0x400], const char *version)
{
	memset(image, 0, 0x400);
	memcpy(image + 0x202, "HdrS", 4);
	image[0x20e] = (TEXT_AT - 0x200) & 0xff;
	image[0x20f] = (TEXT_AT - 0x200) >> 8;
	memcpy(image + TEXT_AT, version, strlen(version) + 1);
}

static void write_image(const char *name, const char *version)
{
	unsigned char image[0x400];

	make_image(image, version);
	write_file(name, image, sizeof(image));
}

static int set_up(void **state)
{
	(void)state;
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	assert_non_null(mkdtemp(directory));
	write_text(".config", "#\nCONFIG_X86_64=y\nCONFIG_MODULES=y\nCONFIG_PVH=y\n");
	write_text("include/generated/utsrelease.h", "#define UTS_RELEASE \"" RELEASE "\"\n");
	write_text("Module.symvers", "0x1 kfree vmlinux EXPORT_SYMBOL\n");
	write_image("arch/x86/boot/bzImage", RELEASE " (me@here) #1 SMP Mon");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return directory_remove(directory);
}

/* Opens it; where that fails, with which code and words. Returns the kernel's version. */
static char *open_as(const char *path, const char *headers, const char *arch, int code,
		     const char *words)
{
	struct failure failure = { 0 };
	struct kernel kernel = { 0 };
	int error = own_kernel_open(path, headers, arch_find(arch), &kernel, &failure);
	char *version = kernel.package_version ? xstrdup(kernel.package_version) : NULL;

	assert_int_equal(error ? failure.code : 0, code);
	if (words)
		assert_non_null(strstr(failure.message, words));
	failure_release(&failure);
	kernel_release(&kernel);
	return version;
}

static void assert_opens(const char *path, const char *headers, const char *arch, int code,
			 const char *words)
{
	free(open_as(path, headers, arch, code, words));
}

static void test_release(void **state)
{
	unsigned char image[0x400];
	char *release;

	(void)state;
	make_image(image, "6.1.0-56-amd64 (someone@somewhere) #1 SMP");
	release = own_kernel_release_of(image, sizeof(image));
	assert_string_equal(release, "6.1.0-56-amd64");
	free(release);
	/* Cut off before, within and behind its text; and a text that lies outside. */
	assert_null(own_kernel_release_of(image, 0));
	assert_null(own_kernel_release_of(image, 0x20f));
	assert_null(own_kernel_release_of(image, TEXT_AT));
	assert_null(own_kernel_release_of(image, TEXT_AT + 5));
	image[0x20f] = 0xff;
	assert_null(own_kernel_release_of(image, sizeof(image)));
	image[0x202] = 'x';
	assert_null(own_kernel_release_of(image, sizeof(image)));
	/* An image that is not compressed. */
	strcpy((char *)image + TEXT_AT, "...Linux version 6.1.0-56-arm64 (someone@somewhere)");
	release = own_kernel_release_of(image, sizeof(image));
	assert_string_equal(release, "6.1.0-56-arm64");
	free(release);
	assert_null(own_kernel_release_of(image, TEXT_AT + 10));
	assert_null(own_kernel_release_of(image, TEXT_AT + 20));
}

static void test_tree(void **state)
{
	cleanup_free char *before = open_as(directory, NULL, "amd64", 0, NULL);
	cleanup_free char *after = NULL;

	(void)state;
	write_text("Module.symvers", "0x2 kfree vmlinux EXPORT_SYMBOL\n");
	after = open_as(directory, NULL, "amd64", 0, NULL);
	assert_string_not_equal(before, after);
	assert_opens(directory, directory, "amd64", EXIT_USAGE, "has its own");
	assert_opens(directory, NULL, "arm64", EXIT_USAGE, "is configured for no arm64 machine");
}

static void test_image(void **state)
{
	cleanup_free char *image = xasprintf("%s/arch/x86/boot/bzImage", directory);

	(void)state;
	assert_opens(image, directory, "amd64", 0, NULL);
	assert_opens(image, NULL, "amd64", EXIT_USAGE, "an image and its --headers");
	assert_opens(image, "/nowhere", "amd64", EXIT_USAGE, "/nowhere is no kernel's build tree");
	write_text("include/generated/compile.h", "#define UTS_VERSION \"#1 SMP Mon\"\n");
	assert_opens(image, directory, "amd64", 0, NULL);
	write_text("include/generated/utsversion.h", "#define UTS_VERSION \"#2 SMP Mon\"\n");
	assert_opens(image, directory, "amd64", EXIT_USAGE, "of another build (#2 SMP Mon) than");
	write_image("arch/x86/boot/bzImage", RELEASE " (me@here) #2 SMP Mon");
	assert_opens(image, directory, "amd64", 0, NULL);
	write_image("arch/x86/boot/bzImage", "6.1.0-56-amd64 (me@here)");
	assert_opens(image, directory, "amd64", EXIT_USAGE, "is kernel 6.1.0-56-amd64");
	write_text("arch/x86/boot/bzImage", "ARM's");
	assert_opens(image, directory, "amd64", EXIT_USAGE, "is no bzImage");
	assert_opens("/nowhere", directory, "amd64", EXIT_USAGE, "/nowhere");
}

/* From 6.1 on an arm64 image has a second text, before its own: without number and date. */
static void test_banners(void **state)
{
	static const char image[] =
		"MZ\0Linux version " RELEASE " (me@here) # SMP\n\0"
		"..\0Linux version " RELEASE " (me@here) #7 SMP Tue\n";

	(void)state;
	write_text(".config", "#\nCONFIG_ARM64=y\nCONFIG_MODULES=y\n");
	assert_int_equal(remove_in("arch/x86/boot/bzImage"), 0);
	write_file("arch/arm64/boot/Image", image, sizeof(image));
	assert_opens(directory, NULL, "arm64", 0, NULL);
	write_text("include/generated/utsversion.h", "#define UTS_VERSION \"#7 SMP Tue\"\n");
	assert_opens(directory, NULL, "arm64", 0, NULL);
	write_text("include/generated/utsversion.h", "#define UTS_VERSION \"#8 SMP Tue\"\n");
	assert_opens(directory, NULL, "arm64", EXIT_USAGE, "(" RELEASE " (me@here) #7 SMP Tue)");
}

static void test_config(void **state)
{
	(void)state;
	write_text(".config", "#\nCONFIG_X86_64=y\n# CONFIG_MODULES is not set\n");
	assert_opens(directory, NULL, "amd64", EXIT_SKIP, "no module support");
	write_text(".config", "#\nCONFIG_ARM=y\nCONFIG_ARM_LPAE=y\nCONFIG_MODULES=y\n");
	assert_opens(directory, NULL, "armhf", EXIT_USAGE, "no armhf machine");
	assert_opens(directory, NULL, "armhf-lpae", 0, NULL);
}

static void test_half_built(void **state)
{
	static const char *const parts[] = { "Module.symvers", "arch/x86/boot/bzImage",
					     "include/generated/utsrelease.h", ".config" };
	static const char *const words[] = { "has no Module.symvers: build it whole",
					     "no kernel image in",
					     "it has no include/generated/utsrelease.h",
					     "it has no .config" };

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		assert_int_equal(remove_in(parts[i]), 0);
		assert_opens(directory, NULL, "amd64", EXIT_USAGE, words[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_release),
		cmocka_unit_test_setup_teardown(test_tree, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_image, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_banners, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_config, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_half_built, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("own_kernel", tests, NULL, NULL);
}
