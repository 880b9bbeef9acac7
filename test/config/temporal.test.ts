import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ConfigError } from '../../config/config.js';
import { loadTemporalConnection } from '../../config/temporal.js';
import { root } from '../helpers/repository.js';

const folder = mkdtempSync(join(tmpdir(), 'passback-temporal-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function read(path: string): string {
  return readFileSync(path, 'utf8');
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
  ['of comments only', { TEMPORAL_CONFIG_FILE: file('comments.toml', '# none\n') }, /TEMPORAL_CONFIG_FILE.* \[profile/],
  ['of another profile', { ...noFile, TEMPORAL_PROFILE: 'nowhere' }, /TEMPORAL_PROFILE must be a profile/],
] as const) {
  test(`a file ${what} is refused by the name of its variable, and nothing in it is quoted`, () => {
    assert.throws(
      () => loadTemporalConnection(env),
      (error) => error instanceof ConfigError && expected.test(error.message) && !error.message.includes('very-secret'),
    );
  });
}

/** Made for this test; no server knows it. */
const fixture = (name: string): string => join(root, 'test/config/fixtures', name);
const [certificate, key] = [fixture('client.pem'), fixture('client-key.pem')];
const keyFile = (name: string, lock: { cipher?: string; passphrase?: string } = {}): string => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return file(name, privateKey.export({ type: 'pkcs8', format: 'pem', ...lock }).toString());
};
const otherKey = keyFile('other-key.pem');
const lockedKey = keyFile('locked-key.pem', { cipher: 'aes-256-cbc', passphrase: 'very-secret' });
const noPem = file('no.pem', 'very-secret');

test('certificates and their key are taken from files and as they are', () => {
  const paths = { TEMPORAL_TLS_CLIENT_CERT_PATH: certificate, TEMPORAL_TLS_CLIENT_KEY_PATH: key };
  const data = { TEMPORAL_TLS_CLIENT_CERT_DATA: read(certificate), TEMPORAL_TLS_CLIENT_KEY_DATA: read(key) };
  const ca = { TEMPORAL_TLS_SERVER_CA_CERT_DATA: read(certificate) + read(certificate) };
  for (const given of [paths, data, { ...paths, ...ca }]) {
    const { tls } = loadTemporalConnection({ ...noFile, TEMPORAL_ADDRESS: 'a:1', ...given }).connectionOptions;
    assert.ok(typeof tls === 'object' && tls?.clientCertPair !== undefined);
  }
  const off = { ...noFile, TEMPORAL_ADDRESS: 'a:1', TEMPORAL_TLS: 'false', TEMPORAL_TLS_CLIENT_KEY_PATH: noPem };
  assert.equal(loadTemporalConnection(off).connectionOptions.tls, false);
});

