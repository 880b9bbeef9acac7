import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyAudit, type AuditHead, type VerifyOptions } from '../../../db/access/audit-chain.js';
import { createAuditTrail, insertAuditEntry } from '../../../db/access/audit-entries.js';
import { queryRows, type Database } from '../../../db/server/knex.js';
import { retryDeadlock } from '../../../db/server/retry-deadlock.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertApiKey } from '../../helpers/factories.js';
import { sized } from '../../helpers/size.js';

const { db } = await createTestDatabase();
const { id: apiKey } = await insertApiKey(db);
const trail = createAuditTrail(db);

const write = (on: Database, subject: string): Promise<void> =>
  insertAuditEntry(on, {
    ...{ apiKey, action: 'a.test', subject, reason: 'ünï "quoted" \\ 😀', platforms: ['one', 'two'] },
    details: { b: 1.5, a: ['x', null], nested: { deep: true } },
  });

const headOf = (on: Database): Promise<AuditHead> => createAuditTrail(on).head();

/** What is found after somebody who owns the tables has changed them, without its staying so. */
async function findAfter(change: (trx: Database) => Promise<unknown>, options: VerifyOptions = {}) {
  const trx = await db.transaction();
  try {
    await trx.raw('alter table audit_entries disable trigger user');
    await change(trx);
    const found = await verifyAudit(trx, { pageSize: 7, ...options });
    return found.isWhole ? null : [found.position, found.fault];
  } finally {
    await trx.rollback();
  }
}

/** Writes the whole chain anew from an entry on, as its trigger would have. */
const rewrite = (trx: Database, from: number): Promise<unknown> =>
  queryRows(
    trx,
    `do $$ declare entry audit_entries; before bytea; begin
       select hash into before from audit_entries where id = ${from - 1};
       for entry in select * from audit_entries where id >= ${from} order by id loop
         entry.previous := before;
         entry.hash := audit_hash(entry);
         update audit_entries set previous = entry.previous, hash = entry.hash where id = entry.id;
         before := entry.hash;
       end loop;
       update audit_chain set hash = before;
     end $$`,
  );

test('is whole after hundreds of deeds at once, in a line without gaps, though some are undone and some meet', async () => {
  await db.schema.createTable('things', (table) => table.integer('id').primary());
  await db('things').insert([{ id: 1 }, { id: 2 }, { id: 3 }]);
  const deeds = sized({ quick: 400, full: 4_000 });
  const done = await Promise.all(
    Array.from({ length: deeds }, (_, n) =>
      retryDeadlock(() =>
        db.transaction(async (trx) => {
          await trx.raw('select 1 from things where id = ? for update', [(n % 3) + 1]);
          if (n % 5 === 0) await trx.raw('select 1 from api_keys where id = ? for update', [apiKey]);
          await write(trx, `deed ${n}`);
          if (n % 7 === 0) throw new Error('It is undone.');
          return 1;
        }),
      ).catch((error: unknown) => {
        if (error instanceof Error && error.message === 'It is undone.') return 0;
        throw error;
      }),
    ),
  );
  const kept = done.filter((one) => one === 1).length;
  const [row] = await queryRows<{ count: number; last: number }>(
    db,
    'select count(*)::int as count, max(id)::int as last from audit_entries',
  );
  assert.deepEqual(row, { count: kept, last: kept });
  const head = await trail.head();
  assert.deepEqual(await verifyAudit(db, { pageSize: 50 }), {
    ...{ isWhole: true, entries: kept, begunAfter: '0', head },
  });
  assert.equal(head.position, String(kept));
});

test('goes through each head that was kept elsewhere', async () => {
  const kept = await trail.head();
  await write(db, 'another');
  assert.equal(await findAfter(async () => undefined, { kept: [kept, await trail.head()] }), null);
});

test('names the first entry that was changed, whatever of it', async () => {
  const changes: Record<string, unknown> = {
    ...{ at: '2020-01-01T00:00:00Z', api_key: null, action: 'b.test', subject: 'other', reason: null, details: '{}' },
    ...{ platforms: ['one'], request_id: apiKey, outcome: 'failed', answers: 3, hash: Buffer.alloc(32) },
  };
  for (const [column, value] of Object.entries(changes)) {
    const change = (trx: Database): Promise<unknown> =>
      trx('audit_entries')
        .whereIn('id', [20, 30])
        .update({ [column]: value });
    assert.deepEqual(await findAfter(change), ['20', 'It was changed.'], column);
  }
});

test('names an entry that was changed with its own hash', async () => {
  const change = (trx: Database): Promise<unknown> =>
    queryRows(
      trx,
      `update audit_entries set subject = 'other' where id = 20;
       update audit_entries e set hash = audit_hash(e) where id = 20`,
    );
  assert.deepEqual(await findAfter(change), ['21', 'It does not follow from 20: one of the two was written anew.']);
});

test('names entries that were removed, in the middle and at the end', async () => {
  const { position } = await trail.head();
  const inMiddle = (trx: Database): Promise<unknown> => trx('audit_entries').whereBetween('id', [20, 22]).delete();
  assert.deepEqual(await findAfter(inMiddle), ['20', 'It was removed; the next one that is there is 23.']);
  const atEnd = (trx: Database): Promise<unknown> => trx('audit_entries').where('id', '>', 20).delete();
  assert.deepEqual(await findAfter(atEnd), ['21', `It was removed, with all up to ${position}.`]);
});

