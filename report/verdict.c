// SPDX-License-Identifier: GPL-2.0-or-later
#include "verdict.h"

#include <string.h>

#include "base/memory.h"
#include "document.h"
#include "format.h"

static long long count_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static void add_proof(struct verdict *verdict, const json_t *result, const json_t *verification)
{
	long long objects = count_of(verification, "objects");
	size_t routes = json_array_size(json_object_get(verification, "routes"));

	if (!verdict->proved || objects < verdict->objects_least)
		verdict->objects_least = objects;
	if (objects > verdict->objects_most)
		verdict->objects_most = objects;
	if (!verdict->proved || routes < verdict->routes_least)
		verdict->routes_least = routes;
	if (routes > verdict->routes_most)
		verdict->routes_most = routes;
	verdict->objects += objects;
	verdict->objects_asked += count_of(result, "objects");
	verdict->proved++;
}

struct verdict verdict_of(const json_t *document)
{
	const json_t *self_check = json_object_get(document_environment(document), "self_check");
	struct verdict verdict = {
		.self_check_ok = json_is_true(json_object_get(self_check, "ok")),
	};
	json_t *result;
	size_t i;

	json_array_foreach(document_results(document), i, result) {
		const json_t *verification = json_object_get(result, "verification");
		const char *status = json_string_value(json_object_get(result, "status"));

		verdict.mismatches += count_of(verification, "mismatches");
		verdict.route_disagreements += count_of(verification, "route_disagreements");
		if (!strcmp(status, "refused"))
			verdict.refused++;
		else if (!strcmp(status, "failed"))
			verdict.failed++;
		else
			verdict.ok++;
		if (!strcmp(status, "ok") && json_is_object(verification))
			add_proof(&verdict, result, verification);
	}
	return verdict;
}

static char *words_for_routes(const struct verdict *verdict)
{
	if (verdict->routes_least == verdict->routes_most)
		return xstrdup(format_counted(verdict->routes_least, "route").text);
	return xasprintf("%zu to %zu routes", verdict->routes_least, verdict->routes_most);
}

/* "all" only where each object that was asked for was verified. */
static char *words_for_objects(const struct verdict *verdict)
{
	const char *each = verdict->proved > 1 ? " of each experiment" : "";

	if (verdict->objects < verdict->objects_asked)
		return xasprintf("%s of %s", format_count(verdict->objects).text,
				 format_counted(verdict->objects_asked, "object").text);
	if (verdict->objects == 1)
		return xstrdup("the one object");
	if (verdict->objects_least == verdict->objects_most)
		return xasprintf("%s %s%s", verdict->objects_most == 1 ? "the" : "all",
				 format_counted(verdict->objects_most, "object").text, each);
	return xasprintf("all %s objects of %zu experiments", format_count(verdict->objects).text,
			 verdict->proved);
}

char *verdict_proof(const struct verdict *verdict)
{
	cleanup_free char *objects = NULL, *routes = NULL, *rest = NULL;
	size_t unproved = verdict->ok - verdict->proved;

	if (verdict->mismatches || verdict->route_disagreements)
		return xasprintf("FAILED: %s read back wrong, %s that routes translate differently",
				 format_counted(verdict->mismatches, "byte").text,
				 format_counted(verdict->route_disagreements, "address").text);
	if (verdict->failed)
		return xasprintf("FAILED: %zu of the experiments, as said above", verdict->failed);
	if (!verdict->proved)
		return xstrdup("nothing was there to be proved");
	objects = words_for_objects(verdict);
	routes = words_for_routes(verdict);
	rest = unproved ? xasprintf("; %s had nothing to prove",
				    format_counted(unproved, "experiment").text) : xstrdup("");
	return xasprintf("%s proved by %s, 0 bytes wrong%s", objects, routes, rest);
}
