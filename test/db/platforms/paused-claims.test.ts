import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClaims } from '../../../db/scores/claims.js';
import { createTestDatabase, eventually, toQueryable } from '../../helpers/database.js';
import { insertScore } from '../../helpers/factories.js';
import { createPlaces } from '../../helpers/pauses.js';

const { db } = await createTestDatabase();
const { createCourse, pause, resume, claim, hold } = await createPlaces(db);
const KINDS = ['platform', 'deployment', 'context'] as const;

test('a claim that began before a pause was committed is over before it, or sees it', async () => {
  const place = await createCourse();
  const { token } = await hold(place.gate);
  const trx = await db.transaction();
  await trx.raw('select 1 from gates where id = ? for share', [place.gate]);
  const paused = pause('context', place);
  const claimed = await createClaims(toQueryable(trx)).claim({ gate: place.gate, token, limit: 10, after: null });
  assert.equal(claimed?.scores.length, 1);
  await trx.commit();
  await paused;
  assert.equal((await hold(place.gate)).held.pauses, 1);
});

test('a resume lets go what a claim is about to put on hold', async () => {
  const place = await createCourse();
  await pause('context', place);
  const { token } = await hold(place.gate);
  const trx = await db.transaction();
  await createClaims(toQueryable(trx)).claim({ gate: place.gate, token, limit: 10, after: null });
  let isOver = false;
  const resumed = resume('context', place).finally(() => (isOver = true));
  await eventually(
    'it waits, or is over',
    async () => isOver || (await db('pg_locks').where({ granted: false })).length > 0,
  );
  await trx.commit();
  await resumed;
  assert.deepEqual(await claim(place), [place.score]);
});

test('whatever claims run beside pauses and resumes, nothing stays on hold afterwards', async () => {
  const place = await createCourse();
  const { gate, context, lineItem } = place;
  for (let more = 0; more < 60; more += 1) await insertScore(db, { context, lineItem });
  const { token } = await hold(gate);
  const claims = createClaims(toQueryable(db));
  const claimed: string[] = [];
  let isOver = false;
  const claimOn = async (): Promise<void> => {
    while (!isOver) {
      const { scores = [] } = (await claims.claim({ gate, token, limit: 1, after: null })) ?? {};
      claimed.push(...scores.map(({ id }) => id));
    }
  };
  const claimers = [claimOn(), claimOn(), claimOn()];
  for (let turn = 0; turn < 15; turn += 1) {
    const kind = KINDS[turn % 3] ?? 'context';
    await pause(kind, place);
    await resume(kind, place);
  }
  await eventually('all are claimed', () => claimed.length >= 61);
  isOver = true;
  await Promise.all(claimers);
  assert.equal(new Set(claimed).size, 61);
});
