import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError } from '../../config/config.js';
import { loadTemporalConnection } from '../../config/temporal.js';

/** Keeps a temporal.toml of the developer's out of the tests. */
const noFile = { TEMPORAL_CONFIG_FILE: join(tmpdir(), 'passback-no-such-temporal.toml') };

test('address and namespace come from the environment', () => {
  const env = { ...noFile, TEMPORAL_ADDRESS: 'temporal:7233', TEMPORAL_NAMESPACE: 'grades' };
  const { connectionOptions, namespace } = loadTemporalConnection(env);
  assert.deepEqual(
    [connectionOptions.address, connectionOptions.tls, namespace],
    ['temporal:7233', undefined, 'grades'],
  );
});

test('variables that are set to nothing change nothing', () => {
  const blank = { TEMPORAL_API_KEY: '', TEMPORAL_TLS: '', TEMPORAL_NAMESPACE: '', TEMPORAL_TLS_SERVER_NAME: ' ' };
  const { connectionOptions, namespace } = loadTemporalConnection({ ...noFile, ...blank, TEMPORAL_ADDRESS: 'a:1' });
  assert.deepEqual([connectionOptions.tls, connectionOptions.apiKey, namespace], [undefined, undefined, 'default']);
});

test('an API key switches TLS on, as Temporal Cloud needs', () => {
  const { connectionOptions } = loadTemporalConnection({ ...noFile, TEMPORAL_ADDRESS: 'a:1', TEMPORAL_API_KEY: 'k' });
  assert.deepEqual([connectionOptions.tls, connectionOptions.apiKey], [true, 'k']);
});

test('TEMPORAL_TLS means what it says in any spelling', () => {
  const tlsOf = (TEMPORAL_TLS: string): unknown =>
    loadTemporalConnection({ ...noFile, TEMPORAL_ADDRESS: 'a:1', TEMPORAL_TLS }).connectionOptions.tls;
  for (const yes of ['true', 'True', '1', 'yes']) assert.ok(tlsOf(yes), yes);
  for (const no of ['false', 'FALSE', '0', 'off']) assert.equal(tlsOf(no), false, no);
  assert.throws(() => tlsOf('perhaps'), ConfigError);
});

test('a configuration file is read, and the environment goes before it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'passback-temporal-'));
  t.after(() => rm(folder, { recursive: true }));
  const TEMPORAL_CONFIG_FILE = join(folder, 'temporal.toml');
  await writeFile(TEMPORAL_CONFIG_FILE, '[profile.default]\naddress = "file:7233"\nnamespace = "from-file"\n');
  const read = loadTemporalConnection({ TEMPORAL_CONFIG_FILE, TEMPORAL_ADDRESS: '' });
  assert.deepEqual([read.connectionOptions.address, read.namespace], ['file:7233', 'from-file']);
  assert.equal(loadTemporalConnection({ TEMPORAL_CONFIG_FILE, TEMPORAL_NAMESPACE: 'env' }).namespace, 'env');
});

test('a profile that is not there is a problem of the configuration', () => {
  assert.throws(() => loadTemporalConnection({ ...noFile, TEMPORAL_PROFILE: 'nowhere' }), ConfigError);
});

test('line breaks around an API key and an address are taken off', () => {
  const env = { ...noFile, TEMPORAL_ADDRESS: 'a:1\n', TEMPORAL_API_KEY: ' key\r\n', TEMPORAL_NAMESPACE: 'n\n' };
  const { connectionOptions, namespace } = loadTemporalConnection(env);
  assert.deepEqual([connectionOptions.address, connectionOptions.apiKey, namespace], ['a:1', 'key', 'n']);
});
