// SPDX-License-Identifier: GPL-2.0-or-later
/* Frame, style and script of all HTML pages, and pictures in the cells of tables. */
#include "html.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/strbuf.h"
#include "format.h"

/* Blue and orange differ for all color-blind readers; shapes differ as well. */
static const char style[] =
	":root{color-scheme:light dark;--text:#1b1b1b;--back:#fff;--faint:#5c5c5c;--grid:#dcdcdc;"
	"--alloc:#0b5fa5;--free:#b85c00;--ok:#14662d;--bad:#a40000}\n"
	"@media (prefers-color-scheme:dark){:root{--text:#e6e6e6;--back:#17191c;--faint:#a5a9ae;"
	"--grid:#3a3e44;--alloc:#6cb0f5;--free:#f2a24a;--ok:#7fd191;--bad:#ff8d85}}\n"
	"body{font:15px/1.45 sans-serif;max-width:76em;margin:1.2em auto;padding:0 1em;"
	"color:var(--text);background:var(--back)}\n"
	"h1{font-size:1.5em;margin:0 0 .4em}h2{font-size:1.2em;margin:1.4em 0 .3em}"
	"h3{font-size:1em;margin:0}p{margin:.4em 0}\n"
	"table{border-collapse:collapse;margin:.4em 0}\n"
	"td,th{padding:.15em .6em;border-bottom:1px solid var(--grid);text-align:right;"
	"font-variant-numeric:tabular-nums;vertical-align:top}\n"
	"thead th{vertical-align:bottom}th{font-weight:600}\n"
	"td:first-child,th:first-child,.facts td,tbody th{text-align:left}\n"
	"tbody th{font-weight:normal}\n"
	"p{overflow-wrap:anywhere}code,.pre{white-space:pre-wrap;overflow-wrap:anywhere}"
	"pre{overflow-x:auto;font-size:12px}\n"
	".ok{color:var(--ok)}.bad{color:var(--bad);font-weight:bold}.note{color:var(--faint)}\n"
	".scroll{overflow-x:auto}.sort td:not(:last-child),.sort tbody th{white-space:nowrap}"
	".pair{display:grid;gap:0 2.5em;grid-template-columns:repeat(auto-fit,minmax("
	"min(100%,31em),1fr))}.pair>*{min-width:0}\n"
	/* Dots and bars in the cell of a table. */
	".plot{width:100%}.plot td,.plot th{padding:.1em .4em}.plot td{white-space:nowrap}"
	".plot .t{width:60%;min-width:9em;padding:0 1.3em}\n"
	".k{position:relative;height:1.5em;background:linear-gradient(to right,var(--grid) 1px,"
	"transparent 1px) 0 0/calc(100%/var(--n)) 100%;border-right:1px solid var(--grid);"
	"print-color-adjust:exact;-webkit-print-color-adjust:exact}\n"
	".axis{background:none;border:0;font-weight:normal}"
	".axis span{position:absolute;transform:translateX(-50%);bottom:0;white-space:nowrap}\n"
	".k i{position:absolute;box-sizing:border-box;top:50%;width:10px;height:10px;"
	"margin:-5px 0 0 -5px;border:2px solid var(--alloc);background:var(--alloc);"
	"border-radius:50%}.k i.n{border-color:var(--faint);background:var(--faint)}\n"
	".k i.f{border-color:var(--free);background:var(--free);border-radius:0}"
	".k i.h{background:var(--back)}.k i.s{width:6px;height:6px;margin:-3px 0 0 -3px}\n"
	".k b{position:absolute;top:50%;height:2px;margin-top:-1px;background:var(--grid)}"
	".k b.z{background:var(--faint);width:1px!important;top:0;height:100%;margin:0}\n"
	".key{display:inline-block;position:relative;width:14px;height:10px}.key i{left:6px}\n"
	/* Charts. */
	"figure{margin:0}figcaption{font-weight:600}svg{max-width:100%;height:auto;display:block}\n"
	"svg text{font:12px sans-serif;fill:var(--text)}svg .e{text-anchor:end}"
	"svg .m{text-anchor:middle}svg .faint{fill:var(--faint)}\n"
	"svg .grid{stroke:var(--grid)}svg .lead{stroke:var(--faint);stroke-width:.5;fill:none}"
	"svg polyline{fill:none;stroke-width:2}\n"
	"svg .a{stroke:var(--alloc)}svg .f{stroke:var(--free)}svg polyline.f{stroke-dasharray:5 3}"
	"svg .edge{stroke:var(--alloc);stroke-dasharray:2 3;stroke-width:1.5;fill:none}\n"
	"svg circle{stroke:var(--alloc);fill:var(--back);stroke-width:1.5}"
	"svg circle.a{fill:var(--alloc)}svg circle.f{stroke:var(--free);fill:var(--free)}\n"
	".many{display:grid;gap:.6em 1em;grid-template-columns:repeat(auto-fill,minmax(155px,1fr))}\n"
	".swatch{display:inline-block;width:1.2em;height:.8em;print-color-adjust:exact;"
	"-webkit-print-color-adjust:exact}\n"
	"svg.d{width:220px;max-width:none;fill:var(--alloc)}svg.d.f{fill:var(--free)}\n"
	/* Parts that the script adds or controls. */
	"summary{cursor:pointer;font-weight:600;margin:.5em 0}"
	".tools{display:flex;flex-wrap:wrap;gap:.6em;margin:.4em 0}"
	".tools input,.tools select,.tools button{font:inherit}"
	"th[role=button]{cursor:pointer;text-decoration:underline dotted}\n"
	"@media (max-width:520px){body{padding:0 .6em}td,th{padding:.15em .35em}"
	".plot{font-size:13px}.plot .t{min-width:7em;padding:0 .7em}"
	".plot.sort tbody th{white-space:normal}.axis span:nth-child(even){display:none}}\n"
	"@media print{body{margin:0;max-width:none;font-size:11px}thead{display:table-header-group}"
	"tr,figure,.pair section{break-inside:avoid}h2{break-after:avoid}"
	".scroll{overflow:visible}.tools{display:none}"
	".pair{display:block}.pair svg{max-width:13cm}}\n";

