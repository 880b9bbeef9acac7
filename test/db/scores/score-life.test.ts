import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SCORE_TRANSITIONS, type ScoreEvent } from '../../../domain/score-transitions.js';
import { createBackfillsOfTest } from '../../helpers/backfills.js';
import { createTestDatabase } from '../../helpers/database.js';
import { columnIsLost, columnIsMerged } from '../../helpers/column-happenings.js';
import * as life from '../../helpers/score-happenings.js';
import { isErased } from '../../helpers/person-happenings.js';
import { createCourseOfLife, readScores, step, type Course } from '../../helpers/score-life.js';

const { db } = await createTestDatabase();
const backfills = await createBackfillsOfTest(db);

/** A backfill changes a score and takes it back before it is sent. */
const isWithdrawn =
  (userId: string, scoreGiven: number, hasAttempt = false): life.Happening =>
  async (course) => {
    const { platformId, contextId, lineItemId, deployment } = course;
    const correction = { userId, scoreGiven, scoreMaximum: 10, column: { platformId, contextId, lineItemId } };
    const id = await backfills.upload([correction]);
    if ((await backfills.preview(id)) !== 'awaitingApproval') return;
    await backfills.store.decide({ backfill: id, decision: 'approve', apiKey: backfills.apiKey, reason: 'a test' });
    const was = new Map((await readScores(course)).map((score) => [score.id, score]));
    await step(
      course,
      (score) => (score.userId === userId ? ['accepted', 'alreadyThere', 'renewed', 'repeated'] : undefined),
      () => backfills.store.releasePage({ backfill: id, deployment, limit: 10 }),
    );
    const [released] = (await readScores(course)).filter(
      (score) => (was.get(score.id)?.revision ?? 0) < score.revision,
    );
    if (released && hasAttempt) {
      await db.raw(
        `insert into attempts (score, revision, kind, outcome, started_at, duration_ms, lane_token)
         values (?, 1, 'submit', 'retryable', now(), 5, 1)`,
        [released.id],
      );
    }
    await backfills.store.decide({ backfill: id, decision: 'cancel', apiKey: backfills.apiKey, reason: 'a test' });
    await step(
      course,
      (score) => {
        if (score.id !== released?.id || score.state !== 'due') return undefined;
        if (was.has(score.id)) return 'putBack';
        return hasAttempt ? 'withdrawn' : 'vanished';
      },
      () => backfills.store.withdraw(id),
    );
    await backfills.store.finish(id);
  };

const HAPPENINGS: Readonly<Record<string, life.Happening>> = {
  'Ada: 1': life.comes('ada', 1),
  'Ada: 2': life.comes('ada', 2),
  'Bob: 1': life.comes('bob', 1),
  'Ada: 1, forced': life.comes('ada', 1, { force: true }),
  'Ada: 2, for the night': life.comes('ada', 2, { awaitsNightly: true }),
  'Bob: 1, for the night': life.comes('bob', 1, { awaitsNightly: true }),
  'Ada: 2, of long ago': life.comes('ada', 2, { changedAt: new Date(0) }),
  ...Object.fromEntries([1, 2, 3, 4].map((time) => [`claimed (${time})`, life.isClaimed])),
  'answered: submitted': life.isAnswered('submitted'),
  'answered: confirmed': life.isAnswered('confirmed'),
  'answered: unknown': life.isAnswered('unknown'),
  'answered: not begun': life.isAnswered('notBegun'),
  'answered: refused': life.isAnswered('rejected', 'ScoreOrMemberRefused'),
  'answered: retryable': life.isAnswered('retryable', 'PlatformFailed'),
  'answered: a person gave a grade': life.isAnswered('held', 'HumanGradeUndecided'),
  'kept back by the roster': life.isKeptBack(true),
  'kept back by a roster of before': life.isKeptBack(false),
  'lane lost': life.laneIsLost,
  'read back: there': life.isReadBack('confirmed'),
  'read back: not there': life.isReadBack('absent'),
  'read back: cannot be read for good': life.isReadBack('absent', 'UnknownAnswer'),
  'read back: cannot be stored': life.isReadBack('unstorable', 'OutcomeNotStored'),
  'read back: cannot be read now': life.cannotBeRead,
  retried: life.isRetried,
  'the night comes': life.nightComes,
  'course resumed': life.isResumed,
  'called off': life.isCalledOff,
  'decided to send': life.isDecided('send'),
  'decided to keep': life.isDecided('keep'),
  'missed in the gradebook': life.isMissedInGradebook,
  'blamed on the column': life.isPromoted,
  'the roster shows everybody': life.returnsToCourse,
  'column merged, with a score of Ada': columnIsMerged('ada', 2),
  'column merged, with a score of Bob': columnIsMerged('bob', 2),
  'column lost': columnIsLost,
  'backfill of Ada withdrawn': isWithdrawn('ada', 3),
  'backfill of Bob withdrawn': isWithdrawn('bob', 3, true),
  'backfill of Cleo withdrawn': isWithdrawn('cleo', 3),
  'Ada erased': isErased('ada'),
  'Ada erased after long': isErased('ada', true),
};

