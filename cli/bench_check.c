// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/bench_check.h"

#include <errno.h>
#include <string.h>

#include "base/json_path.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/strbuf.h"

/* Return the reason why the kernel refuses the module, or NULL: init failed. */
static const char *refusal(const json_t *document, const char *name)
{
	cleanup_free char *prefix = xasprintf("%s: ", name);
	static const char *const reasons[] = { "Unknown symbol", "disagrees about version",
					       "version magic", "no symbol version",
					       "module is already loaded", "exports duplicate" };
	json_t *line;
	size_t i;

	json_array_foreach(json_at(document, "log"), i, line) {
		const char *text = strstr(json_string_value(line), prefix);

		for (size_t k = 0; text && k < ARRAY_SIZE(reasons); k++)
			if (!strncmp(text + strlen(prefix), reasons[k], strlen(reasons[k])))
				return text + strlen(prefix);
	}
	return NULL;
}

/*
 * Report a module that was not loaded. Many benchmarks return -EAGAIN after they ran, so that
 * they need not be unloaded: that does not count as a failure.
 */
static enum exit_code check_module(const json_t *document, const json_t *module)
{
	int err = json_int(module, "errno", 0);
	const char *name = json_str(module, "name", "-");
	const char *reason = err ? refusal(document, name) : NULL;

	if (!err)
		return EXIT_OK;
	if (reason || err == ENOEXEC || err == ENOKEY || err == EKEYREJECTED) {
		log_error("the kernel does not load %s: %s", name, reason ?: strerror(err));
		return EXIT_CHECK_FAILED;
	}
	if (err == EAGAIN) {
		log_notice("init of %s returned -EAGAIN, as benchmarks do that have ended", name);
		return EXIT_OK;
	}
	log_error("init of %s returned -%s (%s)", name, strerrorname_np(err) ?: "unknown",
		  strerror(err));
	return EXIT_CHECK_FAILED;
}

/* Suggest parameters: the defaults of some modules do not suffice. */
static void suggest_params(const struct options *options, const struct bench_modules *modules)
{
	cleanup_strbuf struct strbuf names = STRBUF_INIT;

	if (options->params.count)
		return;
	for (size_t i = 0; i < modules->count; i++)
		module_info_add_params(&modules->list[i], &names);
	if (names.length)
		log_notice("no parameter was set (--param; the module has: %s)", names.text);
}

/* Report modules that were not loaded because an earlier one failed. */
static enum exit_code check_count(const json_t *modules, const struct bench_modules *loaded)
{
	cleanup_strbuf struct strbuf names = STRBUF_INIT;

	for (size_t i = json_array_size(modules); i < loaded->count; i++) {
		strbuf_separate(&names, ", ");
		strbuf_addstr(&names, loaded->list[i].name);
	}
	if (!names.length)
		return EXIT_OK;
	log_error("these modules were not loaded: %s", names.text);
	return EXIT_CHECK_FAILED;
}

static bool log_has(const json_t *document, const char *text)
{
	json_t *line;
	size_t i;

	json_array_foreach(json_at(document, "log"), i, line)
		if (strstr(json_string_value(line), text))
			return true;
	return false;
}

/* Report tests of KUnit that failed, or whose results are missing. */
static enum exit_code check_tests(const json_t *document, bool kunit)
{
	const json_t *tests = json_at(document, "tests");
	enum exit_code code = EXIT_OK;
	json_t *test;
	size_t i;

	json_array_foreach(tests, i, test) {
		const char *reason = json_str(test, "reason", NULL);

		if (!json_is(test, "status", "failed"))
			continue;
		code = EXIT_CHECK_FAILED;
		if (reason)
			log_error("KUnit: %s: %s", json_str(test, "name", "-"), reason);
	}
	if ((kunit || json_array_size(tests)) && json_flag(document, "log_lost")) {
		log_error("results of tests may be missing: kernel messages were overwritten");
		code = EXIT_CHECK_FAILED;
	} else if (kunit && !json_array_size(tests) && log_has(document, "kunit: disabled")) {
		log_error("no test ran: KUnit is disabled (--append kunit.enable=1 enables it)");
		code = EXIT_CHECK_FAILED;
	} else if (kunit && !json_array_size(tests)) {
		log_error("the module has tests of KUnit, but none has a result");
		code = EXIT_CHECK_FAILED;
	}
	return code;
}

enum exit_code bench_check(const json_t *document, const struct options *options,
			   const struct bench_modules *loaded)
{
	const json_t *modules = json_at(document, "modules");
	enum exit_code code = EXIT_OK;
	json_t *module;
	size_t i;

	if (!json_at(document, "clock") || !json_array_size(modules)) {
		log_error("the guest's report is incomplete");
		return EXIT_HOST_ERROR;
	}
	json_array_foreach(modules, i, module)
		code = code ?: check_module(document, module);
	if (code)
		suggest_params(options, loaded);
	code = check_count(modules, loaded) ?: code;
	return code ?: check_tests(document, bench_modules_have_tests(loaded));
}
