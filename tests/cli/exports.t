#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Files for other programs: independent readers accept them and find the figures of the document.
import copy
import csv
import io
import json
import os
import subprocess
import sys
import tempfile

try:
    import jsonschema
    import junitparser
    import prometheus_client.openmetrics.parser as openmetrics
    import prometheus_client.parser as prometheus
except ImportError as error:
    print('1..0 # SKIP %s (packages python3-jsonschema, python3-junitparser, python3-prometheus-client)' % error)
    sys.exit()

KMEMLAB = os.environ.get('KMEMLAB', 'build/kmemlab')
GOLDEN = 'tests/golden/default.json'
HOSTILE = 'a<b>&"c"\'d\\e|\u00e9\ufffe'
DOCUMENT = json.load(open(GOLDEN))
scratch = tempfile.TemporaryDirectory()
count = failures = 0


def ok(passed, name, diagnosis=''):
    global count, failures
    count += 1
    failures += not passed
    print('%sok %d - %s' % ('' if passed else 'not ', count, name), flush=True)
    if not passed and diagnosis != '':
        print('# %s' % str(diagnosis).replace('\n', '\n# '), file=sys.stderr)


def equal(got, expected, name):
    ok(got == expected, name, 'got %r, expected %r' % (got, expected))


def store(document, name='document.json'):
    path = os.path.join(scratch.name, name)
    with open(path, 'w') as out:
        json.dump(document, out)
    return path


def export(option, *paths, command='report'):
    """Return what kmemlab writes to the file of this option."""
    run = subprocess.run([KMEMLAB, command, *paths, option, '-'], stdout=subprocess.PIPE)
    return run.stdout.decode()


def at(value, path):
    for name in path.split('.'):
        value = value.get(name) if value else None
    return value


def hostile():
    """Two runs with markup and quotes in all free texts, with different clocks."""
    document = copy.deepcopy(DOCUMENT)
    document['runs'].append(copy.deepcopy(document['runs'][0]))
    document['runs'][1]['environment']['clock']['unit'] = 'tsc'
    for run in document['runs']:
        run['environment']['kernel']['release'] = HOSTILE
        for index, status in ((0, 'skipped'), (1, 'failed')):
            run['results'][index]['status'] = status
            run['results'][index]['reason'] = HOSTILE
    # The seed is in no name.
    again = copy.deepcopy(document['runs'][0]['results'][4])
    again['parameters']['seed'] = 2
    document['runs'][0]['results'].append(again)
    return document


# Each metric's path, as in docs/results.md.
PATHS = ['%s.%s' % (direction, field) for direction in ('alloc', 'free')
         for field in ('mean', 'fast_path', 'slow', 'uninterrupted.p50', 'uninterrupted.p99')]
PATHS += ['memory.backing_bytes', 'contiguity.extents', 'contiguity.contiguous_objects']


def metric_name(path, unit):
    name = 'kmemlab_' + path.replace('.', '_')
    return name if path.startswith(('memory', 'contiguity')) else name + '_' + unit


def samples(text, parser):
    found = {}
    for family in parser.text_string_to_metric_families(text):
        for sample in family.samples:
            found[(sample.name, sample.labels.get('experiment'), sample.labels['run'])] = sample
    return found


def check_openmetrics():
    text = export('--openmetrics', GOLDEN)
    for parser, name in ((openmetrics, 'OpenMetrics'), (prometheus, 'Prometheus')):
        found = samples(text, parser)
        wrong = []
        for result in DOCUMENT['runs'][0]['results']:
            title = '%s.%s.2000x32' % (result['facility'], result['workload'])
            for path in PATHS:
                sample = found.get((metric_name(path, 'instructions'), title, '1'))
                if (sample.value if sample else None) != at(result, path):
                    wrong.append((title, path, sample))
        equal(wrong, [], '%s: each metric has the value of the document, or no sample' % name)
    families = list(openmetrics.text_string_to_metric_families(text))
    equal([f.name for f in families if f.type != 'gauge'], [], 'OpenMetrics: all metrics are gauges')
    equal([f.name for f in families if not f.documentation], [], 'OpenMetrics: all metrics have a help text')
    units = {f.name: f.unit for f in families}
    equal(units['kmemlab_alloc_mean_instructions'], 'instructions', 'OpenMetrics: costs have the unit of the clock')
    equal(units['kmemlab_memory_backing_bytes'], 'bytes', 'OpenMetrics: memory has the unit bytes')

    document = hostile()
    text = export('--openmetrics', store(document))
    found = samples(text, openmetrics)
    lines = [line for line in text.split('\n') if line and line[0] != '#']
    equal(len(found) + 2 * 2, len(lines), 'OpenMetrics: no two samples of a metric have the same labels')
    equal({s.labels['kernel'] for s in found.values()}, {HOSTILE},
          'OpenMetrics: quotes and backslashes in a label are read back')
    ok(('kmemlab_alloc_mean_ticks', 'kmalloc.pair.2000x32.run2', '2') in found,
       'OpenMetrics: a run with another clock has another metric')
    ok(('kmemlab_alloc_mean_instructions', 'kmalloc.pair.2000x32.no2', '1') in found,
       'OpenMetrics: results that differ in the seed only have different labels')
    ok(('kmemlab_alloc_mean_instructions', 'page.batch.2000x32', '1') not in found,
       'OpenMetrics: a failed experiment has no metrics')


