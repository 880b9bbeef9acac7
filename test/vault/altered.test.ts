/** The vault drill: whatever is done to what is stored, it is refused and never misread. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryRows } from '../../db/server/knex.js';
import { SEALED_COLUMNS } from '../../db/vault/sealed-columns.js';
import { createTestApi, textAt } from '../helpers/app.js';
import {
  createTestVault,
  insertContext,
  insertMembership,
  insertPlatform,
  insertServiceKey,
} from '../helpers/factories.js';
import { listSealed, openAll, type StoredValue } from '../helpers/sealed-values.js';
import { createSource, graded, REFERENCE_MAPPING, sendStandard } from '../helpers/webhooks.js';

const api = await createTestApi();
const { db, call, app } = api;

/** Two rows of every kind, as the API makes them. */
async function fill(): Promise<void> {
  for (const name of ['one', 'two']) {
    const { deployment, platform_id: platformId } = await insertPlatform(db);
    for (let count = 0; count < 2; count += 1) {
      const { id: context } = await insertContext(db, { deployment });
      await insertServiceKey(db, { context });
      await insertMembership(db, { context, userId: 'ada' });
    }
    await askForPerson(platformId);
    await createSource(api, { name, mapping: REFERENCE_MAPPING });
    await sendStandard(app, name, graded());
    const body = { url: `https://hooks.example.org/${name}`, kinds: ['breakerOpen'], reason: 'x' };
    const made = await call('POST', '/v1/notices', { body: { ...body, format: 'standard-webhooks' } });
    assert.equal(made.status, 201, made.text);
    const headers = { 'idempotency-key': name };
    await call('POST', '/v1/api-keys', { body: { name, scopes: ['read'], reason: 'x' }, headers });
  }
}

/** A document, and a request that is not carried out yet. */
async function askForPerson(platformId: string): Promise<void> {
  const body = { platformId, userId: 'ada', reason: 'x' };
  const asked = await call('POST', '/v1/people/export', { body });
  while ((await api.deps.store.personRequests.advance(textAt(asked.body, 'id')))?.state === 'running');
  await call('POST', '/v1/people/erase', { body: { ...body, userId: 'nobody' } });
}

/** There is one for all. */
const ONLY = 'person_hmac_keys.ciphertext';

const refusalOf = async ({ sealed, place }: StoredValue): Promise<unknown> => {
  const opener = await createTestVault().opener(db, [sealed.dataKey]);
  try {
    return opener.open(sealed, place);
  } catch (error) {
    return error;
  }
};

test('every column that refers to a data key is one that a rotation carries over', async () => {
  const referring = await queryRows<{ name: string }>(
    db,
    `select c.conrelid::regclass || '.' || a.attname as name from pg_constraint c
     join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
     where c.confrelid = 'data_keys'::regclass order by 1`,
  );
  const carried = Object.values(SEALED_COLUMNS).map(({ table, dataKey }) => `${table}.${dataKey}`);
  assert.deepEqual(referring.map(({ name }) => name), carried.toSorted()); // prettier-ignore
});

test('every kind of value is there twice, and is read', async () => {
  await fill();
  const kinds = Object.values(SEALED_COLUMNS).map(({ table, value }) => `${table}.${value}`);
  const stored = (await listSealed(db)).map(({ place }) => place.column);
  for (const kind of kinds) {
    const least = kind === ONLY ? 1 : 2;
    assert.ok(stored.filter((column) => column === kind).length >= least, kind);
  }
  assert.equal(await openAll(db, createTestVault()), stored.length);
});

test('a value with any byte flipped, or cut anywhere, is refused', async () => {
  const seen = new Set<string>();
  for (const { sealed, place } of await listSealed(db)) {
    if (seen.has(place.column)) continue;
    seen.add(place.column);
    const { ciphertext, dataKey } = sealed;
    const opener = await createTestVault().opener(db, [dataKey]);
    const altered = { name: 'DecryptionError', fault: 'altered' };
    for (let byte = 0; byte < ciphertext.length; byte += 1) {
      const flipped = Buffer.from(ciphertext);
      flipped.writeUInt8(flipped.readUInt8(byte) ^ 1, byte);
      assert.throws(() => opener.open({ dataKey, ciphertext: flipped }, place), altered, `${place.column} ${byte}`);
      const cut = ciphertext.subarray(0, byte);
      assert.throws(() => opener.open({ dataKey, ciphertext: cut }, place), altered, `${place.column} to ${byte}`);
    }
  }
  assert.equal(seen.size, Object.keys(SEALED_COLUMNS).length);
});

test('a value is refused in the place of every other one, with its data key or without', async () => {
  const stored = await listSealed(db);
  for (const from of stored) {
    for (const to of stored) {
      if (from === to) continue;
      const moved = await refusalOf({ sealed: from.sealed, place: to.place });
      const without = await refusalOf({ sealed: { ...from.sealed, dataKey: to.sealed.dataKey }, place: to.place });
      for (const refusal of [moved, without])
        assert.ok(refusal instanceof Error, `${from.place.column} as ${to.place.column}`);
    }
  }
});

test('a row that is given to another owner is refused with its value', async () => {
  const owners = [
    `update service_keys k set context = c.id from contexts c
     where k.id = (select id from service_keys limit 1) and c.id not in (select context from service_keys)`,
    `update webhook_secrets k set source = o.id from webhook_sources o where o.name = 'two' and k.source <> o.id`,
    `update notice_secrets k set endpoint = e.id from notice_endpoints e
     where k.id = (select id from notice_secrets limit 1) and e.id <> k.endpoint`,
  ];
  await insertContext(db);
  for (const sql of owners) {
    const trx = await db.transaction();
    try {
      await trx.raw(sql);
      await assert.rejects(openAll(trx, createTestVault()), { name: 'DecryptionError', fault: 'altered' }, sql);
    } finally {
      await trx.rollback();
    }
  }
});

test('data keys that are swapped, or altered in any byte, open nothing', async () => {
  const [one, other] = await db('data_keys').whereNotNull('platform').orderBy('id').pluck<string[]>('id');
  const trx = await db.transaction();
  try {
    await trx.raw(
      `update data_keys k set wrapped = o.wrapped from data_keys o where (k.id, o.id) in ((:one::uuid, :other::uuid), (:other::uuid, :one::uuid))`,
      { one: one ?? '', other: other ?? '' },
    );
    await assert.rejects(openAll(trx, createTestVault()), { name: 'DecryptionError', fault: 'keyWrong' });
  } finally {
    await trx.rollback();
  }
});