/*
 * Sorting by a click on a column's head, filters, and flame graphs. Everything is readable
 * without the script: it only adds controls.
 */
static const char script[] =
	"'use strict';\n"
	"(function(){\n"
	"function all(at,what){return Array.prototype.slice.call(at.querySelectorAll(what))}\n"
	"function add(parent,kind,text){var e=document.createElement(kind);"
	"if(text)e.textContent=text;parent.appendChild(e);return e}\n"
	/* Numbers may be marked "~12" or "(+1.2 %)"; "=" counts as 0, "-<0.1 %" as -0.05. */
	"function value(cell){var t=cell?cell.textContent.trim().replace(/,/g,''):'',"
	"small=/^\\(?([+-])<0\\.1/.exec(t);"
	"return{t:t,n:t==='='?0:small?+(small[1]+'0.05'):/^[~(+-]*[\\d.]/.test(t)?"
	"parseFloat(t.replace(/^[~(+]+/,'')):NaN}}\n"
	"function sort(table,column,down){var body=table.tBodies[0];"
	"Array.prototype.slice.call(body.rows).map(function(r,i){"
	"return{r:r,i:i,v:value(r.cells[column])}}).sort(function(x,y){"
	"var a=x.v,b=y.v,sign=down?-1:1,d=isNaN(a.n)||isNaN(b.n)?(isNaN(a.n)&&isNaN(b.n)?"
	"(a.t<b.t?-sign:a.t>b.t?sign:0):isNaN(a.n)?1:-1):(a.n-b.n)*sign;"
	"return d||x.i-y.i}).forEach(function(x){body.appendChild(x.r)})}\n"
	"all(document,'table.sort').forEach(function(table){"
	"all(table,'thead th').forEach(function(head,column){"
	"if(head.className==='t')return;"
	"head.tabIndex=0;head.setAttribute('role','button');"
	/* The first click shows the largest number, or the first name. */
	"function go(){var was=head.getAttribute('aria-sort'),down=was?was!=='descending':"
	"Array.prototype.some.call(table.tBodies[0].rows,function(r){"
	"return!isNaN(value(r.cells[column]).n)});"
	"all(table,'th[aria-sort]').forEach(function(h){h.removeAttribute('aria-sort')});"
	"head.setAttribute('aria-sort',down?'descending':'ascending');sort(table,column,down);"
	"table.dispatchEvent(new Event('sorted'))}\n"
	"head.onclick=go;head.onkeydown=function(e){if(e.key==='Enter'||e.key===' '){"
	"e.preventDefault();go()}}})});\n"
	"all(document,'table.filter').forEach(function(table){"
	"var tools=document.createElement('div'),label=add(tools,'label','Search '),"
	"input=add(label,'input'),count=add(tools,'span'),more=add(tools,'button',"
	"'Show all'),every=false,selects=[];"
	"tools.className='tools';input.type='search';count.setAttribute('role','status');"
	"var at=table.parentNode;at.parentNode.insertBefore(tools,at);\n"
	"['kind','change'].forEach(function(name){var seen={};"
	"all(table,'tr[data-'+name+']').forEach(function(r){seen[r.getAttribute('data-'+name)]=1});"
	"if(Object.keys(seen).length<2)return;"
	"var l=add(tools,'label',name+' '),s=add(l,'select');add(s,'option','all');"
	"Object.keys(seen).forEach(function(v){add(s,'option',v)});"
	"selects.push([name,s]);s.onchange=apply});\n"
	"function apply(){var words=input.value.toLowerCase().split(/\\s+/),shown=0,"
	"filtered=input.value||selects.some(function(s){return s[1].selectedIndex}),rows="
	"Array.prototype.slice.call(table.tBodies[0].rows);rows.forEach(function(r){"
	"var ok=(every||filtered||shown<40)&&(!input.value||words.every(function(w){"
	"return r.textContent.toLowerCase().indexOf(w)>=0}))&&"
	"selects.every(function(s){return s[1].selectedIndex===0||"
	"r.getAttribute('data-'+s[0])===s[1].value});r.hidden=!ok;shown+=ok});"
	"count.textContent=shown+' of '+rows.length+' rows';"
	"more.hidden=every||filtered||rows.length<=40}\n"
	"more.type='button';more.onclick=function(){every=true;apply()};"
	"table.addEventListener('sorted',apply);"
	"input.oninput=apply;apply()});\n"
	/* A frame that is clicked becomes as wide as the graph; its callers stay below it. */
	"function thin(graph){all(graph,'li').forEach(function(li){"
	"li.classList.toggle('thin',li.offsetWidth<28)})}\n"
	"function zoom(graph,to){all(graph,'li').forEach(function(li){li.hidden=false;"
	"li.style.width=li.getAttribute('data-width')});"
	"for(var at=to;at!==graph;at=at.parentNode)if(at.tagName==='LI'){at.style.width='100%';"
	"Array.prototype.forEach.call(at.parentNode.children,function(other){"
	"if(other!==at)other.hidden=true})}thin(graph)}\n"
	"var graphs=all(document,'.flames');graphs.forEach(function(graph){"
	"all(graph,'li').forEach(function(li){li.setAttribute('data-width',li.style.width);"
	"var span=li.firstElementChild;span.tabIndex=0;span.setAttribute('role','button');"
	"span.onclick=function(){zoom(graph,li)};span.onkeydown=function(e){"
	"if(e.key==='Enter')zoom(graph,li)}});thin(graph)});\n"
	"if(graphs.length){var bar=document.createElement('div'),find=add(add(bar,'label',"
	"'Search functions '),'input'),reset=add(bar,'button','Reset zoom'),found=add(bar,'span');"
	"bar.className='tools';find.type='search';reset.type='button';"
	"found.setAttribute('role','status');reset.onclick=function(){graphs.forEach(function(g){"
	"zoom(g,g.firstElementChild)})};\n"
	"var top=graphs[0].previousElementSibling||graphs[0].parentNode.previousElementSibling;"
	"top.parentNode.insertBefore(bar,top);\n"
	"find.oninput=function(){var text=find.value.toLowerCase(),sums=[];"
	"graphs.forEach(function(g){var sum=0;g.classList.toggle('found',!!text);"
	"all(g,'li').forEach(function(li){var hit=!!text&&"
	"li.firstElementChild.textContent.toLowerCase().indexOf(text)>=0;"
	"li.classList.toggle('hit',hit);if(hit)sum+=+li.getAttribute('data-n')});sums.push(sum)});"
	"found.textContent=text?'own instructions: '+sums.join(', '):''}}\n";