def check_junit():
    xml = junitparser.JUnitXml.fromstring(export('--junit', store(hostile())).encode())
    suites = list(xml)
    equal([(s.tests, s.failures, s.skipped) for s in suites], [(8, 1, 1), (7, 1, 1)],
          'JUnit: each run is a suite with the numbers of its tests')
    equal((xml.tests, xml.failures, xml.skipped), (15, 2, 2), 'JUnit: the file has the numbers of all tests')
    cases = {case.name: case.result for suite in suites for case in suite}
    equal(len(cases), 15, 'JUnit: each test has a name of its suite')
    # XML has no U+FFFE, not even escaped.
    text = HOSTILE.replace('\ufffe', '')
    equal([type(r).__name__ for r in cases['page.batch.2000x32']], ['Failure'], 'JUnit: a failed experiment fails')
    equal(cases['page.batch.2000x32'][0].message, text, 'JUnit: markup in a reason is read back')
    equal([type(r).__name__ for r in cases['page.pair.2000x32']], ['Skipped'], 'JUnit: a skipped experiment is skipped')
    equal(cases['self_check'], [], 'JUnit: the self-check is a test')

    changed = copy.deepcopy(DOCUMENT)
    changed['runs'][0]['results'][4]['alloc']['mean'] *= 2
    text = subprocess.run([KMEMLAB, 'compare', GOLDEN, store(changed, HOSTILE + '\x01\n.json'), '--junit', '-',
                           '--fail-above', '5%'], stdout=subprocess.PIPE).stdout
    xml = junitparser.JUnitXml.fromstring(text)
    failed = [case for suite in xml for case in suite if case.result]
    equal([case.name for case in failed], ['kmalloc.pair.2000x32'], 'JUnit: a comparison fails where the gate does')
    ok('alloc mean' in failed[0].result[0].message, 'JUnit: the failure names the metric', failed[0].result[0].message)


def check_benchmark():
    path = store(hostile())
    entries = json.loads(export('--benchmark-json', path))
    names = [entry['name'] for entry in entries]
    equal(len(set(names)), len(names), 'benchmark JSON: no name occurs twice')
    equal([e for e in entries if type(e['value']) not in (int, float) or type(e['unit']) is not str or
           not {'name', 'unit', 'value'} <= set(e) <= {'name', 'unit', 'value', 'range', 'extra'}], [],
          'benchmark JSON: each entry has name, unit and value, and nothing unknown')
    values = {entry['name']: (entry['value'], entry['unit']) for entry in entries}
    result = DOCUMENT['runs'][0]['results'][5]
    equal(values['kmalloc.batch.2000x32 alloc mean'], (result['alloc']['mean'], 'instructions per object'),
          'benchmark JSON: a cost is that of the document')
    equal(values['kmalloc.batch.2000x32 backing bytes'], (result['memory']['backing_bytes'], 'bytes'),
          'benchmark JSON: memory is that of the document')
    equal([name for name in names if 'contiguous' in name or name.startswith('page.')], [],
          'benchmark JSON: no entry is better if it is larger, or of a failed experiment')


