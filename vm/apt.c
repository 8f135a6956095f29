// SPDX-License-Identifier: GPL-2.0-or-later
#include "apt.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/files.h"
#include "base/memory.h"
#include "base/message.h"
#include "base/paths.h"
#include "base/process.h"
#include "cache.h"


/* Our own state in place of the host's; proxies and the like stay as the host has them. */
static const char config_format[] =
	"Dir::State \"%1$s/state\";\n"
	"Dir::State::status \"%1$s/status\";\n"
	"Dir::Cache \"%1$s/cache\";\n"
	"Dir::Etc::SourceList \"%1$s/sources.list\";\n"
	"Dir::Etc::SourceParts \"/dev/null\";\n"
	"Dir::Etc::Preferences \"/dev/null\";\n"
	"Dir::Etc::PreferencesParts \"/dev/null\";\n"
	"Dir::Etc::Trusted \"/dev/null\";\n"
	"Dir::Etc::TrustedParts \"/dev/null\";\n"
	"APT::Architecture \"%2$s\";\n"
	"#clear APT::Architectures;\n"
	"APT::Architectures { %3$s };\n"
	"#clear APT::Update::Pre-Invoke;\n"
	"#clear APT::Update::Post-Invoke;\n"
	"#clear APT::Update::Post-Invoke-Success;\n"
	"APT::Update::Error-Mode \"any\";\n"
	"Acquire::Languages \"none\";\n"
	"Acquire::Retries \"3\";\n"
	"%4$s";

/* The first line that apt marks as an error, without the mark. */
static char *first_error(const char *text)
{
	const char *line = text;

	while (line && strncmp(line, "E: ", 3)) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return line ? strndup(line + 3, strcspn(line + 3, "\n")) : strdup("no reason given");
}

/* Runs apt; output is captured, errors are for the message only. */
static int apt_run(const char *const *argv, char **output, char **errors, struct failure *failure)
{
	struct process process = { .argv = argv, .output = output, .errors = errors };
	int status = process_run(&process);

	if (status == -EINTR)
		return fail_interrupted(failure);
	if (status < 0)
		return fail_with(failure, EXIT_TROUBLE,
				 "cannot run %s: %s (it is in Debian's package apt)", argv[0],
				 strerror(-status));
	return status;
}

/* Is "bookworm" or "stable" one of the distribution's? */
static bool has_release(const struct distribution *distribution, const char *name)
{
	static const char *const aliases[] = { "oldstable", "stable", "testing", "unstable" };
	const struct suite *suite;

	for (size_t i = 0; i < sizeof(aliases) / sizeof(*aliases); i++)
		if (!strcmp(name, aliases[i]))
			return !strcmp(distribution->name, "Debian");
	suite = suite_find(name);
	return suite && !strcmp(suite->name, name) && suite->distribution == distribution;
}

/* The address of the distribution's archive of a kind ("", "-security"), to be freed; or NULL. */
static char *find_uri(const char *targets, const struct distribution *distribution,
		      const char *pocket)
{
	cleanup_free char *copy = xstrdup(targets);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n"))) {
		char *uri = strsep(&line, " "), *release = strsep(&line, " ");
		size_t length = release ? strcspn(release, "-/") : 0;
		cleanup_free char *name = release ? strndup(release, length) : NULL;
		const char *kind = release ? release + length : "";

		if (!strcmp(kind, "/updates"))	/* as it was once called */
			kind = "-security";
		if (release && line && !strcmp(line, "main") && !strcmp(kind, pocket) &&
		    has_release(distribution, name))
			return xstrdup(uri);
	}
	return NULL;
}

char *apt_sources_from_targets(const char *targets, const struct suite *suite)
{
	char *sources = NULL;
	size_t size;
	FILE *out = open_memstream(&sources, &size);

	for (size_t i = 0; i < POCKETS && suite->pockets[i]; i++) {
		cleanup_free char *uri = find_uri(targets, suite->distribution, suite->pockets[i]);

		if (uri)
			fprintf(out, "deb [signed-by=%s] %s %s%s main\n",
				suite->distribution->keyring, uri, suite->name,
				suite->pockets[i]);
	}
	fclose(out);
	return sources;
}

/*
 * The host's own mirrors of a distribution. Where the host has package lists, the
 * origin in them is what counts; without any, the names of the releases must do.
 * The signature decides in the end.
 */
