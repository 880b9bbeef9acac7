/** One night in which much goes wrong: the LMS, the score source, the database. */
import { ScheduleOverlapPolicy } from '@temporalio/client';
import Type from 'typebox';
import { toSchema } from '../../api/samples/sample.js';
import { ScoreItemSchema } from '../../api/schemas/score.js';
import {
  NIGHTLY_SCHEDULE_ID,
  RECONCILE_SCHEDULE_ID,
  ROSTER_SCHEDULE_ID,
  UPKEEP_SCHEDULE_ID,
} from '../../workflows/names.js';
import { breakWith } from '../helpers/database-faults.js';
import { eventually } from '../helpers/database.js';
import { fullAnswers, launchCourse, type Course } from './course.js';
import { whyOf } from './deeds.js';
import { fillFreely } from './fill.js';
import { score } from './intake.js';
import type { World } from './world.js';

/** What a score of the source does not name. */
const PLACE = ['platformId', 'deploymentId', 'contextId'] as const;
/** Members of an error of LTIAAS, of an LMS or of a gateway, in all shapes that ltiaas/tell-words.ts reads. */
const SAID = [
  ...['message', 'description', 'error_description', 'detail', 'reason', 'title', 'type'],
  ...['bodyReceived', 'bodySent', 'externalUrl', 'unknown member'],
];

/** The LMS says what it thinks of students, in each of the shapes that are read. */
export async function giveWords({ rig: { control }, canaries }: World, { students }: Course): Promise<void> {
  const [ada, ben, cleo] = students;
  const words = (field: string, who = ada): string => `${canaries.make('lmsWords', field)} <"é"> of ${who ?? ''}`;
  const details = {
    ...Object.fromEntries(SAID.map((name) => [name, words(name)])),
    code: canaries.make('lmsWords', 'code').toUpperCase(),
    errors: {
      [canaries.make('lmsWords', 'errors')]: [{ message: words('errors'), bodySent: words('errors bodySent') }],
    },
  };
  const body = { status: 422, error: words('error'), details };
  const answer = {
    status: 422,
    headers: {
      'x-lms': canaries.make('lmsWords', 'header'),
      location: `https://${canaries.make('lmsWords', 'location')}.example`,
    },
  };
  await control.addFault({
    match: { route: 'submitScore', userId: ada ?? '' },
    times: 2,
    action: { kind: 'status', ...answer, body },
  });
  await control.addFault({
    match: { route: 'submitScore', userId: ben ?? '' },
    times: 1,
    action: { kind: 'lmsStatus', status: 500, body: `<html><body>${words('page', ben)}</body></html>` },
  });
  // Nobody knows whether it arrived: it is read back.
  await control.addFault({
    match: { route: 'submitScore', userId: cleo ?? '' },
    times: 1,
    action: { kind: 'applyThenDrop' },
  });
}

/** A course of which LTIAAS answers more than any LMS says. */
export async function readFullAnswers(world: World): Promise<void> {
  const { rig, canaries, caller } = world;
  const course = await launchCourse(world, 1);
  const match = { contextId: course.contextId };
  for (const { route, body } of fullAnswers(canaries)) {
    await rig.control.addFault({
      match: route === 'idToken' ? { route } : { ...match, route },
      times: 1,
      action: { kind: 'status', status: 200, body },
    });
  }
  await caller.ask('POST', '/v1/launches', { body: { ltik: canaries.make('secret', 'an ltik of another') } });
  const { ltik } = await rig.control.createLaunch({ contextId: course.contextId });
  canaries.adopt(ltik, 'secret', 'LMS ltik');
  await caller.tell('POST', '/v1/launches', { body: { ltik } });
  const [userId = ''] = course.students;
  const wanted = { resourceId: 'wanted', label: 'Wanted', scoreMaximum: 10 };
  const scores = [course.lineItem, wanted].map((lineItem) => score(canaries, course, { userId, lineItem }));
  await caller.tell('POST', '/v1/scores', { body: { scores } });
  await eventually(
    'all are sent',
    async () => {
      const open = await rig.db('scores').where({ context: course.context }).whereNot({ state: 'submitted' });
      return open.length === 0;
    },
    40_000,
  );
  const why = whyOf(canaries);
  for (const read of ['roster-refresh', 'reconcile']) {
    await caller.tell('POST', `/v1/contexts/${course.context}/${read}`, why());
  }
}

