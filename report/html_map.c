// SPDX-License-Identifier: GPL-2.0-or-later
/* Maps as an HTML page: pictures whose cells can be inspected, legends and tables. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_path.h"
#include "base/memory.h"
#include "format.h"
#include "html.h"
#include "map_picture.h"

#define PAGE_BITS	7	/* 128 x 128 cells */
#define SHARES		8	/* of free frames in a cell, which differ in color */

static const char map_style[] =
	"figure.map{max-width:36em}figcaption{margin:.4em 0}\n"
	".map svg{width:100%;border:1px solid var(--grid);cursor:crosshair}"
	".map .cells{fill:none;print-color-adjust:exact;-webkit-print-color-adjust:exact}\n"
	".map .zone{fill:none;stroke:var(--text);stroke-width:.3}\n"
	".map .mark{fill:none;stroke:var(--bad);stroke-width:.6}.map .only .cells.all{opacity:.12}\n"
	".map .at{min-height:3em;margin:.3em 0}\n"
	".map th[role=button]{text-decoration:none}.map .swatch{border:1px solid var(--grid)}\n"
	".map [aria-pressed=true]{font-weight:bold;outline:2px solid var(--text)}\n"
	"@media print{.map .at{display:none}}\n";

/*
 * The frames of the cell at the pointer, in all pictures of the same memory. A click on a kind
 * shows in which cells it is, and how much of them.
 */