async function live(names: readonly string[], seen = new Set<ScoreEvent>()): Promise<Course> {
  const course = await createCourseOfLife(db, seen);
  await life.laneIsLost(course);
  for (const name of names) await HAPPENINGS[name]?.(course);
  return course;
}

test('whatever happens in whatever order, scores go only where the table lets them', async () => {
  const names = fc.array(fc.constantFrom(...Object.keys(HAPPENINGS)), { minLength: 10, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(names, async (happen) => void (await live(happen))),
    { numRuns: 25, includeErrorInReport: true },
  );
});

/** Ada's first score, on its way; then: */
const LIVES = [
  ['answered: submitted', 'Ada: 2', 'Ada: 1', 'column merged, with a score of Ada', 'column lost'],
  ['column merged, with a score of Bob'],
  ['Ada: 2', 'answered: retryable', 'claimed (1)', 'answered: not begun', 'Ada: 2', 'backfill of Ada withdrawn'],
  ['answered: retryable', 'course resumed', 'claimed (1)', 'lane lost'],
  ['answered: unknown', 'read back: cannot be read now', 'read back: not there'],
  ['answered: unknown', 'read back: there', 'missed in the gradebook'],
  ['answered: unknown', 'Ada: 2', 'read back: there'],
  ['answered: unknown', 'read back: cannot be stored', 'retried'],
  ['answered: a person gave a grade', 'decided to send', 'claimed (1)', 'answered: submitted'],
  ['answered: a person gave a grade', 'decided to send', 'claimed (1)', 'answered: unknown', 'read back: there'],
  ['answered: a person gave a grade', 'decided to keep', 'retried'],
  ['answered: retryable', 'called off', 'Ada: 2', 'claimed (1)'],
  ['kept back by the roster', 'the roster shows everybody'],
  ['answered: refused', 'blamed on the column'],
  ['Bob: 1, for the night', 'the night comes'],
  ['backfill of Bob withdrawn', 'backfill of Cleo withdrawn'],
  ['Ada erased', 'answered: submitted', 'Ada erased'],
  ['answered: unknown', 'Ada erased', 'Ada erased after long'],
];

test('every event of the table happens', async () => {
  const seen = new Set<ScoreEvent>();
  for (const happen of LIVES) await live(['Ada: 1', 'claimed (1)', ...happen], seen);
  assert.deepEqual([...seen].toSorted(), Object.keys(SCORE_TRANSITIONS).toSorted());
});

test('what somebody decided to send is sent, whatever value comes before it goes', async () => {
  const course = await live([
    ...['Ada: 1', 'claimed (1)', 'answered: submitted', 'Ada: 2', 'claimed (1)', 'answered: a person gave a grade'],
    ...['decided to send', 'Ada: 1'],
  ]);
  assert.deepEqual(
    (await readScores(course)).map(({ state, value }) => [state, value.scoreGiven]),
    [['due', 1]],
  );
});
