import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPERATION_IDS } from '../../../api/operation-ids.js';
import { DRIFT_KINDS } from '../../../domain/drift.js';
import { failureOf, failures, isFailureType, type FailureType } from '../../../domain/failure.js';
import { SCORE_STATES } from '../../../domain/score.js';
import { failureWords, type FailureWords } from '../../../domain/story/failure-words.js';
import type { AttemptFact, StoryEvents, StoryFacts, StoryScore, StoryWait } from '../../../domain/story/story-facts.js';
import { tellStory, type Story } from '../../../domain/story/tell-story.js';
import { waitWords } from '../../../domain/story/wait-words.js';
import { WAIT_REASONS, type WaitReason } from '../../../domain/wait.js';

const AT = new Date('2026-11-27T09:00:00.000Z');
const LATER = new Date('2026-11-27T10:00:00.000Z');
const types = Object.keys(failures).filter(isFailureType);
const NO_EVENTS: StoryEvents = { revisions: [], revisionsLeftOut: 0, attempts: [], attemptsLeftOut: 0, deeds: [] };

const score: StoryScore = {
  id: '6f6c1b0a-52c7-4a7e-9a27-2f1f3b1d6a10',
  ...{ platformId: 'lms-1', deploymentId: 'deployment-1', contextId: 'bio-101', userId: 'ada-4711' },
  ...{ platform: 'platform-uuid', deployment: 'deployment-uuid', context: 'context-uuid' },
  lineItem: {
    ...{ id: 'column-uuid', lineItemId: 'https://lms.example/42', label: 'Essay' },
    ...{ resourceLinkId: null, resourceId: 'essay', tag: 'grade' },
  },
  value: { scoreGiven: 7.5, scoreMaximum: 10, activityProgress: 'Completed', gradingProgress: 'FullyGraded' },
  ...{ changedAt: AT, revision: 2, state: 'due', submitted: null, submittedRevision: null, submittedAt: null },
  ...{ failureType: null, supersededBy: null, createdAt: AT, updatedAt: LATER, drift: null },
  roster: { readAt: null, status: null, standing: null },
};

const submitted = { state: 'submitted', submitted: score.value, submittedRevision: 2, submittedAt: LATER } as const;

function waits(reason: WaitReason, type: string | null): StoryWait {
  const sentence = type !== null && isFailureType(type) ? failureOf(type).sentence : 'It waits for something.';
  return { reason, type, since: AT.toISOString(), until: null, sentence, advice: 'Do what helps.' };
}

const factsOf = (change: Partial<StoryScore>, waitingFor: StoryWait | null = null): StoryFacts => ({
  ...{
    score: { ...score, ...change },
    waitingFor,
    next: 'It goes on.',
    advice: waitingFor?.advice ?? 'Do what helps.',
  },
});

/** Where a failure of its radius is met. */
const REASONS = {
  ...{ student: 'rest', lineItem: 'lineItemParked', context: 'contextParked', platform: 'platform' },
} as const satisfies Record<string, WaitReason>;

function storiesOf(type: FailureType): Story[] {
  const ends = (['rejected', 'held'] as const).map((state) => factsOf({ state, failureType: type }));
  const wait = factsOf({ failureType: type }, waits(REASONS[failureOf(type).radius], type));
  return [...ends, wait].map((facts) => tellStory(facts, NO_EVENTS));
}

/** What no student has to read: how it works, what it is called inside, codes, and ids. */
const INSIDE =
  /LTIAAS|Passback|LMS|\bAPI\b|webhook|service key|status|database|token|scope|roster|\bscores?\b|\bcalls?\b|\bretry|backfill|parked|revision|uuid|null|undefined|\d{3}|ada|bio|https?:/i;

const textsOf = ({ student, administrator }: FailureWords): string[] => [student, administrator];

test('every failure has its own words for the student and for the administrator', () => {
  assert.deepEqual(Object.keys(failureWords).toSorted(), types.toSorted());
  for (const type of types) {
    for (const text of textsOf(failureWords[type])) assert.match(text, /^[A-Z][^\n]{15,200}\.$/, type);
    assert.doesNotMatch(failureWords[type].student, INSIDE, type);
  }
});

test('whatever failed, each rendering says so in its own words', () => {
  for (const type of types) {
    for (const story of storiesOf(type)) {
      assert.ok(story.verdict.includes(failureOf(type).sentence), `${type}: ${story.verdict}`);
      assert.ok(story.forStudent.includes(failureWords[type].student), `${type}: ${story.forStudent}`);
      assert.equal(story.forAdministrator.check, failureWords[type].administrator);
      assert.ok(story.forAdministrator.text.endsWith(failureWords[type].administrator), type);
    }
  }
});