static const char map_script[] =
	"function number(n){return n.toLocaleString('en-US')}\n"
	"function point(side,d){for(var x=0,y=0,s=1;s<side;s*=2,d=Math.floor(d/4)){"
	"var rx=Math.floor(d/2)&1,ry=(d^rx)&1,t=x;if(!ry){if(rx){x=s-1-x;y=s-1-y;t=x}x=y;y=t}"
	"x+=s*rx;y+=s*ry}return[x,y]}\n"
	"function shape(svg,kind,name){var e=document.createElementNS(svg.namespaceURI,kind);"
	"e.setAttribute('class',name);svg.appendChild(e);return e}\n"
	"var maps=all(document,'figure.map').map(function(figure){"
	"var svg=figure.querySelector('svg'),d=svg.dataset,m={svg:svg,side:+d.side,start:+d.start,"
	"span:+d.span,page:+d.page,zones:d.zones.split('|'),cells:[],points:[],at:[],names:{},"
	"rows:all(figure,'tr[data-kind]'),now:0};m.count=m.side*m.side;\n"
	"d.cells.split(';').forEach(function(text){var p=text.split(' '),cell={zone:+p[1],"
	"order:+p[2],kinds:p.slice(3).map(function(k){return k.split(':').map(Number)})};"
	"for(var i=+p[0];i>0;i--)m.cells.push(cell)});\n"
	"for(var i=0;i<m.count;i++){var p=point(m.side,i);m.points.push(p);"
	"m.at[p[1]*m.side+p[0]]=i}\n"
	"m.rows.forEach(function(r){m.names[r.dataset.kind]=r.cells[0].textContent.trim()});"
	"m.text=document.createElement('p');m.text.className='at';"
	"m.text.setAttribute('role','status');m.text.textContent='Point at a cell to see its "
	"frames; click a kind to see where it is.';"
	"figure.insertBefore(m.text,svg.nextSibling);return m});\n"
	"function first(m,i){return m.start+Math.floor(m.span*i/m.count)}\n"
	"function tell(m,i){var c=m.cells[i],from=first(m,i),to=first(m,i+1)-1,node=(c.zone|0)>>8,"
	"kinds=c.kinds.map(function(k){return m.names[k[0]]+' '+number(k[1])});"
	"m.now=i;m.text.textContent='PFN '+number(from)+(to>from?' to '+number(to):'')+', address 0x'+"
	"(from*m.page).toString(16)+(kinds.length?', '+m.zones[c.zone&255]+'/'+node+': '+"
	"kinds.join(', '):': hole')+(c.order<0?'':'; largest free block: order '+c.order);"
	"if(!m.mark){m.mark=shape(m.svg,'rect','mark');m.mark.setAttribute('width',1);"
	"m.mark.setAttribute('height',1)}"
	"m.mark.setAttribute('x',m.points[i][0]);m.mark.setAttribute('y',m.points[i][1])}\n"
	"function show(m,i){maps.forEach(function(o){if(o.start===m.start&&o.span===m.span&&"
	"o.side===m.side)tell(o,i)})}\n"
	/* Four strengths of a color: the share of the cell's frames. */
	"function pick(m,name){var paths=['','','',''],kind,color;if(m.over)m.over.remove();"
	"m.over=null;m.rows.forEach(function(r){var on=!!name&&m.names[r.dataset.kind]===name;"
	"r.cells[0].setAttribute('aria-pressed',on);if(on){kind=+r.dataset.kind;"
	"color=r.querySelector('.swatch').dataset.color}});"
	"m.svg.classList.toggle('only',!!name);if(!kind)return;\n"
	"m.cells.forEach(function(c,i){var sum=0,part=0;c.kinds.forEach(function(k){sum+=k[1];"
	"if(k[0]===kind)part=k[1]});if(part)paths[Math.ceil(4*part/sum)-1]+="
	"'M'+m.points[i].join(' ')+'h1'});"
	"m.over=shape(m.svg,'g','cells');m.over.setAttribute('transform','translate(0 .5)');"
	"paths.forEach(function(d,i){var p=shape(m.over,'path','');p.setAttribute('d',d);"
	"p.setAttribute('stroke',color);p.setAttribute('stroke-opacity',(i+1)/4)})}\n"
	"maps.forEach(function(m){function at(e){var box=m.svg.getBoundingClientRect(),"
	"x=Math.floor((e.clientX-box.left)*m.side/box.width),"
	"y=Math.floor((e.clientY-box.top)*m.side/box.height);"
	"if(x>=0&&y>=0&&x<m.side&&y<m.side)show(m,m.at[y*m.side+x])}\n"
	"m.svg.onpointermove=at;m.svg.onpointerdown=at;m.svg.setAttribute('tabindex',0);"
	"m.svg.onkeydown=function(e){var to=m.now+(e.key==='ArrowRight'?1:e.key==='ArrowLeft'?-1:"
	"0);if(to!==m.now){e.preventDefault();show(m,Math.min(Math.max(to,0),m.count-1))}};\n"
	"m.rows.forEach(function(r){var head=r.cells[0],name=m.names[r.dataset.kind];"
	"head.tabIndex=0;head.setAttribute('role','button');head.setAttribute('aria-pressed',false);"
	"function go(){var on=head.getAttribute('aria-pressed')!=='true';"
	"maps.forEach(function(o){pick(o,on?name:null)})}\n"
	"head.onclick=go;head.onkeydown=function(e){if(e.key==='Enter'||e.key===' '){"
	"e.preventDefault();go()}}})});\n"
	"if(maps.length){var tools=document.createElement('div'),search=add(add(tools,'label',"
	"'Find PFN or 0x address '),'input'),none=add(tools,'span');tools.className='tools';"
	"search.type='search';none.setAttribute('role','status');"
	"var top=document.querySelector('.pair');top.parentNode.insertBefore(tools,top);\n"
	"search.oninput=function(){var t=search.value.replace(/[,\\s]/g,''),any=false;"
	"maps.forEach(function(m){var pfn=/^0x/i.test(t)?Math.floor(parseInt(t,16)/m.page):"
	"parseInt(t,10),i=Math.floor((pfn-m.start)*m.count/m.span);"
	"if(!(i>=0&&i<m.count))return;while(first(m,i+1)<=pfn)i++;any=true;tell(m,i)});"
	"none.textContent=t&&!any?'not in the picture':''}}\n";

/* Cells of the same color in a row. */
struct stripe {
	unsigned int color, x, y, width;
};

struct stripes {
	struct stripe *list;
	size_t count;
};

