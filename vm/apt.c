// SPDX-License-Identifier: GPL-2.0-or-later
#include "apt.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/files.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/paths.h"
#include "base/process.h"
#include "base/strbuf.h"
#include "cache.h"

/*
 * apt-get can wait forever for its own helpers, for example on a full disk. A silent server ends
 * after four attempts of 15 s, with pauses.
 */
#define STALL_S	120

/* Replaces the host's state; settings such as proxies stay as the host has them. */
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
	"Acquire::http::Timeout \"15\";\n"
	"Acquire::https::Timeout \"15\";\n"
	"%4$s";

/* Return the first line that apt marks as an error, without the mark. */
static char *first_error(const char *text)
{
	const char *line = text;

	while (line && strncmp(line, "E: ", 3)) {
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return line ? strndup(line + 3, strcspn(line + 3, "\n")) : strdup("no reason given");
}

/* Run a program of apt; process->errors must be set. Return: its exit status or -1. */
static int apt_run(const struct process *process, struct error *error)
{
	int status = process_run(process);

	if (status == -EINTR)
		return error_interrupted(error);
	if (status == -ETIMEDOUT) {
		free(*process->errors);
		*process->errors = xasprintf("E: apt made no progress for %.0f s",
					     process->stall_s * timeout_scale());
		return 1;
	}
	if (status < 0)
		return error_set(error, EXIT_HOST_ERROR,
				 "cannot run %s: %s (it is in Debian's package apt)",
				 process->argv[0], strerror(-status));
	return status;
}

/* Return whether a release name ("bookworm", "stable") belongs to the distribution. */
static bool has_release(const struct distro *distro, const char *name)
{
	static const char *const aliases[] = { "oldstable", "stable", "testing", "unstable" };
	const struct suite *suite;

	for (size_t i = 0; i < ARRAY_SIZE(aliases); i++)
		if (!strcmp(name, aliases[i]))
			return !strcmp(distro->name, "Debian");
	suite = suite_find(name);
	return suite && !strcmp(suite->name, name) && suite->distro == distro;
}

/* Return the URI of the distribution's archive for a pocket ("", "-security"), or NULL. */
static char *find_uri(const char *targets, const struct distro *distro, const char *pocket)
{
	cleanup_free char *copy = xstrdup(targets);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n"))) {
		char *uri = strsep(&line, " "), *release = strsep(&line, " ");
		size_t length = release ? strcspn(release, "-/") : 0;
		cleanup_free char *name = release ? strndup(release, length) : NULL;
		const char *suffix = release ? release + length : "";

		if (!strcmp(suffix, "/updates"))	/* the old name of the pocket */
			suffix = "-security";
		if (release && line && !strcmp(line, "main") && !strcmp(suffix, pocket) &&
		    has_release(distro, name))
			return xstrdup(uri);
	}
	return NULL;
}

char *apt_sources_from_targets(const char *targets, const struct suite *suite)
{
	struct strbuf sources = STRBUF_INIT;

	for (size_t i = 0; i < POCKETS && suite->pockets[i]; i++) {
		cleanup_free char *uri = find_uri(targets, suite->distro, suite->pockets[i]);

		if (uri)
			strbuf_addf(&sources, "deb [signed-by=%s] %s %s%s main\n",
				    suite->distro->keyring, uri, suite->name, suite->pockets[i]);
	}
	return strbuf_detach(&sources);
}

/*
 * Return the host's mirrors of a distribution. If the host has package lists, select
 * by their origin, else by the names of the releases; signatures are checked anyway.
 */
static char *host_targets(const struct distro *distro, struct error *error)
{
	cleanup_free char *origin = xasprintf("Origin: %s", distro->name);
	const char *const with_lists[] = {
		"apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)",
		"Created-By: Packages", origin, NULL };
	static const char *const without_lists[] = {
		"apt-get", "indextargets", "--no-release-info", "--format",
		"$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages", NULL };
	cleanup_free char *errors = NULL;
	char *targets = NULL;
	struct process process = { .argv = with_lists, .output = &targets, .errors = &errors };

	if (apt_run(&process, error) == 0 && *targets)
		return targets;
	free(targets);
	free(errors);
	targets = errors = NULL;
	process.argv = without_lists;
	if (apt_run(&process, error) >= 0)
		return targets;
	free(targets);
	return NULL;
}

