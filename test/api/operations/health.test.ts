import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, createTestApi, textAt, type Json } from '../../helpers/app.js';
import { asApp, eventually } from '../../helpers/database.js';
import {
  insertApiKey,
  insertContext,
  insertLineItem,
  insertPlatform,
  insertScore,
  insertServiceKey,
} from '../../helpers/factories.js';

const api = await createTestApi();
const { db, call } = api;

/** A course on a platform of its own, where each of these things is wrong. */
async function createTrouble(platformId: string): Promise<{ context: string; lineItem: string }> {
  const { deployment, id: platform } = await insertPlatform(db, { platformId });
  const { id: context } = await insertContext(db, { deployment });
  await insertServiceKey(db, { context });
  const { id: lineItem } = await insertLineItem(db, { context });
  const { id: parked } = await insertContext(db, {
    deployment,
    columns: { parked_type: 'ContextConcluded', parked_at: '2026-11-20T00:00:00Z' },
  });
  await insertScore(db, { context: parked, lineItem: (await insertLineItem(db, { context: parked })).id });
  await insertScore(db, { context, lineItem, state: 'rejected', columns: { failure_type: 'ScoreRejected' } });
  await insertScore(db, { context, lineItem, columns: { due_at: new Date(Date.now() - 3_600_000) } });
  await db.raw(
    `update gates set breaker = 'open', breaker_type = 'PlatformUnavailable', breaker_opened_at = now()
    where id in (select gate from deployments where id = ?)`,
    [deployment],
  );
  await db.raw(`insert into pauses (platform, reason, until) values (?, 'exams', 'infinity')`, [platform]);
  return { context, lineItem };
}

async function look(key?: string): Promise<{ body: Json; findings: Json[] }> {
  const { status, body, text } = await call('GET', '/v1/health/operations', key === undefined ? {} : { key });
  assert.equal(status, 200, text);
  const findings = at(body, 'findings');
  assert.ok(Array.isArray(findings));
  return { body, findings };
}

test('says that all is well, or how many things need somebody', async () => {
  assert.equal(at((await look()).body, 'sentence'), 'All is well.');
  api.temporal.pollers = 0;
  const { body } = await look();
  api.temporal.pollers = 1;
  assert.deepEqual([at(body, 'sentence'), at(body, 'ok')], ['1 thing needs you.', false]);
});

test('counts over all platforms what is of one kind, and shows a limited key its own', async () => {
  for (const platformId of ['north', 'south']) await createTrouble(platformId);
  const { secret } = await insertApiKey(db, { scopes: ['read'], platforms: ['south'] });
  const countOf = ({ findings }: { findings: Json[] }, type: string): unknown[] =>
    findings.filter((finding) => at(finding, 'type') === type).map((finding) => at(finding, 'count'));
  const [all, some] = [await look(), await look(secret)];
  for (const [type, ofAll] of [
    ['contextsParked', [2]],
    ['scoresRejected', [2]],
    ['breakerOpen', [1, 1]],
    ['platformPaused', [1, 1]],
  ] as const) {
    assert.deepEqual(countOf(all, type), ofAll, type);
    assert.deepEqual(countOf(some, type), [1], type);
  }
  assert.ok(!JSON.stringify(some.body).includes('north'));
  assert.equal(
    at(some.findings.find((one) => at(one, 'type') === 'contextsParked') ?? null, 'since'),
    '2026-11-20T00:00:00.000Z',
  );
});

test('names lists that exist, and calls that are taken as they are with a reason', async () => {
  const { findings } = await look();
  const calls = findings.map((finding) => at(finding, 'call')).filter((one) => one !== null);
  assert.ok(calls.length > 0);
  for (const finding of findings) {
    const see = at(finding, 'see');
    if (typeof see === 'string') assert.equal((await call('GET', see)).status, 200, see);
  }
  for (const one of calls) {
    const body = Object.assign({}, at(one, 'body'), { reason: 'seen in health' });
    const answer = await call('POST', textAt(one, 'path'), { body });
    assert.ok(answer.status === 200 || answer.status === 202, answer.text);
  }
  const { findings: after } = await look();
  const ended = ['scoresRejected', 'platformPaused'];
  assert.deepEqual(
    after.filter((finding) => ended.includes(textAt(finding, 'type'))),
    [],
  );
});

test('names a call against a breaker only where somebody had to put something right', async () => {
  const { id: platform, gate } = await insertPlatform(db, { platformId: 'west' });
  const callOf = async (type: string): Promise<Json | null> => {
    await db('gates')
      .where({ id: gate })
      .update({ breaker: 'open', breaker_type: type, breaker_opened_at: new Date() });
    const { findings } = await look();
    const found = findings.find((one) => at(one, 'type') === 'breakerOpen' && at(one, 'subject') === 'west');
    return at(found ?? null, 'call') ?? null;
  };
  assert.equal(await callOf('PlatformUnavailable'), null);
  assert.equal(at(await callOf('PlatformNotRegistered'), 'path'), `/v1/platforms/${platform}/resume`);
  await db('gates').where({ id: gate }).update({ breaker: 'closed', breaker_type: null, breaker_opened_at: null });
});

test('looks once for all who ask within some seconds', async () => {
  const { app, deps } = await createTestApi({ db, factsFreshMs: 60_000 });
  let statements = 0;
  const { secret } = await insertApiKey(db, { scopes: ['read'], platforms: ['south'] });
  const count = ({ sql }: { sql: string }): void => void (/score_troubles/.test(sql) && (statements += 1));
  asApp(db).on('query', count);
  const ask = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${secret}` };
    return (await app.inject({ url: '/v1/health/operations', headers })).statusCode;
  };
  assert.deepEqual(new Set(await Promise.all(Array.from({ length: 10 }, ask))), new Set([200]));
  const ofOneLook = statements;
  await ask();
  asApp(db).off('query', count);
  assert.ok(deps.store.operations.lastAnswerAt() > 0);
  assert.deepEqual([ofOneLook, statements], [2, 2], 'rejected, and held');
});

test('keeps nobody waiting for a Temporal that does not answer', async (t) => {
  const { app, deps, adminKey } = await createTestApi({ db, cleanup: t });
  const headers = { authorization: `Bearer ${adminKey}` };
  const ask = async (): Promise<string> => (await app.inject({ url: '/v1/health/operations', headers })).body;
  assert.ok(!(await ask()).includes('temporalUnreachable'));
  deps.workflows.checkHealth = () => new Promise(() => undefined);
  assert.ok(!(await ask()).includes('temporalUnreachable'), 'what it said last');
  await eventually('its silence', async () => (await ask()).includes('temporalUnreachable'), 10_000);
});