/* Return the color of a cell as 0xRRGGBB, which pages need without borders and with few shades. */
static unsigned int color_of(const struct picture *picture, struct cell cell)
{
	unsigned char rgb[3];

	cell.border = false;
	cell.free_share = ceil(SHARES * cell.free_share) / SHARES;
	map_cell_color(picture, &cell, rgb);
	return rgb[0] << 16 | rgb[1] << 8 | rgb[2];
}

static int by_color(const void *a, const void *b)
{
	const struct stripe *first = a, *second = b;

	if (first->color != second->color)
		return first->color < second->color ? -1 : 1;
	if (first->y != second->y)
		return first->y < second->y ? -1 : 1;
	return first->x < second->x ? -1 : first->x > second->x;
}

static struct stripes stripes_of(const struct picture *picture)
{
	const unsigned int side = 1U << picture->bits;
	struct stripes stripes = { 0 };
	struct stripe *last = NULL;

	for (unsigned int i = 0; i < side * side; i++) {
		const struct cell *cell = &picture->cells[i];
		const unsigned int color = color_of(picture, *cell);

		if (cell->kind == KIND_HOLE) {
			last = NULL;
		} else if (last && last->color == color && i % side) {
			last->width++;
		} else {
			last = array_add(&stripes.list, &stripes.count);
			*last = (struct stripe) { color, i % side, i / side, 1 };
		}
	}
	if (stripes.count)
		qsort(stripes.list, stripes.count, sizeof(*stripes.list), by_color);
	return stripes;
}

/* Print a path for each color. */
static void print_cells(const struct picture *picture, FILE *out)
{
	struct stripes stripes = stripes_of(picture);

	fputs("<g class=\"cells all\" transform=\"translate(0 .5)\" shape-rendering=\"crispEdges\">",
	      out);
	for (size_t i = 0; i < stripes.count; i++) {
		const struct stripe *stripe = &stripes.list[i];

		if (!i || stripe[-1].color != stripe->color)
			fprintf(out, "%s<path stroke=\"#%06x\" d=\"", i ? "\"/>\n" : "",
				stripe->color);
		fprintf(out, "M%u %uh%u", stripe->x, stripe->y, stripe->width);
	}
	fprintf(out, "%s</g>\n", stripes.count ? "\"/>" : "");
	free(stripes.list);
}

static bool differs(const struct cell *a, const struct cell *b)
{
	return a->kind != KIND_HOLE && b->kind != KIND_HOLE && a->zone != b->zone;
}

/* Print lines between cells of different zones. */
static void print_zone_borders(const struct picture *picture, FILE *out)
{
	const unsigned int side = 1U << picture->bits;

	fputs("<path class=\"zone\" d=\"", out);
	for (unsigned int i = 0; i < side * side; i++) {
		const struct cell *cell = &picture->cells[i];

		if (i % side && differs(cell, cell - 1))
			fprintf(out, "M%u %uv1", i % side, i / side);
		if (i >= side && differs(cell, cell - side))
			fprintf(out, "M%u %uh1", i % side, i / side);
	}
	fputs("\"/>\n", out);
}

static bool is_same(const struct cell_frames *a, const struct cell_frames *b)
{
	return a->order == b->order && a->zone == b->zone &&
	       !memcmp(a->kinds, b->kinds, sizeof(a->kinds));
}

/* Print "COUNT ZONE ORDER KIND:FRAMES..." for equal cells that follow each other in memory. */
static void print_cell_data(struct cell_walk walk, bool is_change, FILE *out)
{
	struct cell_frames cell, next;
	bool more = map_cell_next(&walk, &next);

	while (more) {
		size_t count = 0;

		for (cell = next; more && is_same(&cell, &next); count++)
			more = map_cell_next(&walk, &next);
		fprintf(out, "%zu %u %d", count, cell.zone, is_change ? -1 : cell.order);
		for (unsigned int kind = 1; kind < KIND_COUNT; kind++)
			if (cell.kinds[kind])
				fprintf(out, " %u:%llu", kind, (unsigned long long)cell.kinds[kind]);
		fputs(more ? ";" : "", out);
	}
}