static char *host_targets(const struct distribution *distribution, struct failure *failure)
{
	cleanup_free char *origin = xasprintf("Origin: %s", distribution->name);
	const char *const with_lists[] = {
		"apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)",
		"Created-By: Packages", origin, NULL };
	static const char *const without_lists[] = {
		"apt-get", "indextargets", "--no-release-info", "--format",
		"$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages", NULL };
	cleanup_free char *errors = NULL;
	char *targets = NULL;

	if (apt_run(with_lists, &targets, &errors, failure) == 0 && *targets)
		return targets;
	free(targets);
	free(errors);
	targets = errors = NULL;
	if (apt_run(without_lists, &targets, &errors, failure) >= 0)
		return targets;
	free(targets);
	return NULL;
}

static char *find_sources(const struct suite *suite, struct failure *failure)
{
	const char *mirror = getenv("KMEMLAB_MIRROR");
	const char *name = suite->distribution->name;
	bool is_debian = !strcmp(name, "Debian");
	cleanup_free char *targets = NULL;
	char *sources;

	if (is_debian && mirror && *mirror && (!strstr(mirror, "://") || strpbrk(mirror, " \t\n"))) {
		fail_with(failure, EXIT_USAGE, "KMEMLAB_MIRROR is \"%s\": an address like "
			  "http://HOST/debian is wanted", mirror);
		return NULL;
	}
	if (is_debian && mirror && *mirror)
		return xasprintf("deb [signed-by=%s] %s %s main\n", suite->distribution->keyring,
				 mirror, suite->name);
	targets = host_targets(suite->distribution, failure);
	if (!targets)
		return NULL;
	sources = apt_sources_from_targets(targets, suite);
	if (*sources)
		return sources;
	free(sources);
	fail_with(failure, EXIT_TROUBLE,
		  "this system's apt knows no mirror of %s's archive, which has %s%s", name,
		  suite->name, is_debian ? ": set KMEMLAB_MIRROR to one" : "");
	return NULL;
}

static int write_text(const char *directory, const char *name, const char *text)
{
	cleanup_free char *path = xasprintf("%s/%s", directory, name);

	return file_write(path, text, strlen(text));
}

/* The files of a private apt state. */
static int write_state(const char *directory, const char *config, const char *sources)
{
	cleanup_free char *lists = xasprintf("%s/state/lists/partial", directory);
	cleanup_free char *archives = xasprintf("%s/cache/archives/partial", directory);

	return directory_make(lists) ?: directory_make(archives) ?:
	       write_text(directory, "status", "") ?:
	       write_text(directory, "sources.list", sources) ?:
	       write_text(directory, "apt.conf", config);
}

static bool allows_expired;

void apt_allow_expired(void)
{
	allows_expired = true;
}

/* "apt-get update": its status, and the reason where that is above 0. */
static int update_once(struct apt *apt, char **reason, struct failure *failure)
{
	const char *const argv[] = { "env", apt->environment, "apt-get", "-c", apt->config,
				     "update", "-qq", NULL };
	cleanup_free char *output = NULL;
	cleanup_free char *errors = NULL;
	int status = apt_run(argv, &output, &errors, failure);

	free(*reason);
	*reason = status > 0 ? first_error(errors) : NULL;
	return status;
}

static int fail_update(const struct apt *apt, const char *reason, struct failure *failure)
{
	/* apt takes what it could not write for a broken signature. */
	if (strstr(reason, "No space left") || disk_is_full(path_cache()))
		return fail_with(failure, EXIT_TROUBLE, "the cache %s is full: %s", path_cache(),
				 reason);
	if (strstr(reason, "expired") || strstr(reason, "not valid"))
		return fail_with(failure, EXIT_TROUBLE,
				 "the package lists of %s have expired on this mirror: --allow-expired "
				 "takes them all the same (%s)", apt->suite->name, reason);
	if (strstr(reason, "unexpected size") || strstr(reason, "Hash Sum mismatch"))
		return fail_with(failure, EXIT_TROUBLE,
				 "the mirror of %s is just being updated, try again later (%s)",
				 apt->suite->name, reason);
	return fail_with(failure, EXIT_TROUBLE,
			 "no package lists of %s, so no kernel (is there a network?): %s",
			 apt->suite->name, reason);
}

