/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reader of KTAP in the lines of a kernel log, as KUnit modules print it. */
#ifndef KMEMLAB_REPORT_KTAP_PARSE_H
#define KMEMLAB_REPORT_KTAP_PARSE_H

#include <jansson.h>

/*
 * Return the tests as an array of {name, status, reason}, empty if the log has no KTAP. Lines are
 * those of dmesg. A name is "suite.test"; status is ok, skipped or failed. A suite is in the array
 * only if it has no tests, or failed although none of its tests did, or if its results are not as
 * many as its plan says. In that case it is failed, and the reason has the numbers; the list of all
 * suites is named "plan".
 */
json_t *ktap_parse(const json_t *lines);

#endif