test('a student reads nothing of how it works, of ids, or of the figure, whatever happened', () => {
  const told = [
    ...types.flatMap(storiesOf),
    ...WAIT_REASONS.map((reason) => tellStory(factsOf({}, waits(reason, null)), NO_EVENTS)),
    ...SCORE_STATES.map((state) => tellStory(factsOf({ state, failureType: 'Newer' }), NO_EVENTS)),
    ...DRIFT_KINDS.map((kind) =>
      tellStory(factsOf({ ...submitted, drift: { kind, resultScore: 5, resultMaximum: 10, foundAt: '' } }), NO_EVENTS),
    ),
  ];
  for (const { forStudent } of told) {
    const plain = forStudent.replace('27 November 2026', '');
    assert.doesNotMatch(plain, INSIDE);
    assert.doesNotMatch(plain, /7\.5|\b5\b/);
    assert.match(plain, /“Essay”/);
  }
});

test('every reason to wait has words for the student and for the administrator', () => {
  for (const reason of WAIT_REASONS) {
    const story = tellStory(factsOf({}, waits(reason, null)), NO_EVENTS);
    assert.ok(story.forStudent.endsWith(waitWords[reason].student), reason);
    assert.equal(story.forAdministrator.check, waitWords[reason].administrator);
    for (const text of textsOf(waitWords[reason])) assert.match(text, /^[A-Z][^\n]{15,200}\.$/, reason);
  }
});

test('the verdict is one sentence on one line, also where somebody wrote why it is paused', () => {
  const note = { ...waits('contextPaused', null), sentence: 'Somebody paused its course. Their reason: “One. Two.”.' };
  const all = [
    tellStory(factsOf({}, note), NO_EVENTS),
    ...types.flatMap(storiesOf),
    ...SCORE_STATES.map((state) => tellStory(factsOf({ ...submitted, state }), NO_EVENTS)),
  ];
  for (const { verdict } of all) assert.match(verdict, /^[A-Z][^\n]+\.$/);
  assert.equal(all[0]?.verdict, 'Not in the gradebook: Somebody paused its course.');
});

const older = { submitted: { ...score.value, scoreGiven: 5 }, submittedRevision: 1 };
const shows = (kind: (typeof DRIFT_KINDS)[number], resultScore: number | null) => ({
  ...submitted,
  drift: { kind, resultScore, resultMaximum: 10, foundAt: LATER.toISOString() },
});
const verdicts: Record<string, [Partial<StoryScore>, RegExp]> = {
  'is there': [submitted, /^In the gradebook: the LMS took 7\.5 of 10 at 2026-11-27T10:00:00\.000Z\.$/],
  'is there no more': [shows('missing', null), /^Not as it was sent: .* shows no grade now\.$/],
  'was changed': [shows('changed', 3), /^Not as it was sent: .* shows 3 of 10 now\.$/],
  'was capped': [shows('capped', 10), /^In the gradebook, as far as it goes: /],
  'is another on a new scale': [shows('rescaled', 7.5), /the maximum of the column has changed since/],
  'went with the person': [shows('userGone', null), /the person has left the course/],
  'replaces another': [older, /^The gradebook took 5 of 10 before, and not 7\.5 of 10:/],
  'is sent once more': [{ ...submitted, state: 'due' }, /^To be sent once more:/],
  'was superseded': [{ state: 'superseded', supersededBy: 'other' }, /^At its end: its column/],
  'is of a newer release': [{ state: 'rejected', failureType: 'NewerType' }, /The reason is NewerType\.$/],
};
for (const [what, [change, expected]] of Object.entries(verdicts)) {
  test(`the verdict of a score that ${what}`, () => {
    assert.match(tellStory(factsOf(change), NO_EVENTS).verdict, expected);
  });
}

const attempt: AttemptFact = {
  ...{ revision: 1, kind: 'submit', outcome: 'rejected', status: 422, failureType: 'ScoreRejected' },
  ...{ code: null, excerpt: 'No such user', startedAt: LATER },
};