/* Print the kinds with their colors and frames: the legend of a picture, and its values. */
static void print_kinds(const struct picture *picture, const struct frames *frames,
			long long page_size, FILE *out)
{
	uint64_t pages[KIND_COUNT] = { 0 }, all = 0;

	for (size_t i = 0; i < frames->count; i++) {
		pages[frames->runs[i].kind] += frames->runs[i].pages;
		all += frames->runs[i].pages;
	}
	fputs("<table><thead><tr><th>kind</th><th>frames</th><th>memory</th><th>share</th></tr>"
	      "</thead>\n<tbody>\n", out);
	for (unsigned int kind = 1; kind < KIND_COUNT; kind++) {
		unsigned int color;

		if (!pages[kind])
			continue;
		color = color_of(picture, map_legend_cell(kind, ORDERS_MAX));
		fprintf(out, "<tr data-kind=\"%u\"><th scope=\"row\"><span class=\"swatch\" "
			"data-color=\"#%06x\" style=\"background:#%06x\"></span> %s</th><td>%s</td>"
			"<td>%s</td><td>%s</td></tr>\n", kind, color, color,
			picture->looks[kind].name, format_count(pages[kind]).text,
			format_bytes(pages[kind] * page_size).text,
			format_share((double)pages[kind] / all).text);
	}
	fputs("</tbody></table>\n", out);
}

static void print_zones(const json_t *map, FILE *out)
{
	json_t *zone;
	size_t i;

	json_array_foreach(json_at(map, "zones"), i, zone) {
		html_printf(out, "%s%s", i ? "|" : "", json_string_value(zone));
	}
}

static void print_figure(const json_t *map, const char *title, const struct frames *frames,
			 const struct look *looks, FILE *out)
{
	struct picture picture = map_picture_draw(frames, PAGE_BITS, looks);
	const struct cell_walk walk = map_cells(frames, PAGE_BITS);
	const long long page_size = json_int(map, "page_size", 0);
	const unsigned int side = 1U << walk.bits;
	cleanup_free char *scale = map_scale_text(&picture, page_size);

	html_printf(out, "<figure class=\"map\"><figcaption>%s; %s</figcaption>\n<svg role=\"img\" "
		    "aria-label=\"Physical memory, %s: the table below has the sums\" "
		    "viewBox=\"0 0 %d %d\" data-zones=\"", title, scale, title, (int)side, (int)side);
	print_zones(map, out);
	fprintf(out, "\" data-side=\"%u\" data-start=\"%llu\" data-span=\"%llu\" data-page=\"%lld\" "
		"data-cells=\"", side, (unsigned long long)walk.start,
		(unsigned long long)walk.span, page_size);
	print_cell_data(walk, picture.is_change, out);
	fputs("\">\n", out);
	print_cells(&picture, out);
	print_zone_borders(&picture, out);
	fputs("</svg>\n", out);
	print_kinds(&picture, frames, page_size, out);
	fputs("</figure>\n", out);
	free(picture.cells);
}

static void print_map_figure(const json_t *map, FILE *out)
{
	const char *phase = json_str(map, "phase", "?"), *unattributed, *missing;
	struct frames frames;
	char *error = frames_read(map, &frames);

	if (!error)
		print_figure(map, phase, &frames, map_kind_looks, out);
	free(error);
	frames_release(&frames);
	unattributed = json_str(map, "unattributed", NULL);
	missing = json_str(map, "objects_missing", NULL);
	if (unattributed) {
		html_printf(out, "<p>%s: not attributed: %s</p>\n", phase, unattributed);
	}
	if (missing) {
		html_printf(out, "<p>%s: objects not shown: %s</p>\n", phase, missing);
	}
}

