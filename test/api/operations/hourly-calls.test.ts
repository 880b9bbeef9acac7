import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHourlyCalls } from '../../../api/operations/hourly-calls.js';
import type { CallsOfHour } from '../../../db/scores/hourly-calls.js';
import { at, createTestApi, type Json } from '../../helpers/app.js';
import { eventually } from '../../helpers/database.js';
import { insertApiKey, insertContext, insertPlatform, insertServiceKey } from '../../helpers/factories.js';
import { listOf } from '../../helpers/stories.js';

const HOUR_MS = 3_600_000;
const api = await createTestApi();
const { db, call } = api;

async function insertCalls(platformId: string, calls: { hoursAgo: number; ms: number; failure?: string }[]) {
  const { deployment } = await insertPlatform(db, { platformId });
  const { id: context } = await insertContext(db, { deployment });
  const { id: key } = await insertServiceKey(db, { context });
  await db('attempts').insert(
    calls.map(({ hoursAgo, ms, failure = null }) => ({
      ...{ score: context, revision: 1, kind: 'submit', lane_token: 1, service_key: key, duration_ms: ms },
      ...{ outcome: failure === null ? 'submitted' : 'retryable', failure_type: failure },
      started_at: new Date(Date.now() - hoursAgo * HOUR_MS),
    })),
  );
}

async function look(key?: string): Promise<Json[]> {
  const ask = async (): Promise<Json> => {
    const { status, body, text } = await call('GET', '/v1/health/calls', key === undefined ? {} : { key });
    assert.equal(status, 200, text);
    return body;
  };
  await eventually('the first count', async () => at(await ask(), 'hours') !== null);
  return listOf(at(await ask(), 'hours'));
}

test('tells for each of 24 hours what was delivered, and how long it took, to who may see it', async () => {
  const quick = Array.from({ length: 19 }, () => ({ hoursAgo: 2, ms: 90 }));
  await insertCalls('north', [...quick, { hoursAgo: 2, ms: 5_000, failure: 'PlatformUnavailable' }]);
  await insertCalls('south', [
    { hoursAgo: 3, ms: 100 },
    { hoursAgo: 30, ms: 100 },
  ]);
  const hours = await look();
  assert.equal(hours.length, 24);
  const names = ['calls', 'delivered', 'failed', 'meanMs', 'p95Ms'];
  assert.deepEqual(
    names.map((name) => at(hours.at(-3) ?? {}, name)),
    [20, 19, 1, 336, 100],
  );
  const sum = (rows: Json[]): number => rows.map((row) => Number(at(row, 'calls'))).reduce((all, one) => all + one, 0);
  assert.equal(sum(hours), 21);
  const { secret } = await insertApiKey(db, { scopes: ['read'], platforms: ['south'] });
  const theirs = await look(secret);
  assert.equal(sum(theirs), 1);
  assert.equal(at(theirs.at(-4) ?? {}, 'calls'), 1);
});

test('counts an hour that is over no second time, and keeps nobody waiting', async () => {
  const now = { at: Date.parse('2026-11-27T12:30:00Z') };
  const asked: string[] = [];
  let answer: (rows: CallsOfHour[]) => void = () => undefined;
  const hourlyCalls = {
    count: async ({ from }: { from: Date }) => {
      asked.push(from.toISOString());
      return new Promise<CallsOfHour[]>((resolve) => (answer = resolve));
    },
  };
  const list = createHourlyCalls({ hourlyCalls }, () => new Date(now.at));
  const [one, other] = await Promise.all([list(null), list(null)]);
  assert.deepEqual([one, other, asked], [null, null, ['2026-11-26T13:00:00.000Z']]);
  const rest = { platformId: 'north', delivered: 1, failed: 0, totalMs: 90, atMostMs: 100 };
  answer([
    { ...rest, hour: new Date('2026-11-27T03:00:00Z'), calls: 1 },
    { ...rest, hour: new Date('2026-11-27T12:00:00Z'), calls: 2 },
  ]);
  const callsOf = async (): Promise<number[]> => ((await list(null)) ?? []).map(({ calls }) => calls).filter(Boolean);
  await eventually('the first count', async () => (await callsOf()).join() === '1,2');
  now.at += 60_000;
  assert.deepEqual(await callsOf(), [1, 2]);
  answer([{ ...rest, hour: new Date('2026-11-27T12:00:00Z'), calls: 3 }]);
  await eventually('the second count', async () => (await callsOf()).join() === '1,3');
  assert.deepEqual(asked.slice(1), ['2026-11-27T12:00:00.000Z']);
});
