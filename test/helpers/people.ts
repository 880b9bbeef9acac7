/** One person of whom a Passback holds all that it can hold. */
import { createRosters } from '../../db/courses/rosters.js';
import { queryRows } from '../../db/server/knex.js';
import { createBackfillsOfTest } from './backfills.js';
import { textAt, type TestApi } from './app.js';
import { eventually } from './database.js';
import { anyErased } from './any-erased.js';
import { insertContext, insertLineItem, insertPlatform, insertScore, insertServiceKey } from './factories.js';
import { createSource, namingMapping, sendStandard, REFERENCE_MAPPING } from './webhooks.js';

export interface KnownPerson {
  platformId: string;
  contextId: string;
  /** Our uuids. */
  context: string;
  lineItem: string;
  column: { id: string };
  userId: string;
  name: string;
  email: string;
  comment: string;
  /** Each of these says who it is. */
  words: string[];
}

const AN_HOUR_AGO = new Date(Date.now() - 3_600_000).toISOString();

let people = 0;

/** A platform with a course, a source of events and another student, `ben`. */
export async function createKnownPerson(api: TestApi): Promise<KnownPerson> {
  people += 1;
  const words = { userId: `ada-${people}-4711`, name: `Ada ${people} Canary`, email: `ada${people}@canary.example` };
  const platform = await insertPlatform(api.db, { platformId: `lms-${people}` });
  const context = await insertContext(api.db, { deployment: platform.deployment, contextId: 'bio' });
  await insertServiceKey(api.db, { context: context.id });
  const line = await insertLineItem(api.db, { context: context.id });
  const column = { id: line.line_item_id ?? '' };
  const person = {
    ...{ platformId: `lms-${people}`, contextId: 'bio', context: context.id, lineItem: line.id, column },
    ...{ ...words, comment: `well done, comment ${people} canary`, words: Object.values(words) },
  };
  person.words.push(person.comment);
  await addScores(api, person);
  await addRoster(api, person, [person.userId, 'ben']);
  await addEvents(api, person);
  await addBackfill(api, person);
  return person;
}

export interface ScoreToHandIn extends Pick<KnownPerson, 'platformId' | 'contextId' | 'userId' | 'comment'> {
  lineItem: { id: string };
  scoreGiven: number;
  scoreMaximum: number;
}

export const scoreOf = (
  { platformId, contextId, column, userId, comment }: KnownPerson,
  change: Partial<ScoreToHandIn> = {},
): ScoreToHandIn => ({
  ...{ platformId, contextId, lineItem: column, userId, scoreGiven: 7, scoreMaximum: 10, comment, ...change },
});

async function addScores(api: TestApi, person: KnownPerson): Promise<void> {
  const { db } = api;
  const handIn = async (change: Partial<ScoreToHandIn>): Promise<string> =>
    textAt((await api.call('POST', '/v1/scores', { body: scoreOf(person, change) })).body, 'scores', 0, 'id');
  await handIn({});
  const id = await handIn({ scoreGiven: 8 });
  await handIn({ userId: 'ben', comment: 'another one' });
  await db.raw(
    `update scores set state = 'submitted', submitted = jsonb_build_object('scoreGiven', 7, 'scoreMaximum', 10, 'comment', ?::text),
       submitted_revision = revision, submitted_at = now() where id = ?`,
    [person.comment, id],
  );
  await db.raw(
    `insert into attempts (score, revision, kind, outcome, excerpt, started_at, duration_ms, lane_token)
     values (?, 1, 'submit', 'retryable', ?, now(), 5, 1)`,
    [id, `There is no ${person.name}.`],
  );
  await db.raw(
    `insert into drifts (context, line_item, score, user_id, kind, revision, score_maximum) values (?, ?, ?, ?, 'missing', 2, 10)`,
    [person.context, person.lineItem, id, person.userId],
  );
  const { id: other } = await insertLineItem(db, { context: person.context });
  await insertScore(db, { context: person.context, lineItem: other, userId: person.userId, state: 'rejected' });
}

/** Names are kept, and the one who was missing twice has left. */
export async function addRoster({ db }: TestApi, person: KnownPerson, users: readonly string[]): Promise<number> {
  const rosters = createRosters(db, { storeNames: true, erased: anyErased() });
  const { context, name, email } = person;
  const read = await rosters.beginRead(context);
  const members = users.map((userId) => ({
    ...{ userId, roles: ['Learner'], status: 'Active' as const },
    ...(userId === person.userId ? { name, email } : {}),
  }));
  const { erased } = await rosters.storePage({ context, read, members });
  await rosters.completeRead({ context, read, provesAbsence: true });
  await queryRows(
    db,
    `insert into membership_changes (context, user_id, change, status, read)
     select ?, u, 'joined', 'Active', 1 from unnest(?::text[]) u where u in (select user_id from memberships)`,
    [context, [...users]],
  );
  return erased;
}

async function addEvents(api: TestApi, person: KnownPerson): Promise<void> {
  const { platformId, userId, comment } = person;
  const limits = { keepBodiesDays: 3 };
  await createSource(api, { name: `naming-${platformId}`, mapping: namingMapping(platformId), limits });
  await createSource(api, { name: `tied-${platformId}`, mapping: REFERENCE_MAPPING, limits });
  await sendEvent(api, person);
  const body = scoreOf(person);
  await api.call('PUT', `/v1/references/tied-${platformId}/sub-${userId}`, {
    body: { platformId, contextId: body.contextId, lineItem: body.lineItem, userId },
  });
  const tied = { type: 'graded', submission: `sub-${userId}`, grade: 6, max: 10, feedback: comment, at: AN_HOUR_AGO };
  await sendStandard(api.app, `tied-${platformId}`, tied, { id: `event-of-${userId}-2` });
  await eventually(
    'events that were looked at',
    async () => (await queryRows(api.db, `select 1 from webhook_events where state = 'stored'`)).length === 0,
  );
}

export interface EventEnd {
  state: string;
  reason: string | null;
}

/** Gives what became of it. */
export async function sendEvent(
  api: TestApi,
  { platformId, userId, comment }: KnownPerson,
  at: string | undefined = AN_HOUR_AGO,
): Promise<EventEnd> {
  const event = { type: 'graded', student: userId, course: 'bio', grade: 9, max: 10, feedback: comment, at };
  await sendStandard(api.app, `naming-${platformId}`, event, { id: `event-of-${userId}` });
  return eventually('an event that was looked at', async () => {
    const sql = `select state, reason from webhook_events order by seq desc limit 1`;
    const [row] = await queryRows<EventEnd>(api.db, sql);
    return row?.state === 'stored' ? undefined : row;
  });
}

async function addBackfill({ db }: TestApi, person: KnownPerson): Promise<void> {
  const { platformId, contextId, column, userId, comment } = person;
  const backfills = await createBackfillsOfTest(db);
  const target = { platformId, contextId, lineItemId: column.id };
  const correction = { column: target, userId, scoreGiven: 3, scoreMaximum: 10, more: { comment } };
  const id = await backfills.upload([correction, { column: target, userId: 'ben', scoreGiven: 4, scoreMaximum: 10 }]);
  await backfills.preview(id);
  const parameters = { filter: { platformId, userId } };
  await backfills.insert({ source: 'filter', action: 'resend', parameters });
  await db.raw(
    `update backfills set state = 'cancelled', finished_at = now() where parameters -> 'filter' is not null`,
  );
}