static void print_change_figure(const json_t *before, const json_t *after, FILE *out)
{
	cleanup_free char *title = xasprintf("difference of %s and %s",
					     json_str(before, "phase", "?"),
					     json_str(after, "phase", "?"));
	struct frames changes;
	char *error = map_changes_read(before, after, &changes);

	if (!error)
		print_figure(after, title, &changes, map_change_looks, out);
	free(error);
	frames_release(&changes);
}

/* Print what a function prints about one or two maps as paragraphs. */
static void print_text_of(const json_t *before, const json_t *map, FILE *out)
{
	char *text;
	size_t bytes;
	FILE *lines = open_memstream(&text, &bytes);

	if (!lines)
		return;
	if (before) {
		free(map_print_diff(before, map, lines));
	} else {
		map_print_orders_notes(map, lines);
		map_print_largest(map, lines);
	}
	fclose(lines);
	html_lines(text, out);
	free(text);
}

static void print_free_memory(const json_t *map, FILE *out)
{
	cleanup_table struct table orders = map_orders_table(map);
	cleanup_table struct table kinds = map_kinds_table(map);
	cleanup_free char *name = xasprintf("Free memory, %s", json_str(map, "phase", "?"));
	cleanup_free char *frames = xasprintf("Frames by kind and zone, %s",
					      json_str(map, "phase", "?"));

	html_printf(out, "<section><h2>%s</h2>\n", name);
	html_table(&orders, name, "", out);
	print_text_of(NULL, map, out);
	html_fold_begin(frames, out);
	html_table(&kinds, frames, "sort", out);
	html_fold_end(out);
	fputs("</section>\n", out);
}

static void print_kernel(const json_t *environment, FILE *out)
{
	html_printf(out, "<p>Kernel: Linux %s, %s; %s (%s); QEMU %s, kmemlab %s.<br>\n",
		    json_str(environment, "kernel.release", "-"),
		    json_str(environment, "kernel.arch", "-"),
		    json_str(environment, "target", "-"), json_str(environment, "accelerator", "-"),
		    json_str(environment, "run.qemu_version", "-"),
		    json_str(environment, "run.kmemlab_version", "-"));
}

static void print_shades(FILE *out)
{
	const struct picture picture = { .looks = map_kind_looks };

	fputs("<p class=\"note\">Cells that are close in the picture are close in memory. A cell has the "
	      "color of its most frequent use, mixed with that of its free frames. Largest free "
	      "block in a cell: ", out);
	for (int order = 0; order <= 9; order += 3)
		fprintf(out, "<span class=\"swatch\" style=\"background:#%06x\"></span> order "
			"%d%s ", color_of(&picture, map_legend_cell(KMEMLAB_PAGE_FREE, order)), order,
			order == 9 ? " and more." : "");
	fputs("Lines are borders of zones.</p>\n", out);
}

void map_html(const json_t *document, FILE *out)
{
	const json_t *environment = json_at(document, "environment"), *maps = json_at(document, "maps");
	const json_t *first = json_array_get(maps, 0);
	cleanup_free char *command = html_repeat_command(json_str(environment, "run.command", "-"));
	json_t *map;
	size_t i;

	html_begin("Physical memory", map_style, out);
	print_kernel(environment, out);
	html_printf(out, "Memory condition: %s; free blocks for gfp %s.<br>\nRepeat: <code>%s</code>"
		    "</p>\n", json_str(first, "condition", "fresh"), json_str(first, "gfp", "kernel"),
		    command);
	print_shades(out);
	fputs("<div class=\"pair\">\n", out);
	json_array_foreach(maps, i, map) {
		fputs("<section>\n", out);
		print_map_figure(map, out);
		fputs("</section>\n", out);
		if (i == 1) {
			fputs("<section>\n", out);
			print_change_figure(first, map, out);
			print_text_of(first, map, out);
			fputs("</section>\n", out);
		}
	}
	fputs("</div>\n", out);
	json_array_foreach(maps, i, map)
		print_free_memory(map, out);
	for (i = 2; i < json_array_size(maps); i++)
		print_text_of(json_array_get(maps, i - 1), json_array_get(maps, i), out);
	html_end(map_script, out);
}