bool apt_leave_security(struct apt *apt, const char *why)
{
	cleanup_free char *directory = strndup(apt->config, strrchr(apt->config, '/') - apt->config);
	cleanup_free char *path = xasprintf("%s/sources.list", directory);
	cleanup_free char *sources = file_read(path, NULL);
	char *security = sources ? strchr(sources, '\n') : NULL;
	struct failure failure = { 0 };
	cleanup_free char *reason = NULL;
	int status;

	if (!security || !security[1])
		return false;
	security[1] = '\0';
	say_note("the security archive of %s cannot be had (%s): going on without it",
		 apt->suite->name, why);
	if (write_text(directory, "sources.list", sources))
		return false;
	status = update_once(apt, &reason, &failure);
	failure_release(&failure);
	return status == 0;
}

/* A mirror that is being updated is half there for a while: once more, then without security. */
static int update(struct apt *apt, struct failure *failure)
{
	cleanup_free char *reason = NULL;
	int status;

	say_note("fetching the package lists of %s ...", apt->suite->name);
	status = update_once(apt, &reason, failure);
	if (status > 0)
		status = update_once(apt, &reason, failure);
	if (status > 0 && apt_leave_security(apt, reason))
		return 0;
	return status > 0 ? fail_update(apt, reason, failure) : status;
}

/* The settings that depend on who we are and on what was asked for. */
static char *more_config(void)
{
	return xasprintf("%s%s", getuid() ? "" : "APT::Sandbox::User \"root\";\n",
			 allows_expired ? "Acquire::Check-Valid-Until \"false\";\n" : "");
}

int apt_open(struct apt *apt, const struct suite *suite, const char *arch,
	     struct failure *failure)
{
	cleanup_free char *directory = cache_path("apt/%s-%s", suite->name, arch);
	cleanup_free char *more = more_config();
	cleanup_free char *archs = strcmp(arch, arch_of_host) ?
		xasprintf("\"%s\"; \"%s\";", arch, arch_of_host) : xasprintf("\"%s\";", arch);
	cleanup_free char *config = xasprintf(config_format, directory, arch, archs, more);
	cleanup_free char *sources = NULL;
	int error;

	*apt = (struct apt) { .suite = suite };
	if (!file_exists(suite->distribution->keyring))
		return fail_with(failure, EXIT_TROUBLE, "%s is missing: install the package %s",
				 suite->distribution->keyring,
				 suite->distribution->keyring_package);
	sources = find_sources(suite, failure);
	if (!sources)
		return -1;
	error = write_state(directory, config, sources);
	if (error)
		return fail_with(failure, EXIT_TROUBLE, "cannot write to the cache %s: %s",
				 directory, strerror(-error));
	apt->config = xasprintf("%s/apt.conf", directory);
	apt->temporary = xasprintf("%s/tmp", directory);
	apt->environment = xasprintf("TMPDIR=%s", apt->temporary);
	directory_make(apt->temporary);
	return update(apt, failure);
}

void apt_close(struct apt *apt)
{
	if (apt->temporary)
		directory_remove(apt->temporary);
	free(apt->config);
	free(apt->temporary);
	free(apt->environment);
	*apt = (struct apt) { 0 };
}

char *apt_show(struct apt *apt, const char *package, struct failure *failure)
{
	const char *const argv[] = { "env", apt->environment, "apt-cache", "-c", apt->config,
				     "show", "--no-all-versions", package, NULL };
	cleanup_free char *errors = NULL;
	char *output = NULL;

	if (apt_run(argv, &output, &errors, failure) >= 0)
		return output;
	free(output);
	return NULL;
}

char *apt_names(struct apt *apt, const char *prefix, struct failure *failure)
{
	const char *const argv[] = { "env", apt->environment, "apt-cache", "-c", apt->config,
				     "pkgnames", prefix, NULL };
	cleanup_free char *errors = NULL;
	char *output = NULL;

	if (apt_run(argv, &output, &errors, failure) >= 0)
		return output;
	free(output);
	return NULL;
}

unsigned long long apt_uri_bytes(const char *uris)
{
	unsigned long long sum = 0, bytes;

	for (const char *line = uris; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "'%*[^']' %*s %llu", &bytes) == 1)
			sum += bytes;
	}
	return sum;
}

/* A program with our state, and lists of arguments that are ended by NULL. */
struct command {
	const char **argv;
	size_t count;
};

static void command_add(struct command *command, const char *argument)
{
	command->argv = xrealloc(command->argv, (command->count + 2) * sizeof(*command->argv));
	command->argv[command->count++] = argument;
	command->argv[command->count] = NULL;
}