const CERTIFICATE = { TEMPORAL_TLS_CLIENT_CERT_PATH: certificate };
for (const [what, env, expected] of [
  [
    'a certificate that is no PEM',
    { TEMPORAL_TLS_SERVER_CA_CERT_PATH: noPem },
    /TEMPORAL_TLS_SERVER_CA_CERT_PATH must be the path of certificates/,
  ],
  ['a certificate that is a key', { TEMPORAL_TLS_SERVER_CA_CERT_PATH: key }, /TEMPORAL_TLS_SERVER_CA_CERT_PATH must/],
  [
    'a text that is no PEM',
    { TEMPORAL_TLS_SERVER_CA_CERT_DATA: 'very-secret' },
    /TEMPORAL_TLS_SERVER_CA_CERT_DATA must be certificates/,
  ],
  [
    'a key in the place of a path',
    { TEMPORAL_TLS_CLIENT_KEY_PATH: `very-secret ${read(key)}` },
    /TEMPORAL_TLS_CLIENT_KEY_PATH must be the path of a file/,
  ],
  [
    'a key that is a certificate',
    { ...CERTIFICATE, TEMPORAL_TLS_CLIENT_KEY_PATH: certificate },
    /TEMPORAL_TLS_CLIENT_KEY_PATH must be the path of a private key/,
  ],
  [
    'a key with a passphrase',
    { ...CERTIFICATE, TEMPORAL_TLS_CLIENT_KEY_PATH: lockedKey },
    /TEMPORAL_TLS_CLIENT_KEY_PATH .* no passphrase/,
  ],
  [
    'the key of another certificate',
    { ...CERTIFICATE, TEMPORAL_TLS_CLIENT_KEY_PATH: otherKey },
    /TEMPORAL_TLS_CLIENT_KEY_\* .* must be the key of/,
  ],
  ['a certificate without its key', CERTIFICATE, /TEMPORAL_TLS_CLIENT_CERT_\* .* must be set both/],
  ['an API key with a blank', { TEMPORAL_API_KEY: 'very secret' }, /TEMPORAL_API_KEY must be visible/],
  ['headers with line breaks', { TEMPORAL_GRPC_META_X: 'very\nsecret' }, /TEMPORAL_GRPC_META_\* must be/],
] as const) {
  test(`${what} is refused by the name of its variable, and not quoted`, () => {
    assertRefused({ ...noFile, TEMPORAL_ADDRESS: 'a:1', ...env }, expected);
  });
}

for (const [what, text, expected] of [
  ['an unknown name', 'adress = "very-secret"', /TEMPORAL_CONFIG_FILE.* "adress" in profile\.default/],
  ['unknown names, one of which may be a secret', 'region = 1\nvery-secret9 = 1', /"region", a name that is not shown/],
  ['an unknown name of TLS', 'tls.ca_path = "very-secret"', /"ca_path" in profile\.default\.tls/],
  ['an unknown table', '[profiles.default]', /at its top/],
  ['TLS that is no table', 'tls = "very-secret"', /TEMPORAL_CONFIG_FILE/],
  ['an address that is a number', 'address = 7233', /address of .* file, or TEMPORAL_ADDRESS/],
  ['a namespace that is a number', 'namespace = 1', /namespace of Temporal's configuration file must/],
  ['an API key with a line break', 'api_key = "very-secret\\n"', /api_key of Temporal's configuration file must/],
  ['a flag that is a text', 'tls.disabled = "very-secret"', /tls\.disabled of .* must be true or false/],
  ['a header that is a number', 'grpc_meta.x = 1', /grpc_meta of .* must be texts/],
  ['a path that is a number', 'tls.server_ca_cert_path = 0', /tls\.server_ca_cert_path of .* must be the path/],
  [
    'a file that is not there',
    'tls.server_ca_cert_path = "/very-secret"',
    /tls\.server_ca_cert_path of .* can be read/,
  ],
  [
    'a file that is no PEM',
    `tls.server_ca_cert_path = "${noPem}"`,
    /tls\.server_ca_cert_path of .* certificates in PEM/,
  ],
  ['a text that is no PEM', 'tls.client_key_data = "very-secret"', /tls\.client_key_data of .* must be a private key/],
  [
    'path and text of one thing',
    'tls.client_key_data = "very-secret"\ntls.client_key_path = "x"',
    /client_key_path or tls\.client_key_data/,
  ],
] as const) {
  test(`${what} in the configuration file is refused by name, and not quoted`, () => {
    const address = text.startsWith('address') ? '' : 'address = "a:1"\n';
    assertRefused({ TEMPORAL_CONFIG_FILE: file('names.toml', `[profile.default]\n${address}${text}\n`) }, expected);
  });
}

function assertRefused(env: Record<string, string>, expected: RegExp): void {
  assert.throws(
    () => loadTemporalConnection(env),
    (error) => {
      assert.ok(error instanceof ConfigError, String(error));
      assert.match(error.message, expected);
      assert.doesNotMatch(error.message, /very.?secret|BEGIN/s);
      return true;
    },
  );
}