def check_csv():
    document = copy.deepcopy(DOCUMENT)
    results = document['runs'][0]['results']
    results[0]['alloc']['distribution'] = [[961, 1960], [6812, 39]]
    path = store(document)
    rows = list(csv.DictReader(io.StringIO(export('--csv', path))))
    long_rows = list(csv.DictReader(io.StringIO(export('--csv-long', path))))
    equal(len(rows), len(results), 'CSV: each result has a row')
    values = {(row['experiment'], row['field']): row['value'] for row in long_rows if not row['count']}
    wrong = [(row['facility'], field, value) for row in rows for field, value in row.items()
             if '.' in field and value !=
             values.get(('%s.%s.2000x32' % (row['facility'], row['workload']), field), '')]
    equal(wrong, [], 'CSV: the long form has the values of the wide form')
    for result in results:
        name = '%s.%s.2000x32' % (result['facility'], result['workload'])
        pairs = [[int(row['value']), int(row['count'])] for row in long_rows
                 if row['experiment'] == name and row['field'] == 'alloc.distribution']
        equal(pairs, result['alloc']['distribution'] or [], 'CSV: the long form has the distribution of %s' % name)

    changed = copy.deepcopy(DOCUMENT)
    changed['runs'][0]['results'][4]['alloc']['mean'] *= 2
    changed['runs'][0]['results'][3]['status'] = 'skipped'
    name = 'a,"b"\n.json'
    rows = list(csv.DictReader(io.StringIO(export('--csv', GOLDEN, store(changed, name), command='compare'))))
    equal({row['input'] for row in rows}, {'a,"b"\n'}, 'CSV of a comparison: commas, quotes and newlines are read back')
    worse = [(row['experiment'], row['metric'], float(row['change_percent'])) for row in rows if row['significant'] == 'true']
    equal(worse, [('kmalloc.pair.2000x32', 'alloc mean', 100.0)], 'CSV of a comparison: a change is marked')
    equal([row['status'] for row in rows if row['experiment'] == 'page_packed.batch.2000x32'][0], 'skipped',
          'CSV of a comparison: the rows have the status')


def set_at(document, path, value):
    *parents, last = path.split('.')
    for name in parents:
        document = document[int(name) if isinstance(document, list) else name]
    document[int(last) if isinstance(document, list) else last] = value


def check_schema():
    for name, golden in (('results', GOLDEN), ('translation', 'tests/golden/translation.json'),
                         ('map', 'tests/golden/map.json')):
        run = subprocess.run([KMEMLAB, 'help', '--schema', name], stdout=subprocess.PIPE)
        schema = json.loads(run.stdout)
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        document = json.load(open(golden))
        equal([error.message for error in validator.iter_errors(document)], [],
              'JSON Schema of %s: the document is valid' % name)
        environment = 'runs.0.environment' if name == 'results' else 'environment'
        wrong = {'surplus': 1, environment + '.surplus': 1, environment + '.cpus': '1',
                 environment + '.kernel.surplus': 1, environment + '.kernel.release': None,
                 environment + '.page_size': 0, environment + '.self_check.ok': 1,
                 environment + '.system.kfence_sample_interval': '1 s', environment + '.system.free_by_order': [1, '2'],
                 'schema': 'kmemlab.%s/1' % name}
        if name == 'results':
            wrong.update({'runs.0.results.0.surplus': 1, 'runs.0.results.0.status': 'done',
                          'runs.0.results.0.facility': 'a b', 'runs.0.results.0.alloc.mean': '1',
                          'runs.0.results.0.alloc.distribution': [[1, 2, 3]],
                          'runs.0.results.0.alloc.parts.0.surplus': 1, 'runs.0.results.0.objects': -1,
                          'runs.0.results.0.parameters.cpus': 0, 'runs.0.results.1.memory.system_bytes': 1.5})
        elif name == 'map':
            wrong.update({'maps.0.surplus': 1, 'maps.0.runs': [1], 'maps.0.runs.0': [1, '2'], 'maps.0.ticks': 0.5,
                          'maps.0.statistics.0.surplus': 1, 'maps.0.statistics.0.unusable': ['1'],
                          'maps.0.statistics.0.largest_free_order': None, 'maps.1.statistics.0.cma': 1})
        else:
            wrong.update({'lookups.0.surplus': 1, 'lookups.0.agree': 1, 'lookups.0.levels.0.flags': 'present'})
        for path, value in wrong.items():
            changed = copy.deepcopy(document)
            set_at(changed, path, value)
            ok(not validator.is_valid(changed), 'JSON Schema of %s: %s must not be %r' % (name, path, value))
            # kmemlab's own check of results agrees.
            if name == 'results':
                run = subprocess.run([KMEMLAB, 'report', store(changed)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                equal(run.returncode, 2, 'report refuses %s = %r' % (path, value))
    del document['environment']['cpus']
    ok(not validator.is_valid(document), 'JSON Schema: a missing field is an error')


check_schema()
check_openmetrics()
check_junit()
check_benchmark()
check_csv()
print('1..%d' % count)
sys.exit(failures > 0)
