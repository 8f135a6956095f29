// SPDX-License-Identifier: GPL-2.0-only
/* Table of facilities. */
#include "facilities/facility.h"

#include <linux/kernel.h>
#include <linux/string.h>

static const struct kmemlab_facility_ops *const facilities[] = {
#define FACILITY(NAME, FLAGS, DESCRIPTION)	&kmemlab_##NAME,
#include "facilities/list.h"
};

/**
 * kmemlab_facility_count() - Return the number of facilities.
 */
unsigned int kmemlab_facility_count(void)
{
	return ARRAY_SIZE(facilities);
}

/**
 * kmemlab_facility_at() - Return a facility by its position in the list.
 * @index: position, from 0
 *
 * Return: the facility, or NULL past the last one.
 */
const struct kmemlab_facility_ops *kmemlab_facility_at(unsigned int index)
{
	return index < ARRAY_SIZE(facilities) ? facilities[index] : NULL;
}

/**
 * kmemlab_facility_find() - Return a facility by its name.
 * @name: name in list.h
 *
 * Return: the facility, or NULL.
 */
const struct kmemlab_facility_ops *kmemlab_facility_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(facilities); i++) {
		if (!strcmp(facilities[i]->name, name))
			return facilities[i];
	}
	return NULL;
}

/**
 * kmemlab_facility_unavailable() - Check if this kernel has a facility.
 * @facility: facility
 *
 * Return: NULL, or the reason why the facility is not available.
 */
const char *kmemlab_facility_unavailable(const struct kmemlab_facility_ops *facility)
{
	return facility->unavailable ? facility->unavailable() : NULL;
}

/**
 * kmemlab_facility_object_size_max() - Return the maximum object size on this machine.
 * @facility: facility
 *
 * Return: the size in bytes.
 */
size_t kmemlab_facility_object_size_max(const struct kmemlab_facility_ops *facility)
{
	if (!facility->largest)
		return facility->object_size_max;
	return min(facility->object_size_max, facility->largest());
}

static const char *facility_fault(const struct kmemlab_facility_ops *facility)
{
	bool calibration = facility->capabilities & KMEMLAB_CAP_CALIBRATION;

	if (!facility->name || !*facility->name || strlen(facility->name) >= KMEMLAB_NAME_MAX)
		return "name is missing or too long";
	if (!facility->alloc_n || !facility->free_n || !facility->pair_n ||
	    !facility->alloc_batch || !facility->free_batch)
		return "a loop is missing";
	if (!facility->footprint_pages)
		return "footprint_pages is missing";
	if (!calibration && !facility->usable)
		return "usable is missing";
	if (!facility->alignment || !is_power_of_2(facility->alignment))
		return "alignment is not a power of two";
	if (!facility->object_size_min || facility->object_size_min > facility->object_size_max)
		return "object_size_min is not between 1 and object_size_max";
	if (!!facility->plan != !!facility->operations_max)
		return "plan and operations_max require each other";
	if (!!facility->copies != !!facility->copy)
		return "copies and copy require each other";
	if (facility->copies && facility->frame)
		return "frame does not support copies";
	if (!facility->idle)
		return "idle is missing";
	if (!!(facility->capabilities & KMEMLAB_CAP_BULK) !=
	    (facility->bulk_alloc || facility->bulk_free))
		return "bulk calls and KMEMLAB_CAP_BULK require each other";
	if (!facility->rcu_free_n != !facility->rcu_settle)
		return "rcu_free_n and rcu_settle require each other";
	if (facility->plan && (facility->bulk_alloc || facility->bulk_free))
		return "plan does not support bulk calls";
	return NULL;
}

/**
 * kmemlab_facilities_validate() - Check all facilities against the rules in facility.h.
 *
 * Return: 0, or -EINVAL with a message in the kernel log.
 */
int kmemlab_facilities_validate(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(facilities); i++) {
		const char *fault = facility_fault(facilities[i]);

		if (!fault && kmemlab_facility_find(facilities[i]->name) != facilities[i])
			fault = "name is not unique";
		if (fault) {
			pr_err("facility %u (%s) is invalid: %s\n", i,
			       facilities[i]->name ?: "?", fault);
			return -EINVAL;
		}
	}
	return 0;
}
