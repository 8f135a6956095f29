// SPDX-License-Identifier: GPL-2.0-or-later
/* The store with damaged files, full disks, and several writers. */
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/files.h"
#include "base/memory.h"
#include "store/store.h"

#include <cmocka.h>

#define WRITERS		2
#define RESULTS_EACH	25
#define TEXT_BYTES	20000	/* size of a typical document */

static char directory[] = "/tmp/kmemlab-store-XXXXXX";
static char *path;

static int set_up(void **state)
{
	(void)state;
	strcpy(directory + strlen(directory) - 6, "XXXXXX");
	assert_non_null(mkdtemp(directory));
	path = xasprintf("%s/new/folder/results.db", directory);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(path);
	return directory_remove(directory);
}

static struct store *open_store(void)
{
	struct error error = { 0 };
	struct store *store = store_open(path, &error);

	if (!store)
		print_message("# %s\n", error.message);
	assert_non_null(store);
	return store;
}

static int64_t add(struct store *store, char *name, const char *tag, const char *document)
{
	const struct stored entry = {
		.date = "2026-01-02T03:04:05Z", .name = name, .kernel = "6.1.0-56-amd64",
		.command = "kmemlab run", .experiments = 6,
	};
	struct error error = { 0 };
	int64_t number = 0;

	assert_int_equal(store_add(store, &entry, &tag, tag ? 1 : 0, document, &number, &error),
			 0);
	return number;
}

static int64_t find(struct store *store, const char *name)
{
	struct error error = { 0 };
	int64_t number = 0;

	if (store_find(store, name, &number, &error))
		assert_int_equal(error.code, EXIT_USAGE);
	error_release(&error);
	return number;
}

static size_t count(struct store *store, const char *tag)
{
	struct error error = { 0 };
	struct stored *entries;
	size_t number;

	assert_int_equal(store_list(store, tag, &entries, &number, &error), 0);
	stored_release(entries, number);
	return number;
}

static void assert_document(struct store *store, int64_t number, const char *expected)
{
	struct error error = { 0 };
	cleanup_free char *document = store_document(store, number, &error);

	assert_non_null(document);
	assert_string_equal(document, expected);
}

/* Return the number of files in the store's directory whose names contain part. */
static size_t files_with(const char *part)
{
	cleanup_free char *folder = xasprintf("%s/new/folder", directory);
	DIR *listing = opendir(folder);
	struct dirent *entry;
	size_t found = 0;

	assert_non_null(listing);
	while ((entry = readdir(listing)))
		found += strstr(entry->d_name, part) != NULL;
	closedir(listing);
	return found;
}

static void test_names_and_tags(void **state)
{
	struct store *store = open_store();
	int64_t first = add(store, "base", NULL, "{1}"), second = add(store, "other", "ci", "{2}");
	int64_t third = add(store, "base", "ci", "{3}");
	struct error error = { 0 };

	(void)state;
	assert_int_equal(find(store, "base"), third);
	assert_int_equal(find(store, "other"), second);
	assert_int_equal(find(store, "last"), third);
	assert_int_equal(find(store, "1"), first);
	assert_int_equal(find(store, "4"), 0);
	assert_int_equal(find(store, "missing"), 0);
	assert_document(store, first, "{1}");
	assert_int_equal(count(store, NULL), 3);
	assert_int_equal(count(store, "ci"), 2);
	assert_int_equal(store_name(store, first, "base", &error), 0);
	assert_int_equal(find(store, "base"), first);
	assert_int_equal(store_untag(store, third, "ci", &error), 0);
	assert_int_equal(count(store, "ci"), 1);
	assert_int_equal(store_untag(store, third, "ci", &error), -1);
	assert_int_equal(error.code, EXIT_USAGE);
	error_release(&error);
	store_close(store);
	store = open_store();
	assert_int_equal(count(store, NULL), 3);
	store_close(store);
}

static void test_prune(void **state)
{
	struct store *store = open_store();
	struct error error = { 0 };
	int64_t removed = 0, named = add(store, "base", NULL, "{1}");

	(void)state;
	add(store, NULL, "ci", "{2}");
	for (int i = 0; i < 5; i++)
		add(store, NULL, NULL, "{}");
	assert_int_equal(store_prune(store, 2, &removed, &error), 0);
	assert_int_equal(removed, 3);
	assert_int_equal(count(store, NULL), 4);
	assert_int_equal(find(store, "base"), named);
	assert_int_equal(find(store, "7"), 7);
	assert_int_equal(store_remove(store, 7, &error), 0);
	assert_int_equal(add(store, NULL, NULL, "{}"), 8);	/* numbers are not reused */
	store_close(store);
}

