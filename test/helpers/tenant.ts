/** One institution among several: one of everything that is its own, with a word of its own wherever somebody writes words. */
import { randomBytes, randomUUID } from 'node:crypto';
import { toReach } from '../../domain/reach.js';
import { queryRows } from '../../db/server/knex.js';
import { textAt, type Answer, type TestApi } from './app.js';
import { createBackfillsOfTest } from './backfills.js';
import { eventually } from './database.js';
import {
  insertApiKey,
  insertContext,
  insertDeployment,
  insertLineItem,
  insertMembership,
  insertPlatform,
  insertResourceLink,
  insertScore,
  insertServiceKey,
} from './factories.js';
import { namingMapping, sendStandard, STANDARD_SECRET } from './webhooks.js';

/** A platform that several share, of which each has a deployment. */
export interface SharedPlatform {
  id: string;
  platformId: string;
}

/** What a question may name: LTI ids, names, and our uuids, each by what it is. */
export type Ids = Course & Work & Outside;

export interface Tenant {
  /** Stands in all that it wrote. */
  word: string;
  ids: Ids;
  /** What its keys are limited to: its platform, or its deployment of a shared one. */
  reach: string[];
  shared: SharedPlatform | undefined;
  /** Of a key with the scope `admin` that is limited to it. */
  adminKey: string;
}

/** What an operator of all has sent again. */
export const RETRIED = 'MemberNotInContext';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Ids of nothing, each as long as that of the tenant. */
export function idsOfNothing({ ids, word, shared }: Tenant): Ids {
  const other = 'nobodies'.repeat(3).slice(0, word.length);
  const nothing = { ...ids };
  const isKind = (kind: string): kind is keyof Ids => kind in nothing;
  for (const kind of Object.keys(ids).filter(isKind)) {
    nothing[kind] = UUID.test(ids[kind]) ? randomUUID() : ids[kind].replaceAll(word, other);
  }
  // Not even an owner could make one of this name.
  const place = shared && { platform: shared.id, platformId: shared.platformId };
  return { ...nothing, ...place, source: nothing.source.replace(/[.].+$/, '.000000000000') };
}

export async function createTenant(api: TestApi, word: string, shared?: SharedPlatform): Promise<Tenant> {
  const { db } = api;
  const place = { platformId: shared?.platformId ?? `lms-${word}`, deploymentId: `dep-${word}` };
  const reach = shared ? (toReach([], [place]) ?? []) : [place.platformId];
  const name = `key of ${word}`;
  const { secret: adminKey } = await insertApiKey(db, { platforms: reach, columns: { name } });
  const course = await insertCourse(api, { ...place, word, shared });
  const ask = async (method: 'POST' | 'PUT' | 'PATCH', path: string, body: object): Promise<Answer> => {
    const answer = await api.call(method, path, { key: adminKey, body: { ...body, reason: `why of ${word}` } });
    if (answer.status >= 300) throw new Error(`${method} ${path} ${answer.text}`);
    return answer;
  };
  const work = await doWork(api, { ask, word, course, shared });
  const outside = await connect(api, { ask, adminKey, word, course, shared });
  for (const path of [
    ...(shared ? [] : [`platforms/${course.platform}`]),
    `deployments/${course.deployment}`,
    `contexts/${course.context}`,
  ]) {
    await ask('POST', `/v1/${path}/pause`, {});
  }
  return { word, reach, shared, adminKey, ids: { ...course, ...work, ...outside } };
}

interface PlaceOfTenant {
  word: string;
  platformId: string;
  deploymentId: string;
  shared: SharedPlatform | undefined;
}

type Course = Awaited<ReturnType<typeof insertCourse>>;
type Work = Awaited<ReturnType<typeof doWork>>;
type Outside = Awaited<ReturnType<typeof connect>>;
type Ask = (method: 'POST' | 'PUT' | 'PATCH', path: string, body: object) => Promise<Answer>;

async function insertPlace({ db }: TestApi, { word, shared, ...place }: PlaceOfTenant) {
  if (shared) {
    const { id: deployment } = await insertDeployment(db, { platform: shared.id, deploymentId: place.deploymentId });
    return { id: shared.id, deployment };
  }
  const platform = await insertPlatform(db, place);
  await db('platforms')
    .where({ id: platform.id })
    .update({ url: `https://${word}.example`, product_family_code: word });
  return platform;
}