test('names an entry that was put in', async () => {
  const { position } = await trail.head();
  const next = String(Number(position) + 1);
  const put = (trx: Database): Promise<unknown> =>
    queryRows(
      trx,
      `insert into audit_entries (id, action, subject, previous, hash)
       select ${next}, 'a.test', 'put in', hash, hash from audit_entries where id = ${position}`,
    );
  assert.deepEqual(await findAfter(put), [next, 'It was put in beside the chain.']);
  const first = (trx: Database): Promise<unknown> =>
    queryRows(trx, `insert into audit_entries (id, action, subject, previous, hash) values (0, 'a', 'b', '', '')`);
  assert.deepEqual(await findAfter(first), ['0', 'It was put in beside the chain.']);
});

test('names a head that is not that of the chain', async () => {
  const { position } = await trail.head();
  const change = (trx: Database): Promise<unknown> => queryRows(trx, `update audit_chain set hash = sha256('other')`);
  const fault = 'It is not the entry of which audit_chain has the hash.';
  assert.deepEqual(await findAfter(change), [position, fault]);
  assert.deepEqual(await findAfter((trx) => queryRows(trx, 'delete from audit_chain')), [
    '0',
    'The row of audit_chain is gone, which holds the head.',
  ]);
});

test('tells by a kept head that the whole chain was written anew, or cut', async () => {
  const kept = [await trail.head()];
  await write(db, 'after the head was kept');
  const { position } = await trail.head();
  const anew = async (trx: Database): Promise<void> => {
    await trx('audit_entries').where({ id: 20 }).update({ subject: 'other' });
    await rewrite(trx, 20);
  };
  assert.equal(await findAfter(anew), null);
  const rewritten = 'Its hash is another than the one that was kept: the chain up to here was written anew.';
  assert.deepEqual(await findAfter(anew, { kept }), [kept[0]?.position, rewritten]);
  const cut = (trx: Database): Promise<unknown> =>
    queryRows(
      trx,
      `delete from audit_entries where id > 20;
       update audit_chain set position = 20, hash = (select hash from audit_entries where id = 20)`,
    );
  assert.equal(await findAfter(cut), null);
  const gone = `It was removed, with all up to ${position}, of which the hash was kept.`;
  assert.deepEqual(await findAfter(cut, { kept: [await headOf(db)] }), ['21', gone]);
});

test('refuses whoever changes, removes or empties, the owner too', async () => {
  const refused = /Rows of \w+ are only added/;
  for (const sql of [
    `update audit_entries set reason = 'another' where id = 1`,
    'delete from audit_entries where id = 1',
    'truncate audit_entries',
    `update score_revisions set source = 'unknown'`,
    'delete from score_revisions',
    'truncate score_revisions',
  ]) {
    const insert = `insert into score_revisions (score, changed_at, revision, source) values (gen_random_uuid(), now(), 1, 'unknown')`;
    await assert.rejects(
      db.transaction(async (trx) => {
        await trx.raw(insert);
        await trx.raw(sql);
      }),
      refused,
      sql,
    );
  }
});

test('refuses another role, though it may write and says that it is retention', async () => {
  const trx = await db.transaction();
  try {
    await trx.raw(`create role someone; grant all on audit_entries to someone; set local role someone`);
    await trx.raw(`set local passback.retention = 'on'`);
    // It may add, though the chain itself is not its own.
    await trx.raw(`insert into audit_entries (action, subject) values ('a.test', 'of someone')`);
    await assert.rejects(trx.raw('delete from audit_entries where id = 1').then(), /only added/);
  } finally {
    await trx.rollback();
  }
});

test('goes on whole when the oldest are removed for their age, and keeps the young', async () => {
  const trx = await db.transaction();
  const prune = async (before: string, limit: number): Promise<unknown> =>
    (await queryRows<{ pruned: number }>(trx, `select prune_audit_entries(${before}, ?) as pruned`, [limit]))[0]
      ?.pruned;
  try {
    await trx.raw('alter table audit_entries disable trigger user');
    await trx.raw(`update audit_entries set at = now() - interval '400 days' where id <= 25`);
    await trx.raw(`update audit_entries set previous = decode(repeat('00', 32), 'hex') where id = 1`);
    await trx.raw('update audit_entries e set hash = audit_hash(e) where id = 1');
    await rewrite(trx, 2);
    await trx.raw('alter table audit_entries enable trigger user');
    const head = await headOf(trx);
    assert.equal(await prune(`now() - interval '365 days'`, 10), 10);
    assert.equal(await prune(`now() - interval '365 days'`, 100), 15);
    assert.equal(await prune(`now() - interval '365 days'`, 100), 0);
    const found = await verifyAudit(trx, { kept: [head] });
    assert.deepEqual(found, { isWhole: true, entries: Number(head.position) - 25, begunAfter: '25', head });
    await assert.rejects(prune('now()', 100), /thirty days/);
  } finally {
    await trx.rollback();
  }
});
