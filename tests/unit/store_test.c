// SPDX-License-Identifier: GPL-2.0-or-later
/* The store: what was kept stays, whatever happens to the file, the disk or another writer. */
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
#include "store/migrations.h"
#include "store/store.h"

#include <cmocka.h>

#define WRITERS		2
#define EACH		25
#define TEXT_BYTES	20000	/* about what a default run's document has */

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
	struct failure failure = { 0 };
	struct store *store = store_open(path, &failure);

	if (!store)
		print_message("# %s\n", failure.message);
	assert_non_null(store);
	return store;
}

static int64_t add(struct store *store, char *name, const char *tag, const char *document)
{
	const struct stored entry = {
		.date = "2026-01-02T03:04:05Z", .name = name, .kernel = "6.1.0-56-amd64",
		.command = "kmemlab run", .experiments = 6,
	};
	struct failure failure = { 0 };
	int64_t number = 0;

	assert_int_equal(store_add(store, &entry, &tag, tag ? 1 : 0, document, &number, &failure),
			 0);
	return number;
}

static int64_t find(struct store *store, const char *wanted)
{
	struct failure failure = { 0 };
	int64_t number = 0;

	if (store_find(store, wanted, &number, &failure))
		assert_int_equal(failure.code, EXIT_USAGE);
	failure_release(&failure);
	return number;
}

static size_t count(struct store *store, const char *tag)
{
	struct failure failure = { 0 };
	struct stored *entries;
	size_t number;

	assert_int_equal(store_list(store, tag, &entries, &number, &failure), 0);
	stored_release(entries, number);
	return number;
}

static void assert_document(struct store *store, int64_t number, const char *expected)
{
	struct failure failure = { 0 };
	cleanup_free char *document = store_document(store, number, &failure);

	assert_non_null(document);
	assert_string_equal(document, expected);
}

/* How many files in the store's folder have this in their names. */
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

static void test_names(void **state)
{
	struct store *store = open_store();
	int64_t first = add(store, "base", NULL, "{1}"), second = add(store, "other", "ci", "{2}");
	int64_t third = add(store, "base", "ci", "{3}");
	struct failure failure = { 0 };

	(void)state;
	assert_int_equal(find(store, "base"), third);
	assert_int_equal(find(store, "other"), second);
	assert_int_equal(find(store, "last"), third);
	assert_int_equal(find(store, "1"), first);
	assert_int_equal(find(store, "4"), 0);
	assert_int_equal(find(store, "nobody"), 0);
	assert_document(store, first, "{1}");
	assert_int_equal(count(store, NULL), 3);
	assert_int_equal(count(store, "ci"), 2);
	assert_int_equal(store_name(store, first, "base", &failure), 0);
	assert_int_equal(find(store, "base"), first);
	assert_int_equal(store_untag(store, third, "ci", &failure), 0);
	assert_int_equal(count(store, "ci"), 1);
	assert_int_equal(store_untag(store, third, "ci", &failure), -1);
	assert_int_equal(failure.code, EXIT_USAGE);
	failure_release(&failure);
	store_close(store);
	store = open_store();
	assert_int_equal(count(store, NULL), 3);
	store_close(store);
}

static void test_prune(void **state)
{
	struct store *store = open_store();
	struct failure failure = { 0 };
	int64_t removed = 0, named = add(store, "base", NULL, "{1}");

	(void)state;
	add(store, NULL, "ci", "{2}");
	for (int i = 0; i < 5; i++)
		add(store, NULL, NULL, "{}");
	assert_int_equal(store_prune(store, 2, &removed, &failure), 0);
	assert_int_equal(removed, 3);
	assert_int_equal(count(store, NULL), 4);
	assert_int_equal(find(store, "base"), named);
	assert_int_equal(find(store, "7"), 7);
	assert_int_equal(store_remove(store, 7, &failure), 0);
	assert_int_equal(add(store, NULL, NULL, "{}"), 8);	/* no number means two results */
	store_close(store);
}

static void write_many(void)
{
	struct store *store = open_store();
	cleanup_free char *text = xcalloc(TEXT_BYTES + 1, 1);

	memset(text, 'x', TEXT_BYTES);
	for (int i = 0; i < EACH; i++)
		add(store, "mine", "tag", text);
	store_close(store);
}

/* Both begin with no file there, so that they make it at the same time too. */
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
	assert_int_equal(count(store, NULL), WRITERS * EACH);
	store_close(store);
	assert_int_equal(files_with("damaged"), 0);
}

/* A writer that is killed between its statements leaves what it had finished. */
static void test_crash(void **state)
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

static void spoil(off_t at, size_t bytes)
{
	cleanup_free char *rubbish = xcalloc(bytes, 1);
	int fd = open(path, O_WRONLY);

	memset(rubbish, 0xa5, bytes);
	assert_int_equal(pwrite(fd, rubbish, bytes, at), bytes);
	close(fd);
}

static void fill(void)
{
	struct store *store = open_store();
	cleanup_free char *text = xcalloc(TEXT_BYTES + 1, 1);

	memset(text, 'x', TEXT_BYTES);
	add(store, "base", NULL, text);
	store_close(store);
}

static void check_begun_anew(void)
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

static void test_no_database(void **state)
{
	(void)state;
	fill();
	spoil(0, 100);
	check_begun_anew();
}

static void test_damaged_page(void **state)
{
	(void)state;
	fill();
	spoil(4096, 4096);
	check_begun_anew();
}

static void test_truncated(void **state)
{
	(void)state;
	fill();
	assert_int_equal(truncate(path, 8192), 0);
	check_begun_anew();
}

