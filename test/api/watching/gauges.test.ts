import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFacts } from '../../../api/operations/facts.js';
import { createApiMetrics } from '../../../api/watching/api-metrics.js';
import { createTestApi } from '../../helpers/app.js';
import { insertContext, insertLineItem, insertPlatform, insertScore } from '../../helpers/factories.js';
import { insertNoticeEndpoint } from '../../helpers/notice-endpoints.js';

const api = await createTestApi();
const { db } = api;
const platform = await insertPlatform(db, { platformId: 'lms of a school', deploymentId: 'd1' });
const { id: context } = await insertContext(db, { deployment: platform.deployment, contextId: 'algebra' });
const { id: lineItem } = await insertLineItem(db, { context });

let later = 0;
const facts = createFacts(api.deps, 0);
const metrics = createApiMetrics(
  { ...api.deps, facts, now: () => new Date(Date.now() + later) },
  { patienceMs: 1_000 },
);
/** What a scrape is told when all that was read before is old. */
const scrape = (): Promise<string> => {
  later += 60_000;
  return metrics.text();
};
const valueOf = (text: string, name: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')
      .at(-1),
  );

test('the public port has no metrics', async () => {
  const answer = await api.call('GET', '/metrics', { key: null });
  assert.equal(answer.status, 404);
});

test('gauges name gates by our uuid, and nothing by a name', async () => {
  await insertScore(db, { context, lineItem });
  await insertScore(db, { context, lineItem, state: 'rejected' });
  await db.raw(`update gates set breaker = 'open', breaker_opened_at = now() where id = ?`, [platform.gate]);
  const text = await scrape();
  assert.equal(valueOf(text, `passback_backlog_scores{gate="${platform.gate}",state="ready"}`), 1, text);
  assert.equal(valueOf(text, `passback_breaker_open{gate="${platform.gate}",state="open"}`), 1);
  assert.match(text, /passback_troubled_scores_last_day\{state="rejected",reason="\w+"\} 1/);
  assert.doesNotMatch(text, /school|algebra/);
  assert.equal(valueOf(text, 'passback_database_up'), 1);
});

test('endpoints that do not take their messages are told apart', async () => {
  await insertNoticeEndpoint(db);
  const failing = await insertNoticeEndpoint(db);
  await db('notice_endpoints').where({ id: failing }).update({ failures: 2, failing_since: new Date() });
  await db('notice_deliveries').insert([
    { endpoint: failing, type: 'attention' },
    { endpoint: failing, type: 'digest', state: 'failed' },
  ]);
  const text = await scrape();
  assert.equal(valueOf(text, 'passback_notice_endpoints{state="on"}'), 1);
  assert.equal(valueOf(text, 'passback_notice_endpoints{state="failing"}'), 1);
  assert.equal(valueOf(text, 'passback_notice_endpoints{state="off"}'), 0);
  assert.equal(valueOf(text, 'passback_notice_messages_waiting{state="failing"}'), 1);
});

test('a database that does not answer leaves the last values, with their age', async () => {
  const before = valueOf(await scrape(), `passback_backlog_scores{gate="${platform.gate}",state="ready"}`);
  const lock = await db.transaction();
  await lock.raw('lock table score_queue in access exclusive mode');
  for (let times = 0; times < 2; times += 1) {
    const text = await scrape();
    assert.equal(valueOf(text, 'passback_database_up'), 0);
    assert.ok(valueOf(text, 'passback_database_gauges_age_seconds') >= 60 * (times + 1), text);
    assert.equal(valueOf(text, `passback_backlog_scores{gate="${platform.gate}",state="ready"}`), before);
  }
  const { rows } = await db.raw<{ rows: { waiting: number }[] }>(
    `select count(*)::int as waiting from pg_locks l where not l.granted and l.relation = 'score_queue'::regclass
       and l.database = (select oid from pg_database where datname = current_database())`,
  );
  assert.deepEqual(rows, [{ waiting: 1 }], 'one reading is under way, however many scrape');
  await lock.rollback();
  await scrape();
  const text = await scrape();
  assert.equal(valueOf(text, 'passback_database_up'), 1);
  assert.ok(valueOf(text, 'passback_database_gauges_age_seconds') < 60);
});

test('scrapers at once cost one reading', async () => {
  let readings = 0;
  const { gauges } = api.deps.store;
  const counted = {
    read: async () => {
      readings += 1;
      return gauges.read();
    },
  };
  const watched = createApiMetrics({ ...api.deps, facts, store: { ...api.deps.store, gauges: counted } });
  await Promise.all(Array.from({ length: 10 }, () => watched.text()));
  assert.equal(readings, 1);
});

test('a Temporal that does not answer says nothing of the database', async () => {
  const silent = { ...api.deps, schedules: { ...api.deps.schedules, list: () => new Promise<never>(() => undefined) } };
  const watched = createApiMetrics({ ...silent, facts: createFacts(silent) });
  const text = await watched.text();
  assert.equal(valueOf(text, 'passback_database_up'), 1);
  assert.ok(valueOf(text, 'passback_database_gauges_age_seconds') < 60, text);
});