static char *find_sources(const struct suite *suite, struct error *error)
{
	const char *mirror = getenv("KMEMLAB_MIRROR");
	const char *name = suite->distro->name;
	bool is_debian = !strcmp(name, "Debian");
	cleanup_free char *targets = NULL;
	char *sources;

	if (is_debian && mirror && *mirror &&
	    (!strstr(mirror, "://") || strpbrk(mirror, " \t\n"))) {
		error_set(error, EXIT_USAGE,
			  "KMEMLAB_MIRROR must be an address like http://HOST/debian, got '%s'",
			  mirror);
		return NULL;
	}
	if (is_debian && mirror && *mirror)
		return xasprintf("deb [signed-by=%s] %s %s main\n", suite->distro->keyring,
				 mirror, suite->name);
	targets = host_targets(suite->distro, error);
	if (!targets)
		return NULL;
	sources = apt_sources_from_targets(targets, suite);
	if (*sources)
		return sources;
	free(sources);
	error_set(error, EXIT_HOST_ERROR, "no mirror of %s's %s is configured on this host%s", name,
		  suite->name, is_debian ? " (set KMEMLAB_MIRROR)" : "");
	return NULL;
}

static int write_text(const char *directory, const char *name, const char *text)
{
	cleanup_free char *path = xasprintf("%s/%s", directory, name);

	return file_write(path, text, strlen(text));
}

static int write_state(const char *directory, const char *config, const char *sources)
{
	cleanup_free char *lists = xasprintf("%s/state/lists/partial", directory);
	cleanup_free char *archives = xasprintf("%s/cache/archives/partial", directory);

	return directory_create(lists) ?: directory_create(archives) ?:
	       write_text(directory, "status", "") ?:
	       write_text(directory, "sources.list", sources) ?:
	       write_text(directory, "apt.conf", config);
}

static bool allow_expired;

void apt_allow_expired(void)
{
	allow_expired = true;
}

/* An argument list that starts with a program and the private state. */
struct apt_command {
	const char **argv;
	size_t count;
};

static void command_add(struct apt_command *command, const char *const *args)
{
	for (; *args; args++)
		*array_add(&command->argv, &command->count) = *args;
}

#define command_add_args(command, ...) \
	command_add(command, (const char *const[]) { __VA_ARGS__, NULL })

static void command_init(struct apt_command *command, const struct apt *apt, const char *program)
{
	*command = (struct apt_command) { 0 };
	command_add_args(command, "env", apt->environment, program, "-c", apt->config);
}

/*
 * Run the command and free it. It is expected to write to the directory watched, unless that is
 * NULL. Return: its exit status or -1.
 */
static int command_run(struct apt_command *command, const char *watched, char **output,
		       char **errors, struct error *error)
{
	struct process process = { .output = output, .errors = errors,
				   .watched = watched, .stall_s = STALL_S };
	int status;

	*array_add(&command->argv, &command->count) = NULL;
	process.argv = command->argv;
	status = apt_run(&process, error);
	free(command->argv);
	return status;
}

/* Run "apt-get update". Return: its exit status, with the reason if that is above 0. */
static int update_once(struct apt *apt, char **reason, struct error *error)
{
	cleanup_free char *output = NULL;
	cleanup_free char *errors = NULL;
	struct apt_command command;
	int status;

	command_init(&command, apt, "apt-get");
	command_add_args(&command, "update", "-qq");
	status = command_run(&command, apt->directory, &output, &errors, error);
	free(*reason);
	*reason = status > 0 ? first_error(errors) : NULL;
	return status;
}

static int fail_update(const struct apt *apt, const char *reason, struct error *error)
{
	/* apt reports a full disk as an invalid signature. */
	if (strstr(reason, "No space left") || disk_is_full(path_cache()))
		return error_set(error, EXIT_HOST_ERROR, "the cache %s is full: %s", path_cache(),
				 reason);
	if (strstr(reason, "expired") || strstr(reason, "not valid"))
		return error_set(error, EXIT_HOST_ERROR,
				 "the package lists of %s have expired: %s (--allow-expired "
				 "accepts them)", apt->suite->name, reason);
	if (strstr(reason, "unexpected size") || strstr(reason, "Hash Sum mismatch"))
		return error_set(error, EXIT_HOST_ERROR,
				 "the mirror of %s is being updated: %s (try again later)",
				 apt->suite->name, reason);
	return error_set(error, EXIT_HOST_ERROR,
			 "cannot download the package lists of %s: %s (check the network)",
			 apt->suite->name, reason);
}