void html_begin(const char *title, const char *page_style, FILE *out)
{
	html_printf(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		    "<meta name=\"viewport\" content=\"width=device-width\">\n"
		    "<title>kmemlab: %s</title>\n<style>\n", title);
	fprintf(out, "%s%s</style>\n</head>\n<body>\n<main>\n", style, page_style);
	html_printf(out, "<h1>%s</h1>\n", title);
}

void html_end(const char *page_script, FILE *out)
{
	fprintf(out, "</main>\n<script>\n%s%s})();\n</script>\n</body>\n</html>\n", script,
		page_script);
}

void html_fold_begin(const char *summary, FILE *out)
{
	html_printf(out, "<details><summary>%s</summary>\n", summary);
}

void html_fold_end(FILE *out)
{
	fputs("</details>\n", out);
}

void html_table(const struct table *table, const char *name, const char *class, FILE *out)
{
	html_printf(out, "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"%s\">",
		    name);
	table_html(table, class, out);
	fputs("</div>\n", out);
}

void html_lines(const char *text, FILE *out)
{
	cleanup_free char *copy = xstrdup(text);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n")) && *line) {
		html_printf(out, "<p>%s</p>\n", line);
	}
}

void html_fact(const char *name, const char *value, FILE *out)
{
	html_printf(out, "<tr><td>%s</td><td><code>%s</code></td></tr>\n", name, value);
}

