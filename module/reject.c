// SPDX-License-Identifier: GPL-2.0-only
#include "experiment.h"

#include <linux/kernel.h>

static __printf(3, 0) void reject_set_reason(struct kmemlab_result *result,
					     enum kmemlab_reason code,
					     const char *format, va_list args)
{
	result->reason_code = code;
	vsnprintf(result->reason, sizeof(result->reason), format, args);
}

/**
 * kmemlab_set_reason() - set the reason without changing the status
 * @result: result of the experiment
 * @code: code of the reason
 * @format: human-readable text
 */
void kmemlab_set_reason(struct kmemlab_result *result, enum kmemlab_reason code,
			const char *format, ...)
{
	va_list args;

	va_start(args, format);
	reject_set_reason(result, code, format, args);
	va_end(args);
}

/**
 * kmemlab_reject() - skip the experiment
 * @result: result of the experiment
 * @code: code of the reason
 * @err: negative errno
 * @format: human-readable text
 *
 * Return: @err.
 */
int kmemlab_reject(struct kmemlab_result *result, enum kmemlab_reason code, int err,
		   const char *format, ...)
{
	va_list args;

	va_start(args, format);
	reject_set_reason(result, code, format, args);
	va_end(args);
	result->status = KMEMLAB_STATUS_SKIPPED;
	result->error = err;
	return err;
}