static void write_many(void)
{
	struct store *store = open_store();
	cleanup_free char *text = xcalloc(TEXT_BYTES + 1, 1);

	memset(text, 'x', TEXT_BYTES);
	for (int i = 0; i < RESULTS_EACH; i++)
		add(store, "mine", "tag", text);
	store_close(store);
}

/* Both start without a file, so that they create it at the same time too. */
static void test_two_writers(void **state)
{
	struct store *store;
	int status;

	(void)state;
	for (int i = 0; i < WRITERS; i++) {
		if (!fork()) {
			write_many();
			_exit(0);
		}
	}
	for (int i = 0; i < WRITERS; i++) {
		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	store = open_store();
	assert_int_equal(count(store, NULL), WRITERS * RESULTS_EACH);
	store_close(store);
	assert_int_equal(files_with("damaged"), 0);
}

/* A writer killed within a transaction leaves the previous results intact. */
static void test_crash_while_writing(void **state)
{
	struct store *store;
	sqlite3 *db;
	pid_t child = fork();
	int status;

	(void)state;
	if (!child) {
		store = open_store();
		add(store, "kept", NULL, "{1}");
		sqlite3_open(path, &db);
		sqlite3_exec(db, "BEGIN IMMEDIATE; DELETE FROM results", NULL, NULL, NULL);
		raise(SIGKILL);
	}
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status));
	store = open_store();
	assert_document(store, find(store, "kept"), "{1}");
	store_close(store);
}

static void damage(off_t at, size_t bytes)
{
	cleanup_free char *garbage = xcalloc(bytes, 1);
	int fd = open(path, O_WRONLY);

	memset(garbage, 0xa5, bytes);
	assert_int_equal(pwrite(fd, garbage, bytes, at), bytes);
	close(fd);
}

static void create_store(void)
{
	struct store *store = open_store();
	cleanup_free char *text = xcalloc(TEXT_BYTES + 1, 1);

	memset(text, 'x', TEXT_BYTES);
	add(store, "base", NULL, text);
	store_close(store);
}

static void check_recreated(void)
{
	struct store *store = open_store();

	assert_int_equal(count(store, NULL), 0);
	assert_int_equal(files_with("damaged"), 1);
	add(store, "base", NULL, "{1}");
	store_close(store);
	store = open_store();
	assert_int_equal(count(store, NULL), 1);
	store_close(store);
	assert_int_equal(files_with("damaged"), 1);
}

static void test_damaged_header(void **state)
{
	(void)state;
	create_store();
	damage(0, 100);
	check_recreated();
}

static void test_damaged_page(void **state)
{
	(void)state;
	create_store();
	damage(4096, 4096);
	check_recreated();
}

static void test_truncated_file(void **state)
{
	(void)state;
	create_store();
	assert_int_equal(truncate(path, 8192), 0);
	check_recreated();
}

static void check_rejected(const char *part)
{
	struct error error = { 0 };

	assert_null(store_open(path, &error));
	assert_non_null(strstr(error.message, part));
	assert_int_equal(files_with("damaged"), 0);
	error_release(&error);
}