struct html_scale html_scale_log(double min, double max)
{
	struct html_scale scale = { .low = floor(log10(min > 0 ? min : 1)) };

	scale.high = fmax(ceil(log10(max > 0 ? max : 1)), scale.low + 1);
	scale.steps = scale.high - scale.low;
	return scale;
}

struct html_scale html_scale_linear(double min, double max)
{
	double span = fmax(max - min, 1), step = pow(10, floor(log10(span)));

	/* Between three and eight steps of 1, 2 or 5 times a power of ten. */
	if (span / step < 2)
		step /= 5;
	else if (span / step < 4)
		step /= 2;
	struct html_scale scale = {
		.linear = true, .low = floor(min / step) * step, .high = ceil(max / step) * step,
	};
	if (scale.high <= scale.low)
		scale.high = scale.low + step;
	scale.steps = lround((scale.high - scale.low) / step);
	return scale;
}

void html_range_add(struct html_range *range, double value)
{
	if (!(value > 0))
		return;
	range->min = fmin(range->min, value);
	range->max = fmax(range->max, value);
}

struct html_scale html_range_scale(const struct html_range *range)
{
	return html_scale_log(range->max ? range->min : 1, range->max ? range->max : 10);
}

double html_position(const struct html_scale *scale, double value)
{
	double at = scale->linear ? value : value > 0 ? log10(value) : scale->low;
	double share = (at - scale->low) / (scale->high - scale->low);

	return 100 * fmin(fmax(share, 0), 1);
}

struct format html_short(double value)
{
	static const char *const units[] = { "", "k", "M", "G" };
	size_t unit = 0;
	struct format text;

	while (fabs(value) >= 1000 && unit + 1 < ARRAY_SIZE(units)) {
		value /= 1000;
		unit++;
	}
	snprintf(text.text, sizeof(text.text), "%.3g%s", value, units[unit]);
	return text;
}

