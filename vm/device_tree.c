// SPDX-License-Identifier: GPL-2.0-or-later
#include "device_tree.h"

#include <endian.h>
#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/files.h"
#include "base/memory.h"
#include "qemu.h"

/* The format: https://devicetree-specification.readthedocs.io, "Flattened Devicetree". */
#define TREE_MAGIC	0xd00dfeedU
#define STRUCT_OFFSET	8
#define STRINGS_OFFSET	12
#define HEADER_BYTES	40

enum token { TOKEN_BEGIN = 1, TOKEN_END = 2, TOKEN_PROPERTY = 3, TOKEN_NOP = 4, TOKEN_LAST = 9 };

struct tree {
	unsigned char *bytes;
	size_t size;
	size_t at;
	size_t strings;
	bool damaged;
};

/* What is known of the node that the walk is in. */
struct node {
	bool wanted;
	char *status;		/* its value in the tree, or NULL */
	size_t status_bytes;
};

static uint32_t read_cell(struct tree *tree, size_t at)
{
	uint32_t value;

	if (at > tree->size || tree->size - at < sizeof(value)) {
		tree->damaged = true;
		return 0;
	}
	memcpy(&value, tree->bytes + at, sizeof(value));
	return be32toh(value);
}

/* The string at an offset, or "" where the tree ends before it does. */
static const char *string_at(struct tree *tree, size_t at)
{
	if (at < tree->size && memchr(tree->bytes + at, 0, tree->size - at))
		return (const char *)tree->bytes + at;
	tree->damaged = true;
	return "";
}

static bool has_string(const char *strings, size_t size, const char *wanted)
{
	for (size_t at = 0; at < size; at += strnlen(strings + at, size - at) + 1)
		if (size - at > strlen(wanted) && !strcmp(strings + at, wanted))
			return true;
	return false;
}

static void take_property(struct tree *tree, struct node *node, const char *compatible)
{
	size_t bytes = read_cell(tree, tree->at);
	const char *name = string_at(tree, tree->strings + read_cell(tree, tree->at + 4));
	char *value = (char *)tree->bytes + tree->at + 8;

	if (tree->damaged || bytes > tree->size - tree->at - 8) {
		tree->damaged = true;
		return;
	}
	if (!strcmp(name, "compatible"))
		node->wanted = has_string(value, bytes, compatible);
	if (!strcmp(name, "status")) {
		node->status = value;
		node->status_bytes = bytes;
	}
	tree->at += 8 + ((bytes + 3) & ~(size_t)3);
}

/* All properties of a node come before the nodes in it: it is known by now. */
static int finish_node(struct node *node)
{
	int count = node->wanted;

	/* "disabled" is longer than "okay": the rest is zeros, and readers stop at the first. */
	if (node->wanted && node->status && node->status_bytes >= sizeof("okay")) {
		memset(node->status, 0, node->status_bytes);
		memcpy(node->status, "okay", 4);
	}
	*node = (struct node) { 0 };
	return count;
}

int device_tree_enable(void *bytes, size_t size, const char *compatible)
{
	struct tree tree = { .bytes = bytes, .size = size };
	struct node node = { 0 };
	int count = 0;

	if (size < HEADER_BYTES || read_cell(&tree, 0) != TREE_MAGIC)
		return -1;
	tree.at = read_cell(&tree, STRUCT_OFFSET);
	tree.strings = read_cell(&tree, STRINGS_OFFSET);
	while (!tree.damaged) {
		uint32_t token = read_cell(&tree, tree.at);

		tree.at += 4;
		if (token == TOKEN_PROPERTY) {
			take_property(&tree, &node, compatible);
		} else if (token == TOKEN_BEGIN || token == TOKEN_END) {
			count += finish_node(&node);
			if (token == TOKEN_BEGIN)
				tree.at += (strlen(string_at(&tree, tree.at)) + 4) & ~(size_t)3;
		} else if (token == TOKEN_LAST) {
			return count;
		} else if (token != TOKEN_NOP) {
			tree.damaged = true;
		}
	}
	return -1;
}

/* Where suites put it, by the kernel's architecture. */
static char *find_tree(const struct kernel *kernel, const char *name)
{
	static const char *const places[] = { "usr/lib", "usr/lib/*", "usr/lib/*/broadcom",
					      "usr/lib/*/*/broadcom", "usr/lib/modules/*/dtb*/broadcom",
					      "usr/lib/modules/*/dtb*",
					      "arch/arm/boot/dts", "arch/arm/boot/dts/broadcom",
					      "arch/arm64/boot/dts/broadcom" };
	char *path = NULL;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places) && !path; i++) {
		cleanup_free char *pattern =
			xasprintf("%s/%s/%s", kernel->directory, places[i], name);
		glob_t found = { 0 };

		if (glob(pattern, 0, NULL, &found) == 0)
			path = xstrdup(found.gl_pathv[0]);
		globfree(&found);
	}
	return path;
}

int device_tree_write(const struct kernel *kernel, const struct board *board,
		      const char *directory, char hex[DIGEST_HEX_SIZE], struct failure *failure)
{
	cleanup_free char *from = find_tree(kernel, board->device_tree);
	cleanup_free char *to = xasprintf("%s/" QEMU_DEVICE_TREE, directory);
	cleanup_free char *tree = NULL;
	size_t size;
	int error;

	if (!from)
		return fail_with(failure, EXIT_SKIP, "kernel %s has no device tree %s for %s",
				 kernel->release, board->device_tree, board->name);
	tree = file_read(from, &size);
	if (!tree)
		return fail_with(failure, EXIT_TROUBLE, "cannot read %s: %s", from,
				 strerror(errno));
	if (board->enable && device_tree_enable(tree, size, board->enable) < 1)
		return fail_with(failure, EXIT_TROUBLE, "%s is damaged: it has no %s", from,
				 board->enable);
	digest_bytes(tree, size, hex);
	error = file_write(to, tree, size);
	return error ? fail_with(failure, EXIT_TROUBLE, "cannot write %s: %s", to,
				 strerror(-error)) : 0;
}