test('tells on one line of time who brought each revision, and what the LMS said', () => {
  const origin = { source: 'apiKey', originId: 'key-uuid', originName: 'our tool', requestId: 'request-uuid' } as const;
  const came = { at: AT, changedAt: AT };
  const story = tellStory(factsOf({ state: 'rejected', failureType: 'ScoreRejected' }), {
    ...NO_EVENTS,
    revisions: [
      { ...origin, ...came, revision: 1, was: null },
      {
        ...origin,
        at: LATER,
        changedAt: AT,
        revision: 2,
        source: 'event',
        originName: null,
        was: { ...score.value, scoreGiven: 5 },
      },
    ],
    attempts: [{ ...attempt, startedAt: new Date('2026-11-27T09:30:00.000Z') }],
  });
  assert.deepEqual(
    story.timeline.map(({ kind, sentence }) => [kind, sentence]),
    [
      [
        'received',
        'Revision 1, 5 of 10, was handed in with the API key “our tool”; it changed in the tool at 2026-11-27T09:00:00.000Z.',
      ],
      [
        'sent',
        'Revision 1 was sent, and refused (status 422). The LMS refused this score. The answer: “No such user”.',
      ],
      [
        'received',
        'Revision 2, 7.5 of 10, came with a webhook event key-uuid; it changed in the tool at 2026-11-27T09:00:00.000Z. ' +
          'It replaced 5 of 10.',
      ],
      ['ended', 'It is at its end, and not in the gradebook. The LMS refused this score.'],
    ],
  );
  assert.deepEqual(story.timeline[0]?.origin, {
    ...{ source: 'apiKey', id: 'key-uuid', name: 'our tool', requestId: 'request-uuid' },
  });
});

test('gives the administrator the ids of the column and what the LMS answered', () => {
  const events = { ...NO_EVENTS, attempts: [attempt] };
  const { forAdministrator } = tellStory(factsOf({ state: 'rejected', failureType: 'ScoreRejected' }), events);
  assert.equal(
    forAdministrator.text,
    [
      'LMS lms-1, deployment deployment-1, course bio-101, user ada-4711, column “Essay” (id https://lms.example/42, ' +
        'resource essay, tag grade).',
      'Not in the gradebook: The LMS refused this score.',
      'The last call to send it, at 2026-11-27T10:00:00.000Z, was answered with status 422: “No such user”.',
      'Look in the log of the LMS why it refused this score: its answer is given above.',
    ].join('\n'),
  );
  assert.equal(forAdministrator.answered?.excerpt, 'No such user');
});

test('names the call that helps', () => {
  const pathsOf = (facts: StoryFacts) => tellStory(facts, NO_EVENTS).help.flatMap(({ call }) => call?.path ?? []);
  assert.deepEqual(pathsOf(factsOf({ state: 'rejected', failureType: 'ScoreRejected' })), ['/v1/scores/retry']);
  assert.deepEqual(pathsOf(factsOf({}, waits('platformPaused', null))), ['/v1/platforms/platform-uuid/resume']);
  assert.deepEqual(pathsOf(factsOf({}, waits('lineItemParked', 'LineItemNotFound'))), [
    '/v1/line-items/column-uuid/resume',
  ]);
  assert.deepEqual(pathsOf(factsOf({}, waits('platform', 'PlatformUnavailable'))), []);
  assert.deepEqual(pathsOf(factsOf({}, waits('platform', 'PlatformKeyRejected'))), [
    '/v1/platforms/platform-uuid/resume',
  ]);
  assert.deepEqual(pathsOf(factsOf(shows('missing', null))), ['/v1/contexts/context-uuid/reconcile']);
  assert.deepEqual(pathsOf(factsOf(submitted)), []);
});

test('every call that helps is an operation of the API', () => {
  const told = [
    ...types.flatMap(storiesOf),
    ...WAIT_REASONS.map((reason) => tellStory(factsOf({}, waits(reason, null)), NO_EVENTS)),
    ...DRIFT_KINDS.map((kind) => tellStory(factsOf(shows(kind, 5)), NO_EVENTS)),
    tellStory(factsOf({ state: 'superseded', supersededBy: 'other-uuid' }), NO_EVENTS),
  ];
  const calls = told.flatMap(({ help }) => help.flatMap(({ call }) => (call ? [`${call.method} ${call.path}`] : [])));
  const ids = [score.id, score.context, score.platform, score.deployment, score.lineItem.id, 'other-uuid'];
  const names = new Set(calls.map((call) => ids.reduce((name, id) => name.replace(id, ':id'), call)));
  assert.ok(names.size >= 9, [...names].join(', '));
  for (const name of names) assert.ok(name in OPERATION_IDS, name);
});
