import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NativeConnection } from '@temporalio/worker';
import { createTestDatabase } from '../helpers/database.js';
import { endOfProgram, type EndOfProgram } from '../helpers/end-of-program.js';
import { createTestNamespace } from '../helpers/temporal.js';
import { findHopeless } from '../../worker/hopeless.js';

const { url } = await createTestDatabase();
const { address, client } = await createTestNamespace();
const noDatabase = Object.assign(new URL(url), { pathname: '/no_such_database' }).href;
const noRole = Object.assign(new URL(url), { username: 'nobody_known', password: 'very-secret-password' }).href;

const endOf = (entry: string, more: Record<string, string>): Promise<EndOfProgram> =>
  endOfProgram(entry, {
    ...{ DATABASE_URL: url, TEMPORAL_ADDRESS: address, ENCRYPTION_KEYS: `a:${Buffer.alloc(32).toString('base64')}` },
    ...more,
  });

for (const entry of ['api/server.ts', 'worker/main.ts', 'worker/migrate.ts']) {
  test(`${entry} ends where the database is not there, or refuses the role`, async () => {
    const database = await endOf(entry, { DATABASE_URL: noDatabase });
    assert.equal(database.code, 1, database.output);
    assert.match(database.output, /- DATABASE_URL must name a database that is there: .*no_such_database/);
    const role = await endOf(entry, { DATABASE_URL: noRole });
    assert.equal(role.code, 1, role.output);
    assert.match(
      role.output,
      /- DATABASE_URL must name a (role that may connect|password that it takes): .*nobody_known/,
    );
    assert.doesNotMatch(database.output + role.output, /very-secret| {4}at .*\n/);
  });
}

test('a worker ends where TLS is asked of a Temporal server that has none', async () => {
  const { code, output } = await endOf('worker/main.ts', { TEMPORAL_TLS: 'true' });
  assert.equal(code, 1, output);
  assert.match(output, /- TEMPORAL_ADDRESS and TEMPORAL_TLS\* must fit the server's TLS/);
});

test('a namespace gets time to be made, and is then told by its setting', async () => {
  const error: unknown = await client.workflowService
    .describeNamespace({ namespace: 'no-such-namespace' })
    .catch((reason: unknown) => reason);
  assert.equal(findHopeless(error, 1_000), undefined);
  assert.match(String(findHopeless(error, 30_000)?.message), /TEMPORAL_NAMESPACE must be .*no-such-namespace/);
});

test('a server that is not up yet is waited for', async () => {
  const error: unknown = await NativeConnection.connect({ address: '127.0.0.1:9' }).catch((reason: unknown) => reason);
  assert.equal(findHopeless(error, 3_600_000), undefined);
  assert.equal(findHopeless(Object.assign(new Error('starting'), { code: '57P03' }), 3_600_000), undefined);
});