static void command_begin(struct command *command, const struct apt *apt, const char *program)
{
	*command = (struct command) { 0 };
	command_add(command, "env");
	command_add(command, apt->environment);
	command_add(command, program);
	command_add(command, "-c");
	command_add(command, apt->config);
}

/* What a command would download: lines of "'URI' NAME BYTES HASH". NULL on failure. */
static char *find_uris(struct apt *apt, const char *const *options, const char *const *packages,
		       struct failure *failure)
{
	cleanup_free char *errors = NULL;
	cleanup_free char *reason = NULL;
	struct command command;
	char *uris = NULL;
	int status;

	command_begin(&command, apt, "apt-get");
	command_add(&command, "--print-uris");
	for (; *options; options++)
		command_add(&command, *options);
	for (; *packages; packages++)
		command_add(&command, *packages);
	status = apt_run(command.argv, &uris, &errors, failure);
	free(command.argv);
	if (status == 0)
		return uris;
	if (status > 0) {
		reason = first_error(errors);
		fail_with(failure, EXIT_TROUBLE, "%s does not have it: %s", apt->suite->name,
			  reason);
	}
	free(uris);
	return NULL;
}

/* What is unpacked takes its room again; that, and what is there already, is left aside. */
static int check_space(const char *directory, unsigned long long bytes, struct failure *failure)
{
	struct statvfs space;
	unsigned long long room;

	if (statvfs(directory, &space))
		return 0;
	room = (unsigned long long)space.f_bavail * space.f_frsize;
	if (room >= bytes)
		return 0;
	return fail_with(failure, EXIT_TROUBLE,
			 "%.1f MB are to be downloaded, and %s has %.1f MB free", bytes / 1e6,
			 directory, room / 1e6);
}

/*
 * Brings what the lines of uris name (they are cut up), goes on with what lies
 * there and checks it: apt-helper does, "apt-get download" begins anew.
 */
static int bring(struct apt *apt, char *uris, const char *directory, struct failure *failure)
{
	struct command command;
	cleanup_free char *errors = NULL;
	cleanup_free char *reason = NULL;
	int status = 0;
	char *line;

	command_begin(&command, apt, "/usr/lib/apt/apt-helper");
	command_add(&command, says_progress() ? "--quiet=0" : "-qq");
	command_add(&command, "download-file");
	while ((line = strsep(&uris, "\n"))) {
		char *uri = strsep(&line, " "), *name = strsep(&line, " ");
		char *bytes = strsep(&line, " ");

		if (!bytes || !line || uri[0] != '\'')
			continue;
		uri[strlen(uri) - 1] = '\0';
		command_add(&command, uri + 1);
		command_add(&command, name);
		command_add(&command, line);
	}
	/* Once more: what lay there may have been damaged, and is not taken twice. */
	for (int attempt = 0; attempt < 2; attempt++) {
		struct process process = { .argv = command.argv, .directory = directory,
					   .errors = &errors };

		free(errors);
		status = process_run(&process);
		if (status == 0 || status == -EINTR)
			break;
	}
	free(command.argv);
	if (status == 0)
		return 0;
	if (status == -EINTR)
		return fail_interrupted(failure);
	apt->lacks_files = true;
	reason = first_error(errors);
	return fail_with(failure, EXIT_TROUBLE, "the download failed: %s; what came is kept in %s",
			 reason, directory);
}

static int download(struct apt *apt, const char *const *options, const char *const *packages,
		    const char *directory, struct failure *failure)
{
	cleanup_free char *uris = find_uris(apt, options, packages, failure);
	unsigned long long bytes = uris ? apt_uri_bytes(uris) : 0;

	if (!uris || check_space(directory, bytes, failure))
		return -1;
	say_note("downloading %.1f MB ...", bytes / 1e6);
	return bring(apt, uris, directory, failure);
}

int apt_download(struct apt *apt, const char *const *packages, const char *directory,
		 struct failure *failure)
{
	static const char *const options[] = { "download", NULL };

	return download(apt, options, packages, directory, failure);
}

int apt_download_installation(struct apt *apt, const char *const *packages, const char *directory,
			      struct failure *failure)
{
	static const char *const options[] = { "-o", "Debug::NoLocking=1", "-y",
					       "--no-install-recommends", "install", NULL };

	if (directory_make(directory))
		return fail_with(failure, EXIT_TROUBLE, "cannot write %s", directory);
	return download(apt, options, packages, directory, failure);
}