bool apt_drop_security(struct apt *apt, const char *why)
{
	cleanup_free char *path = xasprintf("%s/sources.list", apt->directory);
	cleanup_free char *sources = file_read(path, NULL);
	char *security = sources ? strchr(sources, '\n') : NULL;
	struct error ignored = { 0 };
	cleanup_free char *reason = NULL;
	int status;

	if (!security || !security[1])
		return false;
	security[1] = '\0';
	log_notice("continuing without the security archive of %s: %s", apt->suite->name, why);
	if (write_text(apt->directory, "sources.list", sources))
		return false;
	status = update_once(apt, &reason, &ignored);
	error_release(&ignored);
	return status == 0;
}

/* A mirror that is syncing can be inconsistent: retry once, then drop the security archive. */
static int update(struct apt *apt, struct error *error)
{
	cleanup_free char *reason = NULL;
	int status;

	log_notice("downloading the package lists of %s ...", apt->suite->name);
	status = update_once(apt, &reason, error);
	if (status > 0 && !disk_is_full(path_cache()))
		status = update_once(apt, &reason, error);
	if (status > 0 && !disk_is_full(path_cache()) && apt_drop_security(apt, reason))
		return 0;
	return status > 0 ? fail_update(apt, reason, error) : status;
}

int apt_open(struct apt *apt, const struct suite *suite, const char *arch, struct error *error)
{
	cleanup_free char *archs = strcmp(arch, arch_of_host) ?
		xasprintf("\"%s\"; \"%s\";", arch, arch_of_host) : xasprintf("\"%s\";", arch);
	cleanup_free char *options =
		xasprintf("%s%s", getuid() ? "" : "APT::Sandbox::User \"root\";\n",
			  allow_expired ? "Acquire::Check-Valid-Until \"false\";\n" : "");
	cleanup_free char *config = NULL;
	cleanup_free char *sources = NULL;
	int err;

	*apt = (struct apt) {
		.suite = suite,
		.directory = cache_path("apt/%s-%s", suite->name, arch),
	};
	if (!file_exists(suite->distro->keyring))
		return error_set(error, EXIT_HOST_ERROR, "%s is missing: install the package %s",
				 suite->distro->keyring, suite->distro->keyring_package);
	sources = find_sources(suite, error);
	if (!sources)
		return -1;
	config = xasprintf(config_format, apt->directory, arch, archs, options);
	err = write_state(apt->directory, config, sources);
	if (err)
		return error_set(error, EXIT_HOST_ERROR, "cannot write to the cache %s: %s",
				 apt->directory, strerror(-err));
	apt->config = xasprintf("%s/apt.conf", apt->directory);
	apt->temporary = xasprintf("%s/tmp", apt->directory);
	apt->environment = xasprintf("TMPDIR=%s", apt->temporary);
	directory_create(apt->temporary);
	return update(apt, error);
}

void apt_close(struct apt *apt)
{
	if (apt->temporary)
		directory_remove(apt->temporary);
	free(apt->directory);
	free(apt->config);
	free(apt->temporary);
	free(apt->environment);
	*apt = (struct apt) { 0 };
}

/* Return the output of an apt-cache command, or NULL. */
static char *query_cache(struct apt *apt, const char *const *args, struct error *error)
{
	cleanup_free char *errors = NULL;
	struct apt_command command;
	char *output = NULL;

	command_init(&command, apt, "apt-cache");
	command_add(&command, args);
	if (command_run(&command, NULL, &output, &errors, error) >= 0)
		return output;
	free(output);
	return NULL;
}

char *apt_show(struct apt *apt, const char *package, struct error *error)
{
	const char *const args[] = { "show", "--no-all-versions", package, NULL };

	return query_cache(apt, args, error);
}