/** What the database says in an error is a row, as a rule: a student. */
export async function breakDatabase(
  { rig: { db }, canaries }: World,
  { students, context }: Course,
): Promise<() => Promise<void>> {
  const [, , , , , erin = '', finn = ''] = students;
  const raise = (field: string): string => {
    const [words, detail, hint] = [
      canaries.make('databaseWords', `${field}: message`),
      canaries.make('databaseDetails', `${field}: detail`),
      canaries.make('databaseDetails', `${field}: hint`),
    ];
    return `raise exception '${words}' using detail = '${detail} ' || new::text, hint = '${hint}', errcode = 'P0001';`;
  };
  const faults = await Promise.all([
    breakWith(db, { table: 'scores', on: 'insert', when: `new.user_id = '${erin}'`, times: 2, strike: raise('API') }),
    breakWith(db, {
      table: 'scores',
      on: 'update',
      when: `new.user_id = '${finn}' and new.state = 'submitted'`,
      times: 2,
      strike: raise('worker'),
    }),
    breakWith(db, {
      ...{ table: 'contexts', on: 'update', times: 1 },
      when: `new.id = '${context}' and new.roster_read_at is distinct from old.roster_read_at`,
      strike: raise('roster'),
    }),
  ]);
  return async () => {
    for (const end of faults) await end();
  };
}

export async function liveNight(world: World, course: Course): Promise<void> {
  const { rig, canaries, caller } = world;
  const { control, client } = rig;
  const { students, contextId, lineItem } = course;
  const [ada = '', ben = '', , , , erin = '', finn = '', gwen = ''] = students;
  const repair = await breakDatabase(world, course);
  await caller.ask('POST', '/v1/scores', { body: score(canaries, course, { userId: erin }) });
  await caller.ask('POST', '/v1/scores', { body: score(canaries, course, { userId: finn }) });
  await control.editGrade({
    ...{ lineItemId: lineItem.id, userId: gwen, score: 4.25 },
    comment: canaries.make('person', 'teacher comment'),
  });
  const whole = () => fillFreely(toSchema(Type.Omit(ScoreItemSchema, PLACE)), ['source'], canaries);
  const told = (userId: string): object => ({
    ...{ ...toSchema(whole()), lineItem, userId, scoreMaximum: 10 },
    [canaries.make('freeText', 'source member')]: canaries.make('person', 'source member'),
  });
  await control.setProgress({
    contextId,
    pageSize: 2,
    scores: [
      told(ada),
      told(ben),
      told(gwen),
      told(canaries.make('person', 'source userId')),
      { scoreGiven: canaries.make('person', 'source: no number') },
    ],
  });
  await control.addFault({
    match: { route: 'memberships', contextId },
    times: 1,
    action: { kind: 'lmsStatus', status: 500, body: canaries.make('lmsWords', 'roster') },
  });
  await control.addFault({ match: { route: 'results', contextId }, times: 1, action: { kind: 'html', status: 502 } });
  await caller.tell('POST', `/v1/contexts/${course.context}/roster-refresh`, whyOf(canaries)());
  await caller.tell('POST', `/v1/schedules/${NIGHTLY_SCHEDULE_ID}/trigger`, whyOf(canaries)());
  for (const schedule of [RECONCILE_SCHEDULE_ID, ROSTER_SCHEDULE_ID, UPKEEP_SCHEDULE_ID]) {
    await client.schedule.getHandle(schedule).trigger(ScheduleOverlapPolicy.SKIP);
  }
  await caller.tell('POST', '/v1/syncs', whyOf(canaries)({ platformId: course.platformId }));
  await eventually('all passes have ended', () => haveEnded(world), 60_000);
  await repair();
  await settle(world);
}

/** Those of schedules, and what an operator asked for. */
async function haveEnded({ rig: { db } }: World): Promise<boolean> {
  const runs = await db('runs').select<{ kind: string; ended_at: Date | null }[]>('kind', 'ended_at');
  const ended = new Set(runs.map(({ kind }) => kind));
  return ['nightly', 'rosters', 'reconcile'].every((kind) => ended.has(kind)) && runs.every((run) => run.ended_at);
}

/** Waits until no score is on its way. */
async function settle({ rig: { db } }: World): Promise<void> {
  await eventually(
    'nothing moves any more',
    async () => (await db('scores').whereIn('state', ['sending', 'unknown'])).length === 0,
    40_000,
  );
}
