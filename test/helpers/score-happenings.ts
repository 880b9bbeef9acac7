/** Things that happen to a course of `score-life.ts`, each through the stores that do it in earnest, at any moment. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createContextWork } from '../../db/courses/context-work.js';
import { createDrifts } from '../../db/courses/drifts.js';
import { createGradePolicies } from '../../db/courses/grade-policies.js';
import { createLanes } from '../../db/platforms/lanes.js';
import { createRosters } from '../../db/courses/rosters.js';
import { createClaims, type SendOutcome } from '../../db/scores/claims.js';
import { FIRST_PAGE, type PageStart } from '../../db/bulk/page.js';
import { callNightlyPage, resumeContextPage, retryPage } from '../../db/scores/resumptions.js';
import { createWithdrawals } from '../../db/scores/withdrawals.js';
import { createUnknownScores } from '../../db/scores/unknown-scores.js';
import { PRIORITY, acceptScore } from '../../domain/score.js';
import type { ScoreEvent } from '../../domain/score-transitions.js';
import { acceptScores, type ScoreOfTest } from './accept-scores.js';
import { toQueryable } from './database.js';
import { anyErased } from './any-erased.js';
import { scoreValue } from './factories.js';
import { readScores, step, type Course, type Expectation, type LivingScore } from './score-life.js';

const USERS = ['ada', 'bob'] as const;
const LEARNER = 'http://purl.imsglobal.org/vocab/lis/v2/membership#Learner';
const EVENTS = { due: 'accepted', submitted: 'alreadyThere', sending: 'renewed', unknown: 'renewed' } as const;
const LANE_MS = 600_000;
const evidence = { startedAt: new Date(), durationMs: 1, serviceKey: null };

const lane = ({ gate, token }: Course) => ({ gate, token });

/** The event that a value means to a score, by the domain's own rule. */
export function eventOf(score: LivingScore, incoming: ScoreOfTest): ScoreEvent | undefined {
  const decision = acceptScore(score, incoming);
  if (decision.outcome === 'accepted') return EVENTS[decision.state];
  return decision.outcome === 'unchanged' ? 'repeated' : undefined;
}

export type Happening = (course: Course) => Promise<void>;

export const comes =
  (userId: string, scoreGiven: number, change: Partial<ScoreOfTest> = {}): Happening =>
  async (course) => {
    const { context, lineItem } = course;
    const incoming: ScoreOfTest = {
      ...{ context, lineItem, userId, value: scoreValue({ scoreGiven }), changedAt: new Date(), force: false },
      ...{ priority: PRIORITY.interactive, awaitsNightly: false },
      ...change,
    };
    const isMeant = (score: LivingScore): boolean => score.userId === userId && score.lineItem === lineItem;
    const expect = (score: LivingScore) => (isMeant(score) ? eventOf(score, incoming) : undefined);
    await step(course, expect, () => acceptScores(course.db, [incoming]));
  };

/** Rests end, as they do by themselves. */
const timePasses: Happening = async ({ db, context }) => {
  await db.raw('update scores set not_before = now() where context = ?', [context]);
};

export const isClaimed: Happening = async (course) => {
  await timePasses(course);
  const expect = ({ state, isReady }: LivingScore) =>
    isReady ? 'claimed' : state === 'due' ? ['claimed' as const] : undefined;
  await step(course, expect, () =>
    createClaims(toQueryable(course.db)).claim({ ...lane(course), limit: 10, after: null }),
  );
};

export const isAnswered =
  (outcome: SendOutcome['outcome'], failureType?: string): Happening =>
  async (course) => {
    const sending = (await readScores(course)).filter(({ state }) => state === 'sending');
    const events: Readonly<Record<SendOutcome['outcome'], ScoreEvent>> = {
      ...{ submitted: 'delivered', confirmed: 'delivered', rejected: 'refused', retryable: 'rests', held: 'held' },
      ...{ unknown: 'unknown', notBegun: 'returned' },
    };
    const outcomes = sending.map(({ id }) => ({ ...evidence, id, outcome, failureType, restMs: 60_000 }));
    await step(
      course,
      ({ state, isNewest }): ReturnType<Expectation> => {
        if (state !== 'sending') return undefined;
        return isNewest || outcome === 'unknown' || outcome === 'notBegun' ? events[outcome] : 'outdated';
      },
      () => createClaims(toQueryable(course.db)).record({ ...lane(course), outcomes, workflowRun: 'run' }),
    );
  };

/** The roster keeps back what it would, and what a newer roster allows by now is given back. */
export const isKeptBack =
  (isGone: boolean): Happening =>
  async (course) => {
    await readRoster(course, isGone ? 'Inactive' : 'Active', () => ['letGo']);
    const outcomes = (await readScores(course))
      .filter(({ state }) => state === 'sending')
      .map(({ id }) => ({ ...evidence, id, outcome: 'held' as const, failureType: 'MemberLeft', restMs: 0 }));
    await step(
      course,
      ({ state, isNewest }): ReturnType<Expectation> =>
        state !== 'sending' ? undefined : isGone && isNewest ? 'held' : 'returned',
      () => createClaims(toQueryable(course.db)).record({ ...lane(course), outcomes, workflowRun: 'run' }),
    );
  };