async function insertCourse(api: TestApi, { word, ...place }: PlaceOfTenant) {
  const { db } = api;
  const { platformId, deploymentId } = place;
  const [contextId, userId] = [`course-${word}`, `ada-${word}`];
  const platform = await insertPlace(api, { word, ...place });
  const { id: context } = await insertContext(db, {
    ...{ deployment: platform.deployment, contextId },
    columns: {
      title: `Course of ${word}`,
      parked_type: 'ContextConcluded',
      parked_at: new Date(),
      parked_detail: word,
    },
  });
  const resourceLinkId = `link-${word}`;
  await insertResourceLink(db, { context, resourceLinkId });
  const { id: serviceKey } = await insertServiceKey(db, { context });
  const lineItemId = `https://${word}.example/columns/1`;
  const { id: lineItem } = await insertLineItem(db, {
    ...{ context, lineItemId },
    columns: { label: `Quiz of ${word}`, resource_id: `quiz-${word}`, tag: word, parked_detail: word },
  });
  await insertMembership(db, { context, userId, columns: { name: `Ada of ${word}`, email: `ada@${word}.example` } });
  await db('membership_changes').insert({ context, user_id: userId, change: 'joined', status: 'Active', read: 1 });
  const of = { context, lineItem, value: { comment: `for ${word}` } };
  const { id: score } = await insertScore(db, { ...of, userId });
  const { id: rejected } = await insertScore(db, { ...of, userId: `ben-${word}`, state: 'rejected' });
  const { id: retried } = await insertScore(db, {
    ...{ ...of, userId: `eve-${word}`, state: 'rejected', columns: { failure_type: RETRIED } },
  });
  const { id: held } = await insertScore(db, {
    ...{ ...of, userId: `cleo-${word}`, state: 'held', columns: { failure_type: 'HumanGradeUndecided' } },
  });
  const { id: changed } = await insertScore(db, { ...of, userId: `dora-${word}`, state: 'submitted' });
  await db('drifts').insert({
    ...{ context, line_item: lineItem, score: changed, user_id: `dora-${word}`, kind: 'changed', revision: 1 },
    ...{ score_given: 7.5, score_maximum: 10, result_score: 9, result_maximum: 10 },
  });
  await db('attempts').insert({
    ...{ score: rejected, revision: 1, kind: 'submit', outcome: 'rejected', status: 422, lane_token: 1, code: word },
    ...{ failure_type: 'ScoreRejected', excerpt: `no such ${word}`, started_at: new Date(), duration_ms: 9 },
  });
  return {
    ...{ platformId, deploymentId, contextId, userId, lineItemId, resourceLinkId, platform: platform.id },
    ...{ deployment: platform.deployment, context, serviceKey, lineItem, score, rejected, retried, held },
  };
}

/** What operators of it do: each deed leaves words. */
async function doWork(
  { db, deps }: TestApi,
  { ask, word, course, shared }: { ask: Ask; word: string; course: Course } & Pick<Tenant, 'shared'>,
) {
  const { platformId, deploymentId, contextId } = course;
  await ask('PUT', `/v1/contexts/${course.context}/grade-policy`, { gradePolicy: 'ask' });
  if (!shared) await ask('PATCH', `/v1/platforms/${course.platform}`, { limits: { inFlightMax: 3 } });
  const run = textAt((await ask('POST', '/v1/syncs', { all: true })).body, 'runId');
  const filter = { platformId, failureType: 'KeyRejected' };
  const retried = await ask('POST', '/v1/scores/retry', { filter });
  const backfills = await createBackfillsOfTest(db);
  const started = async (changes: object): Promise<string> => {
    const body = { author: `author of ${word}`, filter: { platformId, contextId }, action: 'resend', ...changes };
    return textAt((await ask('POST', '/v1/backfills', body)).body, 'id');
  };
  const backfill = await started({});
  await backfills.preview(backfill);
  const drafted = await started({ dryRun: true });
  await backfills.preview(drafted);
  const exported = await ask('POST', '/v1/people/export', { platformId, deploymentId, userId: course.userId });
  const person = textAt(exported.body, 'id');
  while ((await deps.store.personRequests.advance(person))?.state === 'running');
  return { run, operation: textAt(retried.body, 'operation', 'id'), backfill, drafted, person };
}

/** What others outside call, or are called for: sources with events, endpoints of notices, keys and sessions. */
async function connect(
  { app, db, call, deps }: TestApi,
  {
    ask,
    adminKey,
    word,
    course,
    shared,
  }: { ask: Ask; adminKey: string; word: string } & Pick<Tenant, 'shared'> & { course: Course },
) {
  const { platformId, contextId, lineItemId, userId } = course;
  const body = {
    ...{ name: `grader-${word}`, verification: { scheme: 'standardWebhooks' }, secret: STANDARD_SECRET },
    ...{ mapping: namingMapping(platformId, { deployment: { value: course.deploymentId } }), reason: `why of ${word}` },
  };
  const refused = await call('POST', '/v1/webhook-sources', { key: adminKey, body });
  const [, source = ''] = /name it "(.+)"/.exec(textAt(refused.body, 'detail')) ?? [];
  const made = await ask('POST', '/v1/webhook-sources', { ...body, name: source });
  const secret = textAt(made.body, 'secrets', 0, 'id');
  const reference = `s-${word}`;
  const tie = { platformId, contextId, userId, lineItem: { id: lineItemId } };
  await call('PUT', `/v1/references/${source}/${reference}`, { key: adminKey, body: tie });
  const graded = { type: 'graded', student: userId, course: contextId, submission: `t-${word}`, grade: 'bad', max: 10 };
  const sent = await sendStandard(app, source, { ...graded, at: new Date().toISOString() }, { id: `msg-${word}` });
  const event = textAt(sent.body, 'id');
  await eventually('the event is looked at', async () => {
    const rows = await queryRows(db, `select 1 from webhook_events where state = 'stored'`);
    return rows.length === 0;
  });
  const wishes = { url: `https://${word}.example/notices`, format: 'slack', kinds: ['breakerOpen'], description: word };
  // Notices tell of whole platforms.
  const asked = shared
    ? await call('POST', '/v1/notices', { body: { ...wishes, reason: `why of ${word}` } })
    : await ask('POST', '/v1/notices', wishes);
  const endpoint = textAt(asked.body, 'id');
  const delivery: string = randomUUID();
  await db('notice_deliveries').insert({
    id: delivery,
    endpoint,
    type: 'attention',
    state: 'failed',
  });
  const key = await ask('POST', '/v1/api-keys', { name: `other key of ${word}`, scopes: ['read'] });
  const apiKey = textAt(key.body, 'id');
  await deps.store.consoleSessions.open({ hash: randomBytes(32), apiKey, endsBy: null, requestId: null });
  const { id: session } = await deps.store.consoleSessions.open({
    hash: randomBytes(32),
    apiKey,
    endsBy: null,
    requestId: null,
  });
  return { source, secret, reference, event, endpoint, delivery, apiKey, session };
}
