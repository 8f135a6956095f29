#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Files for other programs: independent readers accept them and find the figures of the document.
import copy
import json
import os
import subprocess
import sys
import tempfile

try:
    import junitparser
except ImportError as error:
    print('1..0 # SKIP %s (package python3-junitparser)' % error)
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


check_junit()
print('1..%d' % count)
sys.exit(failures > 0)