static void execute(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void create_directory(void)
{
	cleanup_free char *folder = xasprintf("%s/new/folder", directory);

	assert_int_equal(directory_create(folder), 0);
}

/* A foreign database is not modified, even if it is damaged. */
static void check_unchanged(void)
{
	size_t bytes, bytes_after;
	cleanup_free char *before = file_read(path, &bytes);
	cleanup_free char *after = NULL;

	check_rejected("belongs to another program");
	after = file_read(path, &bytes_after);
	assert_int_equal(bytes_after, bytes);
	assert_memory_equal(after, before, bytes);
	assert_int_equal(files_with("results.db"), 1);
}

static void test_foreign_database_is_left_unchanged(void **state)
{
	(void)state;
	create_directory();
	execute("CREATE TABLE songs (title TEXT)");
	check_unchanged();
	execute("PRAGMA user_version = 3");
	damage(4096, 4096);
	check_unchanged();
	execute("PRAGMA application_id = 7; PRAGMA user_version = 0");
	damage(200, 3896);
	check_unchanged();
}

/* Databases of other schemas are rejected with both versions. */
static void test_other_schema_is_left_unchanged(void **state)
{
	(void)state;
	create_store();
	execute("PRAGMA user_version = 1000");
	check_rejected("has store schema 1000, but this kmemlab requires schema 2");
	execute("PRAGMA user_version = 1");
	check_rejected("has store schema 1, but this kmemlab requires schema 2");
}

/* Mount a small file system in a child process with its own mount namespace. */
static bool mount_small(const char *folder, const char *options)
{
	return !unshare(geteuid() ? CLONE_NEWUSER | CLONE_NEWNS : CLONE_NEWNS) &&
	       !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("tmpfs", folder, "tmpfs", 0, options);
}

/* Add results to a file system of 128 KiB until it is full. Return the exit status. */
static int fill_disk(void)
{
	const struct stored entry = { .date = "2026", .kernel = "6.1", .experiments = 1 };
	cleanup_free char *folder = xasprintf("%s/new/folder", directory);
	cleanup_free char *text = xcalloc(TEXT_BYTES + 1, 1);
	struct error error = { 0 };
	struct store *store;
	int64_t number;
	size_t stored = 0;

	if (!mount_small(folder, "size=128k"))
		return 77;
	memset(text, 'x', TEXT_BYTES);
	store = open_store();
	while (stored < 100 && !store_add(store, &entry, NULL, 0, text, &number, &error))
		stored++;
	if (!stored || stored == 100 || error.code != EXIT_HOST_ERROR ||
	    !strstr(error.message, "the disk is full"))
		return 1;
	store_close(store);
	return count(open_store(), NULL) == stored && !files_with("damaged") ? 0 : 2;
}

static void fill_up(long long free_bytes)
{
	cleanup_free char *name = xasprintf("%s/new/folder/filler", directory);
	struct statvfs space;
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (!fstatvfs(fd, &space) && posix_fallocate(fd, 0, space.f_bavail * space.f_frsize -
						     free_bytes))
		_exit(3);
	close(fd);
}

/* Free space suffices to remove one of five results, but not to rewrite the others. */
static int prune_full_disk(void)
{
	cleanup_free char *folder = xasprintf("%s/new/folder", directory);
	cleanup_free char *text = xcalloc(TEXT_BYTES + 1, 1);
	struct error error = { 0 };
	int64_t removed = 0;
	struct store *store;

	if (!mount_small(folder, "size=512k"))
		return 77;
	memset(text, 'x', TEXT_BYTES);
	store = open_store();
	for (int i = 0; i < 5; i++)
		add(store, NULL, i ? "kept" : NULL, text);
	store_close(store);
	fill_up(30 * 4096);
	store = open_store();
	if (store_prune(store, 0, &removed, &error) || removed != 1)
		return 1;
	if (!store_shrink(store, &error) || !strstr(error.message, "the disk is full"))
		return 2;
	error_release(&error);
	if (count(store, NULL) != 4)
		return 4;
	store_close(store);
	fill_up(0);
	store = store_open(path, &error);
	return !store && strstr(error.message, "the disk is full") ? 0 : 5;
}

static void test_in_child(int (*test)(void))
{
	pid_t child;
	int status;

	create_directory();
	child = fork();
	if (!child)
		_exit(test());
	waitpid(child, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("# SKIP: no permission to mount\n");
		skip();
	}
	assert_int_equal(status, 0);
}

static void test_full_disk(void **state)
{
	(void)state;
	test_in_child(fill_disk);
}

static void test_prune_full_disk(void **state)
{
	(void)state;
	test_in_child(prune_full_disk);
}

static void assert_name_error(const char *name, const char *expected)
{
	cleanup_free char *message = store_name_error(name);

	if (!expected)
		assert_null(message);
	else
		assert_string_equal(message, expected);
}

static void test_name_errors(void **state)
{
	(void)state;
	assert_name_error("6.1+patch:2@home", NULL);
	assert_name_error("", "must have 1 to 64 characters");
	assert_name_error("17", "must not be a number or 'last'");
	assert_name_error("last", "must not be a number or 'last'");
	assert_name_error("a b", "must consist of letters, digits and -_.:+@");
	assert_name_error("../x", "must consist of letters, digits and -_.:+@");
	assert_name_error("-x", "must not start with '-'");
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_names_and_tags),
		STORE_TEST(test_prune),
		STORE_TEST(test_two_writers),
		STORE_TEST(test_crash_while_writing),
		STORE_TEST(test_damaged_header),
		STORE_TEST(test_damaged_page),
		STORE_TEST(test_truncated_file),
		STORE_TEST(test_foreign_database_is_left_unchanged),
		STORE_TEST(test_other_schema_is_left_unchanged),
		STORE_TEST(test_full_disk),
		STORE_TEST(test_prune_full_disk),
		cmocka_unit_test(test_name_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