static void check_left_alone(const char *part)
{
	struct failure failure = { 0 };

	assert_null(store_open(path, &failure));
	assert_non_null(strstr(failure.message, part));
	assert_int_equal(files_with("damaged"), 0);
	failure_release(&failure);
}

static void execute(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void make_folder(void)
{
	cleanup_free char *folder = xasprintf("%s/new/folder", directory);

	assert_int_equal(directory_make(folder), 0);
}

/* Not a byte of it is changed, be it whole or damaged. */
static void check_not_touched(void)
{
	size_t bytes, bytes_after;
	cleanup_free char *before = file_read(path, &bytes);
	cleanup_free char *after = NULL;

	check_left_alone("belongs to another program");
	after = file_read(path, &bytes_after);
	assert_int_equal(bytes_after, bytes);
	assert_memory_equal(after, before, bytes);
	assert_int_equal(files_with("results.db"), 1);
}

static void test_not_ours(void **state)
{
	(void)state;
	make_folder();
	execute("CREATE TABLE songs (title TEXT)");
	check_not_touched();
	execute("PRAGMA user_version = 3");
	spoil(4096, 4096);
	check_not_touched();
	execute("PRAGMA application_id = 7; PRAGMA user_version = 0");
	spoil(200, 3896);
	check_not_touched();
}

static void test_newer(void **state)
{
	(void)state;
	fill();
	execute("PRAGMA user_version = 1000");
	check_left_alone("newer kmemlab");
}

static void test_migration(void **state)
{
	struct store *store;

	(void)state;
	make_folder();
	execute(store_migrations[0]);
	execute("PRAGMA user_version = 1; PRAGMA application_id = 0x6b6d656d;"
		"INSERT INTO results (date, kernel, command, experiments, document)"
		" VALUES ('2026', '6.1', 'kmemlab run', 2, '{old}')");
	store = open_store();
	assert_document(store, 1, "{old}");
	assert_int_equal(add(store, "new", "tag", "{new}"), 2);
	assert_int_equal(find(store, "new"), 2);
	assert_int_equal(count(store, NULL), 2);
	store_close(store);
}

/* In a child with its own mounts. */
static bool mount_small(const char *folder, const char *options)
{
	return !unshare(geteuid() ? CLONE_NEWUSER | CLONE_NEWNS : CLONE_NEWNS) &&
	       !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("tmpfs", folder, "tmpfs", 0, options);
}

/* On a file system of 128 KiB. */
static int fill_disk(void)
{
	const struct stored entry = { .date = "2026", .kernel = "6.1", .experiments = 1 };
	cleanup_free char *folder = xasprintf("%s/new/folder", directory);
	cleanup_free char *text = xcalloc(TEXT_BYTES + 1, 1);
	struct failure failure = { 0 };
	struct store *store;
	int64_t number;
	size_t kept = 0;

	if (!mount_small(folder, "size=128k"))
		return 77;
	memset(text, 'x', TEXT_BYTES);
	store = open_store();
	while (kept < 100 && !store_add(store, &entry, NULL, 0, text, &number, &failure))
		kept++;
	if (!kept || kept == 100 || failure.code != EXIT_TROUBLE ||
	    !strstr(failure.message, "the disk is full"))
		return 1;
	store_close(store);
	return count(open_store(), NULL) == kept && !files_with("damaged") ? 0 : 2;
}

static void fill_up(long long left_bytes)
{
	cleanup_free char *name = xasprintf("%s/new/folder/filler", directory);
	struct statvfs space;
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (!fstatvfs(fd, &space) && posix_fallocate(fd, 0, space.f_bavail * space.f_frsize -
						     left_bytes))
		_exit(3);
	close(fd);
}

/* There is room to remove one of five, but not for writing the others anew. */
static int prune_full_disk(void)
{
	cleanup_free char *folder = xasprintf("%s/new/folder", directory);
	cleanup_free char *text = xcalloc(TEXT_BYTES + 1, 1);
	struct failure failure = { 0 };
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
	if (store_prune(store, 0, &removed, &failure) || removed != 1)
		return 1;
	if (!store_shrink(store, &failure) || !strstr(failure.message, "the disk is full"))
		return 2;
	failure_release(&failure);
	if (count(store, NULL) != 4)
		return 4;
	store_close(store);
	fill_up(0);
	store = store_open(path, &failure);
	return !store && strstr(failure.message, "the disk is full") ? 0 : 5;
}

static void test_in_child(int (*test)(void))
{
	pid_t child;
	int status;

	make_folder();
	child = fork();
	if (!child)
		_exit(test());
	waitpid(child, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		print_message("# no right to mount: not tested\n");
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
	cleanup_free char *error = store_name_error(name);

	if (!expected)
		assert_null(error);
	else
		assert_string_equal(error, expected);
}

static void test_name_errors(void **state)
{
	(void)state;
	assert_name_error("6.1+patch:2@home", NULL);
	assert_name_error("", "1 to 64 characters are wanted");
	assert_name_error("17", "a number and 'last' mean results already");
	assert_name_error("last", "a number and 'last' mean results already");
	assert_name_error("a b", "letters, digits and -_.:+@ are wanted");
	assert_name_error("../x", "letters, digits and -_.:+@ are wanted");
	assert_name_error("-x", "it begins like an option");
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(test_names),
		STORE_TEST(test_prune),
		STORE_TEST(test_two_writers),
		STORE_TEST(test_crash),
		STORE_TEST(test_no_database),
		STORE_TEST(test_damaged_page),
		STORE_TEST(test_truncated),
		STORE_TEST(test_not_ours),
		STORE_TEST(test_newer),
		STORE_TEST(test_migration),
		STORE_TEST(test_full_disk),
		STORE_TEST(test_prune_full_disk),
		cmocka_unit_test(test_name_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
