import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError } from '../../config/config.js';
import { loadTemporalConnection } from '../../config/temporal.js';

const folder = mkdtempSync(join(tmpdir(), 'passback-temporal-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Keeps a temporal.toml of the developer's out of the tests. */
const noFile = { TEMPORAL_CONFIG_FILE: file('none.toml', '[profile.default]\n') };

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

test('a configuration file is read, and the environment goes before it', () => {
  const text = '[profile.default]\naddress = "file:7233"\nnamespace = "from-file"\n';
  const TEMPORAL_CONFIG_FILE = file('temporal.toml', text);
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

for (const [what, env, expected] of [
  [
    'that is not there',
    { TEMPORAL_CONFIG_FILE: join(folder, 'gone.toml') },
    /TEMPORAL_CONFIG_FILE must be the path of/,
  ],
  ['that is a folder', { TEMPORAL_CONFIG_FILE: folder }, /TEMPORAL_CONFIG_FILE must be the path of/],
  ['without a profile', { TEMPORAL_CONFIG_FILE: file('empty.toml', '\n') }, /TEMPORAL_CONFIG_FILE .* empty/],
  [
    'that is no TOML',
    { TEMPORAL_CONFIG_FILE: file('bad.toml', '[profile.default]\napi_key = very-secret\n') },
    /TEMPORAL_CONFIG_FILE.* must be TOML/,
  ],
  [
    'of a certificate',
    { ...noFile, TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere.pem' },
    /TEMPORAL_TLS_SERVER_CA_CERT_PATH must/,
  ],
  ['without an address', noFile, /address of .* file, or TEMPORAL_ADDRESS, must be host:port/],
  [
    'with an address without port',
    { TEMPORAL_CONFIG_FILE: file('address.toml', '[profile.default]\naddress = "temporal"\n') },
    /address of .* file, or TEMPORAL_ADDRESS, must be host:port/,
  ],
  ['of another profile', { ...noFile, TEMPORAL_PROFILE: 'nowhere' }, /TEMPORAL_PROFILE must be a profile/],
] as const) {
  test(`a file ${what} is refused by the name of its variable, and nothing in it is quoted`, () => {
    assert.throws(
      () => loadTemporalConnection(env),
      (error) => error instanceof ConfigError && expected.test(error.message) && !error.message.includes('very-secret'),
    );
  });
}
