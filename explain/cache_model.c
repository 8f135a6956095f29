// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache_model.h"

#include <string.h>

#include "base/memory.h"
#include "lib/parse_number.h"

#define ENTRIES_MAX	(1u << 24)

/* In the order in which the levels are looked up. */
static const char *const level_names[CACHE_LEVELS] = { "l1", "l2", "l3", "dtlb" };

static bool is_power_of_two(uint64_t value)
{
	return value && !(value & (value - 1));
}

static int find_name(const char *name, size_t length)
{
	for (int i = 0; i < CACHE_LEVELS; i++)
		if (strlen(level_names[i]) == length && !strncmp(level_names[i], name, length))
			return i;
	return -1;
}

/* Read "32k,8". Return NULL or an allocated error message. */
static char *read_level(struct cache_level *level, const char *text, size_t length)
{
	uint64_t size, ways;
	const char *pos;

	if (parse_number(text, &pos, &size) || *pos != ',' ||
	    parse_number(pos + 1, &pos, &ways) || pos != text + length || !size || !ways)
		return xasprintf("must be SIZE,WAYS, got '%.*s'", (int)length, text);
	if (!level->is_tlb)
		size /= CACHE_LINE;
	if (size > ENTRIES_MAX || ways > size || size % ways || !is_power_of_two(size / ways))
		return xasprintf("the number of sets (size divided by %sways) must be a power of "
				 "two, got '%.*s'", level->is_tlb ? "" : "64-byte lines and ",
				 (int)length, text);
	level->ways = ways;
	level->sets = size / ways;
	level->tags = xcalloc(size, sizeof(*level->tags));
	return NULL;
}

char *cache_model_read(struct cache_model *model, const char *text)
{
	int previous = -1;

	*model = (struct cache_model) { 0 };
	for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
		size_t length = strcspn(text, " "), name = strcspn(text, "= ");
		int index = find_name(text, name);
		struct cache_level *level = &model->levels[model->count];
		char *error;

		if (index < 0 || text[name] != '=')
			return xasprintf("unknown cache '%.*s' (known: l1=, l2=, l3=, dtlb=)",
					 (int)length, text);
		if (index <= previous)
			return xasprintf("'%.*s' is out of order (each once: l1, l2, l3, dtlb)",
					 (int)length, text);
		previous = index;
		strcpy(level->name, level_names[index]);
		level->is_tlb = index == 3;
		error = read_level(level, text + name + 1, length - name - 1);
		if (error)
			return error;
		model->count++;
		text += length;
	}
	return model->count ? NULL :
		xasprintf("no cache given (example: l1=32k,8 l2=1m,16 dtlb=64,4)");
}

void cache_model_release(struct cache_model *model)
{
	for (size_t i = 0; i < CACHE_LEVELS; i++)
		free(model->levels[i].tags);
	*model = (struct cache_model) { 0 };
}

/* Make the block the most recently used of its set. Return true if it was cached. */
static bool touch_block(struct cache_level *level, uint64_t block)
{
	uint64_t *set = &level->tags[block % level->sets * level->ways];
	unsigned int way = 0;
	bool hit;

	while (way < level->ways - 1 && set[way] != block + 1)
		way++;
	hit = set[way] == block + 1;
	memmove(set + 1, set, way * sizeof(*set));
	set[0] = block + 1;
	return hit;
}

static void touch_line(struct cache_model *model, uint64_t line, uint64_t misses[CACHE_LEVELS])
{
	for (size_t i = 0; i < model->count && !model->levels[i].is_tlb; i++) {
		if (touch_block(&model->levels[i], line))
			return;
		misses[i]++;
	}
}

static void touch_page(struct cache_model *model, uint64_t page, uint64_t misses[CACHE_LEVELS])
{
	for (size_t i = 0; i < model->count; i++)
		if (model->levels[i].is_tlb && !touch_block(&model->levels[i], page))
			misses[i]++;
}

void cache_model_access(struct cache_model *model, uint64_t address, size_t bytes,
			uint64_t misses[CACHE_LEVELS])
{
	uint64_t last = address + bytes - 1;

	for (uint64_t page = address / CACHE_PAGE; page <= last / CACHE_PAGE; page++)
		touch_page(model, page, misses);
	for (uint64_t line = address / CACHE_LINE; line <= last / CACHE_LINE; line++)
		touch_line(model, line, misses);
}
