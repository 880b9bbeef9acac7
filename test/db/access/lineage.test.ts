import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashSecret, makeSecret } from '../../../api/bearer-secret.js';
import { createApiKeys } from '../../../db/access/api-keys.js';
import { isOneLineage } from '../../../db/access/lineage.js';
import { createTestDatabase } from '../../helpers/database.js';
import { insertApiKey } from '../../helpers/factories.js';

const { db } = await createTestDatabase();
const apiKeys = createApiKeys(db);

async function make(createdBy: string): Promise<string> {
  const key = { name: 'x', hint: 'x', scopes: ['admin'], platforms: null, expiresAt: null };
  const audit = { apiKey: createdBy, action: 'api-keys.create', reason: 'a test' };
  const made = await apiKeys.insert({ ...key, hash: hashSecret(makeSecret()), createdBy, audit });
  assert.ok(made.kind === 'made');
  return made.key.id;
}

await apiKeys.setBootstrapKey(hashSecret('earlier'), 'lier');
const earlier = (await apiKeys.findByHash(hashSecret('earlier')))?.id ?? '';
const early = await make(earlier);
await apiKeys.setBootstrapKey(hashSecret('bootstrap'), 'trap');
const bootstrap = (await apiKeys.findByHash(hashSecret('bootstrap')))?.id ?? '';
const ada = await make(bootstrap);
const grace = await make(bootstrap);
const adasOther = await make(ada);
const adasThird = await make(ada);
const adasGrandchild = await make(adasOther);
const { id: alone } = await insertApiKey(db);

const CASES: readonly [string, string, string, boolean][] = [
  ['a key and itself', ada, ada, true],
  ['a key and what it made', ada, adasOther, true],
  ['a key and what that made', ada, adasGrandchild, true],
  ['two that one key made', adasOther, adasThird, true],
  ['one of them and what the other made', adasThird, adasGrandchild, true],
  ['two people whose keys the bootstrap key made', ada, grace, false],
  ['one of them and what the other made', grace, adasGrandchild, false],
  ['the bootstrap key and what it made', bootstrap, grace, true],
  ['the bootstrap key and what was made with that', bootstrap, adasGrandchild, true],
  ['the bootstrap key and what an earlier one made', bootstrap, early, true],
  ['what two bootstrap keys made', ada, early, false],
  ['the bootstrap key and one that it has nothing to do with', bootstrap, alone, false],
];

for (const [pair, one, other, isOne] of CASES) {
  test(`${pair} are ${isOne ? 'of one lineage' : 'different people'}`, async () => {
    assert.equal(await isOneLineage(db, one, other), isOne);
    assert.equal(await isOneLineage(db, other, one), isOne);
  });
}
