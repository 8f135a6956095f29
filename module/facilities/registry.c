// SPDX-License-Identifier: GPL-2.0
#include "facilities/registry.h"

#include <linux/kernel.h>
#include <linux/string.h>

static const struct kmemlab_facility_ops *const facilities[] = {
#define FACILITY(name, description)	&kmemlab_##name,
#include "facilities/list.h"
#undef FACILITY
};

unsigned int kmemlab_facility_count(void)
{
	return ARRAY_SIZE(facilities);
}

const struct kmemlab_facility_ops *kmemlab_facility_at(unsigned int index)
{
	return index < ARRAY_SIZE(facilities) ? facilities[index] : NULL;
}

const struct kmemlab_facility_ops *kmemlab_facility_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(facilities); i++) {
		if (!strcmp(facilities[i]->name, name))
			return facilities[i];
	}
	return NULL;
}

const char *kmemlab_facility_unavailable(const struct kmemlab_facility_ops *facility)
{
	return facility->unavailable ? facility->unavailable() : NULL;
}

size_t kmemlab_facility_object_size_max(const struct kmemlab_facility_ops *facility)
{
	if (!facility->largest)
		return facility->object_size_max;
	return min(facility->object_size_max, facility->largest());
}

static const char *fault_of(const struct kmemlab_facility_ops *facility)
{
	bool instrument = facility->capabilities & KMEMLAB_CAP_INSTRUMENT;

	if (!facility->name || !*facility->name || strlen(facility->name) >= KMEMLAB_NAME_MAX)
		return "its name is missing or too long";
	if (!facility->alloc_n || !facility->free_n || !facility->pair_n ||
	    !facility->alloc_lap || !facility->free_lap)
		return "a loop is missing";
	if (!facility->footprint_pages)
		return "footprint_pages is missing";
	if (!instrument && !facility->usable)
		return "usable is missing";
	if (!facility->alignment || !is_power_of_2(facility->alignment))
		return "its alignment is not a power of two";
	if (!facility->object_size_min || facility->object_size_min > facility->object_size_max)
		return "its object sizes are not a range";
	if (!!facility->plan != !!facility->operations_max)
		return "plan and operations_max go together";
	if (!!facility->copies != !!facility->copy)
		return "copies and copy go together";
	if (facility->copies && facility->frame)
		return "frame does not know of copies";
	if (!facility->idle)
		return "it does not say what it costs when idle";
	if (!!(facility->capabilities & KMEMLAB_CAP_BULK) !=
	    (facility->bulk_alloc || facility->bulk_free))
		return "bulk calls and KMEMLAB_CAP_BULK go together";
	if (!facility->rcu_free_n != !facility->rcu_settle)
		return "what is freed after a grace period must be waited for";
	if (facility->plan && (facility->bulk_alloc || facility->bulk_free))
		return "an operation that plan sizes cannot be had in bulk";
	return NULL;
}

int kmemlab_facilities_validate(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(facilities); i++) {
		const char *fault = fault_of(facilities[i]);

		if (!fault && kmemlab_facility_find(facilities[i]->name) != facilities[i])
			fault = "its name is there twice";
		if (fault) {
			pr_err("facility %u (%s) is not usable: %s\n", i,
			       facilities[i]->name ?: "?", fault);
			return -EINVAL;
		}
	}
	return 0;
}
