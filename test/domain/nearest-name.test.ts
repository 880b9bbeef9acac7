import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearestName, unknownName } from '../../domain/nearest-name.js';
import { parseScore } from '../../domain/parse-score.js';

const KNOWN = ['platformId', 'contextId', 'dryRun', 'tag', 'id', 'changedAt'];

const cases: [string, string | undefined][] = [
  ['contextID', 'contextId'],
  ['context_id', 'contextId'],
  ['contxetId', 'contextId'],
  ['dryrun', 'dryRun'],
  ['changed-at', 'changedAt'],
  ['tags', 'tag'],
  ['ID', 'id'],
  ['up', undefined],
  ['title', undefined],
  ['x'.repeat(10_000), undefined],
  ['', undefined],
];

for (const [name, nearest] of cases) {
  test(`takes "${name.slice(0, 20)}" for ${nearest ?? 'none of the known names'}`, () => {
    assert.equal(nearestName(name, KNOWN), nearest);
  });
}

test('says what was meant, else what there is, and never more of a name than a line holds', () => {
  assert.equal(unknownName('The query', 'dryrun', KNOWN), 'The query knows no "dryrun": did you mean "dryRun"?');
  assert.equal(unknownName('The query', 'x', ['a', 'b']), 'The query knows no "x": it takes a, b.');
  assert.equal(unknownName('The query', 'x', []), 'The query knows no "x": it takes nothing.');
  assert.ok(unknownName('The query', 'x'.repeat(10_000), []).length < 120);
});

const SCORE = {
  ...{ platformId: 'lms', contextId: 'course', userId: 'u', scoreGiven: 1, scoreMaximum: 2 },
  lineItem: { id: 'https://lms.example/1', startDateTime: '2026-01-01T00:00:00Z', gradesReleased: true },
};

const misspelt: [string, object, string][] = [
  ['an instant that would not count', { changedat: '2026-01-01T00:00:00Z' }, '/changedat'],
  ['a progress that would not count', { gradingprogress: 'Pending' }, '/gradingprogress'],
  ['a comment that nobody would read', { coment: 'well done' }, '/coment'],
  [
    'a tag of another column',
    { lineItem: { resourceId: 'r', tags: 't', label: 'l', scoreMaximum: 1 } },
    '/lineItem/tags',
  ],
  ['a time of submission', { submission: { startedat: '2026-01-01T00:00:00Z' } }, '/submission/startedat'],
];

for (const [what, change, pointer] of misspelt) {
  test(`refuses a score with a slip in the name of ${what}`, () => {
    const parsed = parseScore({ ...SCORE, ...change }, new Date());
    assert.ok(!parsed.ok);
    assert.equal(parsed.fault.pointer, pointer);
    assert.match(parsed.fault.message, /did you mean/);
  });
}

test('lets pass what a score carries besides: extensions, a whole line item, names like ours beside ours', () => {
  const more = { 'https://tool.example/attempt': 3, whatever: { is: 'here' }, context: 'x', user: 'y' };
  assert.ok(parseScore({ ...SCORE, ...more }, new Date()).ok);
});