void html_axis(const struct html_scale *scale, const char *suffix, FILE *out)
{
	unsigned int skip = scale->steps > (*suffix ? 4 : 6) ? 2 : 1;
	double step = (scale->high - scale->low) / scale->steps;
	/* A linear scale has 0, which must have its label. */
	unsigned int first = scale->linear ? lround(-scale->low / step) % skip : 0;

	fputs("<th class=\"t\" aria-hidden=\"true\"><div class=\"k axis\">", out);
	for (unsigned int i = first; i <= scale->steps; i += skip) {
		double at = scale->low + step * i;

		fprintf(out, "<span style=\"left:%.4g%%\">%s%s</span>", 100.0 * i / scale->steps,
			html_short(scale->linear ? at : pow(10, at)).text, suffix);
	}
	fputs("</div></th>", out);
}

void html_track_begin(const struct html_scale *scale, FILE *out)
{
	fprintf(out, "<td class=\"t\" aria-hidden=\"true\"><div class=\"k\" style=\"--n:%u\">",
		scale->steps);
}

void html_dot(const struct html_scale *scale, double value, const char *class, FILE *out)
{
	fprintf(out, "<i class=\"%s\" style=\"left:%.4g%%\"></i>", class,
		html_position(scale, value));
}

void html_bar(const struct html_scale *scale, double from, double to, const char *class, FILE *out)
{
	double left = html_position(scale, from), right = html_position(scale, to);

	fprintf(out, "<b class=\"%s\" style=\"left:%.4g%%;width:%.4g%%\"></b>", class,
		fmin(left, right), fabs(right - left));
}

void html_track_end(FILE *out)
{
	fputs("</div></td>", out);
}

void html_key(const char *class, const char *text, FILE *out)
{
	fprintf(out, "<span class=\"k key\" style=\"background:none;border:0\"><i class=\"%s\"></i>"
		"</span> %s ", class, text);
}

/* Letters of options that only affect output; several may share a dash. */
static bool are_output_letters(const char *word, size_t length)
{
	return length > 1 && *word == '-' && strspn(word + 1, "hqv") >= length - 1;
}

/*
 * The options are those of the groups output, store and general in cli/option_table.c, without
 * --no-config, which changes results.
 */
static bool is_output_option(const char *word, size_t length, bool *has_value)
{
	static const char *const with_value[] = {
		"--json", "--csv", "--csv-long", "--ktap", "--junit", "--openmetrics",
		"--benchmark-json", "--html", "--markdown", "--folded", "--png",
		"--name", "--tag", "--color",
	};
	static const char *const alone[] = {
		"--quiet", "--verbose", "--histogram", "--no-store", "--console", "--help",
	};
	const char *equals = memchr(word, '=', length);
	size_t name = equals ? (size_t)(equals - word) : length;

	for (size_t i = 0; i < ARRAY_SIZE(with_value); i++) {
		if (strlen(with_value[i]) == name && !strncmp(word, with_value[i], name)) {
			*has_value = !equals;
			return true;
		}
	}
	*has_value = false;
	for (size_t i = 0; i < ARRAY_SIZE(alone); i++)
		if (strlen(alone[i]) == length && !strncmp(word, alone[i], length))
			return true;
	return are_output_letters(word, length);
}

/* Return the length of a word in which blanks may be quoted. */
static size_t word_length(const char *text)
{
	bool quoted = false;
	size_t i;

	for (i = 0; text[i] && (quoted || text[i] != ' '); i++) {
		if (text[i] == '\\' && text[i + 1] && !quoted)
			i++;
		else if (text[i] == '\'')
			quoted = !quoted;
	}
	return i;
}

char *html_repeat_command(const char *command)
{
	struct strbuf line = STRBUF_INIT;
	bool skip = false;

	while (*command) {
		size_t length = word_length(command);
		bool has_value = false;

		if (skip) {
			skip = false;
		} else if (is_output_option(command, length, &has_value)) {
			skip = has_value;
		} else if (length) {
			strbuf_separate(&line, " ");
			strbuf_add(&line, command, length);
		}
		command += length;
		command += *command == ' ';
	}
	return strbuf_detach(&line);
}