char *apt_names(struct apt *apt, const char *prefix, struct error *error)
{
	const char *const args[] = { "pkgnames", prefix, NULL };

	return query_cache(apt, args, error);
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

/* Return the files an apt-get command would download, as "'URI' NAME BYTES HASH" lines. */
static char *find_uris(struct apt *apt, const char *const *options, const char *const *packages,
		       struct error *error)
{
	cleanup_free char *errors = NULL;
	cleanup_free char *reason = NULL;
	struct apt_command command;
	char *uris = NULL;
	int status;

	command_init(&command, apt, "apt-get");
	command_add_args(&command, "--print-uris");
	command_add(&command, options);
	command_add(&command, packages);
	status = command_run(&command, NULL, &uris, &errors, error);
	if (status == 0)
		return uris;
	if (status > 0) {
		reason = first_error(errors);
		error_set(error, EXIT_HOST_ERROR, "%s lacks a package: %s", apt->suite->name,
			  reason);
	}
	free(uris);
	return NULL;
}

/* Check the space for the packages alone: their unpacked size is not known. */
static int check_space(const char *directory, unsigned long long bytes, struct error *error)
{
	struct statvfs space;
	unsigned long long available;

	if (statvfs(directory, &space))
		return 0;
	available = (unsigned long long)space.f_bavail * space.f_frsize;
	if (available >= bytes)
		return 0;
	return error_set(error, EXIT_HOST_ERROR,
			 "not enough space in %s: the download needs %.1f MB, %.1f MB are free",
			 directory, bytes / 1e6, available / 1e6);
}

/*
 * Download and check the files of uris, which is modified. apt-helper resumes partial
 * files, unlike "apt-get download", which starts over.
 */
static int download_uris(struct apt *apt, char *uris, const char *directory, struct error *error)
{
	struct apt_command command;
	cleanup_free char *errors = NULL;
	cleanup_free char *reason = NULL;
	int status = 0;
	char *line;

	command_init(&command, apt, "/usr/lib/apt/apt-helper");
	command_add_args(&command, log_shows_progress() ? "--quiet=0" : "-qq", "download-file");
	while ((line = strsep(&uris, "\n"))) {
		char *uri = strsep(&line, " "), *name = strsep(&line, " ");
		char *bytes = strsep(&line, " ");

		if (!bytes || !line || uri[0] != '\'')
			continue;
		uri[strlen(uri) - 1] = '\0';
		command_add_args(&command, uri + 1, name, line);
	}
	*array_add(&command.argv, &command.count) = NULL;
	/* Retry: a damaged partial file makes the first attempt fail, and is deleted. */
	for (int attempt = 0; attempt < 2; attempt++) {
		struct process process = { .argv = command.argv, .directory = directory,
					   .errors = &errors,
					   .watched = directory, .stall_s = STALL_S };

		free(errors);
		errors = NULL;
		status = apt_run(&process, error);
		if (status <= 0)
			break;
	}
	free(command.argv);
	if (status <= 0)
		return status;
	apt->lacks_files = true;
	reason = first_error(errors);
	return error_set(error, EXIT_HOST_ERROR, "download failed: %s (partial files are in %s)",
			 reason, directory);
}

static int download(struct apt *apt, const char *const *options, const char *const *packages,
		    const char *directory, struct error *error)
{
	cleanup_free char *uris = find_uris(apt, options, packages, error);
	unsigned long long bytes = uris ? apt_uri_bytes(uris) : 0;

	if (!uris || check_space(directory, bytes, error))
		return -1;
	log_notice("downloading %.1f MB ...", bytes / 1e6);
	return download_uris(apt, uris, directory, error);
}

int apt_download(struct apt *apt, const char *const *packages, const char *directory,
		 struct error *error)
{
	static const char *const options[] = { "download", NULL };

	return download(apt, options, packages, directory, error);
}

int apt_download_installation(struct apt *apt, const char *const *packages, const char *directory,
			      struct error *error)
{
	static const char *const options[] = { "-o", "Debug::NoLocking=1", "-y",
					       "--no-install-recommends", "install", NULL };

	if (directory_create(directory))
		return error_set(error, EXIT_HOST_ERROR, "cannot write to %s", directory);
	return download(apt, options, packages, directory, error);
}

int apt_unpack(const char *script, const char *debs, const char *directory, struct error *error)
{
	const char *const argv[] = { "sh", "-c", script, "sh", debs, NULL };
	struct process process = { .argv = argv, .directory = directory };
	int status = process_run(&process);

	if (status == -EINTR)
		return error_interrupted(error);
	return status ? error_set(error, EXIT_HOST_ERROR,
				  "cannot unpack packages into %s (is the disk full?)",
				  directory) : 0;
}
