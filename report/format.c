// SPDX-License-Identifier: GPL-2.0-or-later
#include "format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct format format_count(long long value)
{
	struct format result;
	char digits[FORMAT_MAX / 2];
	char *to = result.text;
	int count = snprintf(digits, sizeof(digits), "%llu",
			     value < 0 ? -(unsigned long long)value : (unsigned long long)value);

	if (value < 0)
		*to++ = '-';
	for (int i = 0; i < count; i++) {
		if (i && (count - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return result;
}

struct format format_json(const json_t *number)
{
	struct format result = { "-" };
	long long tenths;

	if (json_is_integer(number))
		return format_count(json_integer_value(number));
	if (!json_is_real(number))
		return result;
	tenths = json_real_value(number) * 10 + (json_real_value(number) < 0 ? -0.5 : 0.5);
	result = format_count(tenths / 10);
	snprintf(result.text + strlen(result.text), 3, ".%lld", llabs(tenths % 10));
	return result;
}

struct format format_counted(long long value, const char *noun)
{
	struct format result = format_count(value);
	size_t length = strlen(result.text);
	const char *plural = noun[strlen(noun) - 1] == 's' ? "es" : "s";

	snprintf(result.text + length, FORMAT_MAX - length, " %s%s", noun, value == 1 ? "" : plural);
	return result;
}

struct format format_share(const json_t *share)
{
	struct format result = { "-" };

	if (json_is_number(share))
		snprintf(result.text, FORMAT_MAX, "%.1f %%", 100 * json_number_value(share));
	return result;
}

struct format format_bytes(long long bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	struct format result;
	size_t unit = 0;

	while (bytes && bytes % 1024 == 0 && unit + 1 < sizeof(units) / sizeof(*units)) {
		bytes /= 1024;
		unit++;
	}
	result = format_count(bytes);
	strcat(strcat(result.text, " "), units[unit]);
	return result;
}

const char *unit_words(const char *unit)
{
	return unit && !strcmp(unit, "tsc") ? "ticks" : unit;
}

bool reason_names(const char *reason, const char *facility)
{
	const size_t length = strlen(facility);

	return !strncmp(reason, facility, length) && reason[length] == ' ';
}

char *refusal_of(const json_t *result)
{
	const char *facility = json_string_value(json_object_get(result, "facility"));
	const char *reason = json_string_value(json_object_get(result, "reason"));

	return reason_names(reason, facility) ? xstrdup(reason) :
						xasprintf("%s: %s", facility, reason);
}
