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
#include "vm/kernel.h"

#define TEXT_AT		0x300
#define RELEASE		"6.1.192"

static char directory[] = "/tmp/kmemlab-own-XXXXXX";

static void write_file(const char *name, const void *data, size_t size)
{
	cleanup_free char *path = xasprintf("%s/%s", directory, name);
	cleanup_free char *parent = xstrdup(path);

	*strrchr(parent, '/') = '\0';
	assert_int_equal(directory_create(parent), 0);
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

/* Make the setup header of a bzImage with a version text. */
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

/*
 * Open a local kernel and check the exit code and, on failure, a part of the message.
 * Return: the package version, which the caller frees, or NULL.
 */
static char *open_kernel(const char *path, const char *headers, const char *arch, int code,
			 const char *message)
{
	struct error error = { 0 };
	struct kernel kernel = { 0 };
	int err = local_kernel_open(path, headers, arch_find(arch), &kernel, &error);
	char *version = kernel.package_version ? xstrdup(kernel.package_version) : NULL;

	assert_int_equal(err ? error.code : 0, code);
	if (message)
		assert_non_null(strstr(error.message, message));
	error_release(&error);
	kernel_release(&kernel);
	return version;
}

static void assert_opens(const char *path, const char *headers, const char *arch, int code,
			 const char *message)
{
	free(open_kernel(path, headers, arch, code, message));
}

static void test_release(void **state)
{
	unsigned char image[0x400];
	char *release;

	(void)state;
	make_image(image, "6.1.0-56-amd64 (someone@somewhere) #1 SMP");
	release = local_kernel_release(image, sizeof(image));
	assert_string_equal(release, "6.1.0-56-amd64");
	free(release);
	/* Truncated before and within the header and the text, or an offset out of range. */
	assert_null(local_kernel_release(image, 0));
	assert_null(local_kernel_release(image, 0x20f));
	assert_null(local_kernel_release(image, TEXT_AT));
	assert_null(local_kernel_release(image, TEXT_AT + 5));
	image[0x20f] = 0xff;
	assert_null(local_kernel_release(image, sizeof(image)));
	image[0x202] = 'x';
	assert_null(local_kernel_release(image, sizeof(image)));
	/* An uncompressed image */
	strcpy((char *)image + TEXT_AT, "...Linux version 6.1.0-56-arm64 (someone@somewhere)");
	release = local_kernel_release(image, sizeof(image));
	assert_string_equal(release, "6.1.0-56-arm64");
	free(release);
	assert_null(local_kernel_release(image, TEXT_AT + 10));
	assert_null(local_kernel_release(image, TEXT_AT + 20));
}

static void test_build_tree(void **state)
{
	cleanup_free char *before = open_kernel(directory, NULL, "amd64", 0, NULL);
	cleanup_free char *after = NULL;

	(void)state;
	write_text("Module.symvers", "0x2 kfree vmlinux EXPORT_SYMBOL\n");
	after = open_kernel(directory, NULL, "amd64", 0, NULL);
	assert_string_not_equal(before, after);
	assert_opens(directory, directory, "amd64", EXIT_USAGE, "cannot be used with the build tree");
	assert_opens(directory, NULL, "arm64", EXIT_USAGE, "is not configured for arm64");
}

static void test_image_with_headers(void **state)
{
	cleanup_free char *image = xasprintf("%s/arch/x86/boot/bzImage", directory);

	(void)state;
	assert_opens(image, directory, "amd64", 0, NULL);
	assert_opens(image, NULL, "amd64", EXIT_USAGE, "must be a build tree, or an image with --headers");
	assert_opens(image, "/nowhere", "amd64", EXIT_USAGE, "/nowhere is not a build tree");
	write_text("include/generated/compile.h", "#define UTS_VERSION \"#1 SMP Mon\"\n");
	assert_opens(image, directory, "amd64", 0, NULL);
	write_text("include/generated/utsversion.h", "#define UTS_VERSION \"#2 SMP Mon\"\n");
	assert_opens(image, directory, "amd64", EXIT_USAGE, "of another build (#2 SMP Mon) than");
	write_image("arch/x86/boot/bzImage", RELEASE " (me@here) #2 SMP Mon");
	assert_opens(image, directory, "amd64", 0, NULL);
	write_image("arch/x86/boot/bzImage", "6.1.0-56-amd64 (me@here)");
	assert_opens(image, directory, "amd64", EXIT_USAGE, "is kernel 6.1.0-56-amd64");
	write_text("arch/x86/boot/bzImage", "ARM's");
	assert_opens(image, directory, "amd64", EXIT_USAGE, "is not a bzImage");
	assert_opens("/nowhere", directory, "amd64", EXIT_USAGE, "/nowhere");
}

/* From 6.1 on, the first banner of an arm64 image lacks the build's number and date. */
static void test_several_banners(void **state)
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

static void test_required_config(void **state)
{
	(void)state;
	write_text(".config", "#\nCONFIG_X86_64=y\n# CONFIG_MODULES is not set\n");
	assert_opens(directory, NULL, "amd64", EXIT_SKIP, "does not support modules");
	write_text(".config", "#\nCONFIG_ARM=y\nCONFIG_ARM_LPAE=y\nCONFIG_MODULES=y\n");
	assert_opens(directory, NULL, "armhf", EXIT_USAGE, "is not configured for armhf");
	write_text("arch/arm/boot/zImage", "image");
	assert_opens(directory, NULL, "armhf-lpae", 0, NULL);
}

static void test_incomplete_build(void **state)
{
	static const char *const parts[] = { "Module.symvers", "arch/x86/boot/bzImage",
					     "include/generated/utsrelease.h", ".config" };
	static const char *const messages[] = { "lacks Module.symvers: build the kernel completely",
					     "no kernel image in",
					     "(no include/generated/utsrelease.h)",
					     "(no .config)" };

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		assert_int_equal(remove_in(parts[i]), 0);
		assert_opens(directory, NULL, "amd64", EXIT_USAGE, messages[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_release),
		cmocka_unit_test_setup_teardown(test_build_tree, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_image_with_headers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_several_banners, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_required_config, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_incomplete_build, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("local_kernel", tests, NULL, NULL);
}