async function readRoster(
  course: Course,
  status: 'Active' | 'Inactive',
  expect: Parameters<typeof step>[1],
): Promise<void> {
  const { db, context } = course;
  const store = createRosters(db, { storeNames: false, erased: anyErased() });
  await step(course, expect, async () => {
    const read = await store.beginRead(context);
    const members = USERS.map((userId) => ({ userId, roles: [LEARNER], status }));
    await store.storePage({ context, read, members });
    await store.completeRead({ context, read, provesAbsence: true });
  });
}

export const returnsToCourse: Happening = async (course) => {
  const isKept = ({ state, failureType }: LivingScore): boolean => state === 'held' && failureType === 'MemberLeft';
  await readRoster(course, 'Active', (score) => (isKept(score) ? 'letGo' : ['letGo']));
};

export const laneIsLost: Happening = async (course) => {
  const { gate } = course;
  await course.db.raw(
    `update gates set lane_expires_at = now() - interval '1 second' where id = ? and lane_expires_at is not null`,
    [gate],
  );
  await step(
    course,
    ({ state }) => (state === 'sending' ? 'laneLost' : undefined),
    async () => {
      const taken = await createLanes(course.db).take({ gate, leaseMs: LANE_MS, laneMs: LANE_MS, settleMs: 0 });
      assert.ok('token' in taken);
      course.token = taken.token;
    },
  );
};

export const isReadBack =
  (outcome: 'confirmed' | 'absent' | 'unstorable', failureType?: string): Happening =>
  async (course) => {
    const unknown = (await readScores(course)).filter(({ state }) => state === 'unknown');
    const settlements = unknown.map(({ id }) => ({ ...evidence, id, outcome, failureType }));
    await step(
      course,
      ({ state, isNewest, revision, sendingRevision }): ReturnType<Expectation> => {
        if (state !== 'unknown') return undefined;
        if (outcome === 'absent') return 'absent';
        if (outcome === 'unstorable') return revision === sendingRevision ? 'unstorable' : 'absent';
        return isNewest ? 'settled' : 'outdated';
      },
      () => createUnknownScores(course.db).settle({ ...lane(course), settlements, workflowRun: 'run' }),
    );
  };

export const cannotBeRead: Happening = async (course) => {
  const ids = (await readScores(course)).map(({ id }) => id);
  await step(
    course,
    ({ state }) => (state === 'unknown' ? 'postponed' : undefined),
    () => createUnknownScores(course.db).postpone({ ids, restMs: 60_000, isTry: true }),
  );
};

const ALL: PageStart = { after: FIRST_PAGE, limit: 1_000 };

export const isRetried: Happening = async (course) => {
  const ids = (await readScores(course)).map(({ id }) => id);
  await step(
    course,
    ({ state }) => (state === 'due' || state === 'rejected' ? 'retried' : undefined),
    () => retryPage(course.db, { id: randomUUID(), platforms: null, ids }, ALL),
  );
};

export const nightComes: Happening = (course) =>
  step(
    course,
    ({ state, awaitsNightly }) => (state === 'due' && awaitsNightly ? 'called' : undefined),
    () => callNightlyPage(course.db, { platforms: null, contextId: course.contextId }, ALL),
  );

export const isResumed: Happening = (course) =>
  step(
    course,
    ({ state, awaitsNightly, isReady }) => (state === 'due' && !awaitsNightly && !isReady ? 'woken' : undefined),
    () => resumeContextPage(course.db, course.context, ALL),
  );

export const isCalledOff: Happening = async (course) => {
  const withdrawals = createWithdrawals(course.db);
  const scores = await readScores(course);
  await step(
    course,
    ({ state }) => (state === 'due' ? 'calledOff' : undefined),
    () => Promise.all(scores.map(({ id }) => withdrawals.withdraw({ id, platforms: null, reason: 'wrong' }))),
  );
};

export const isDecided =
  (decision: 'send' | 'keep'): Happening =>
  async (course) => {
    const policies = createGradePolicies(course.db);
    const scores = await readScores(course);
    await step(
      course,
      ({ state }) => (state === 'held' ? (decision === 'send' ? 'decided' : 'declined') : undefined),
      () => Promise.all(scores.map(({ id }) => policies.decide({ id, platforms: null, decision }))),
    );
  };

/** Each is another finding, which may be sent again. */
let findings = 0;

export const isMissedInGradebook: Happening = async (course) => {
  const before = await createDrifts(course.db).now();
  const found = (await readScores(course)).map(({ id }) => ({
    ...{ score: id, kind: 'changed' as const, resultScore: (findings += 1), resultMaximum: 10 },
  }));
  await step(
    course,
    ({ state }) => (state === 'submitted' ? 'resent' : undefined),
    () => createDrifts(course.db).record({ context: course.context, before, found, resend: true }),
  );
};

/** Every student of the column failed alike, so it was the column. */
export const isPromoted: Happening = async (course) => {
  const { lineItem } = course;
  const from = 'ScoreOrMemberRefused';
  await step(
    course,
    ({ state, failureType }) => (state === 'rejected' && failureType === from ? 'reconsidered' : undefined),
    () =>
      createContextWork(course.db).promoteColumn({
        ...{ lineItem, from, failed: 1_000, type: 'NoMemberAccepted', detail: null, probeAfterMs: null },
      }),
  );
  await createContextWork(course.db).unparkColumns([lineItem]);
};
