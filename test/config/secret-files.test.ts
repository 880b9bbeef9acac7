import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { ConfigError } from '../../config/config.js';
import { keys } from '../../config/keys.js';
import { withSecretFiles } from '../../config/secret-files.js';
import { programArguments } from '../helpers/repository.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'passback-secrets-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const place = path.join(folder, name);
  writeFileSync(place, text);
  return place;
}

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    withSecretFiles(env);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
};

test('every secret may come from a file, less the line break at its end', () => {
  const secrets = Object.entries(keys).flatMap(([name, key]) => ('secret' in key ? [name] : []));
  const all = [...secrets, 'TEMPORAL_API_KEY', 'OTEL_EXPORTER_OTLP_HEADERS'];
  assert.ok(all.includes('DATABASE_URL') && all.includes('ENCRYPTION_KEYS') && all.includes('SCORE_SOURCE_SECRET'));
  const env = Object.fromEntries(all.map((name) => [`${name}_FILE`, file(name, `value of ${name}\n`)]));
  const expected = Object.fromEntries(all.map((name) => [name, `value of ${name}`]));
  assert.deepEqual(withSecretFiles({ ...env, PORT: '1' }), { ...expected, PORT: '1' });
  assert.deepEqual(withSecretFiles({ DATABASE_URL_FILE: file('inner', 'one\ntwo\r\n') }), { DATABASE_URL: 'one\ntwo' });
});

test('what is no secret has no such variant, and one that is set to nothing is not set', () => {
  const env = {
    LTIAAS_URL_FILE: '/x',
    TEMPORAL_CONFIG_FILE: '/x',
    TEMPORAL_GRPC_META_A_FILE: 'a',
    DATABASE_URL_FILE: ' ',
  };
  assert.deepEqual(withSecretFiles(env), env);
});

test('a process reads the secrets that it needs, and looks at no other file', () => {
  const env = { DATABASE_URL_FILE: file('needed', 'a'), LTIAAS_API_KEY_FILE: '/nothing/there' };
  assert.deepEqual(withSecretFiles(env, ['DATABASE_URL'])['DATABASE_URL'], 'a');
});

test('both, and a file that cannot be read or is empty, are refused by their names, without what is in them', () => {
  const secret = file('both', 'a very secret value');
  assert.deepEqual(problemsOf({ LTIAAS_API_KEY: 'other secret', LTIAAS_API_KEY_FILE: secret }), [
    'LTIAAS_API_KEY and LTIAAS_API_KEY_FILE must not be set both',
  ]);
  const wanted = 'must be the path of a file that can be read and is not empty';
  const closed = file('closed', 'x');
  chmodSync(closed, 0o000);
  assert.deepEqual(
    problemsOf({
      ...{ DATABASE_URL_FILE: path.join(folder, 'none'), ENCRYPTION_KEYS_FILE: folder },
      ...{ BOOTSTRAP_API_KEY_FILE: file('empty', '\n') },
    }),
    ['DATABASE_URL_FILE', 'ENCRYPTION_KEYS_FILE', 'BOOTSTRAP_API_KEY_FILE'].map((name) => `${name} ${wanted}`),
  );
});

for (const entry of ['api/server.ts', 'worker/main.ts', 'worker/migrate.ts', 'worker/rotate-keys.ts']) {
  test(`${entry} reads secret files, and shows nothing of them when it ends`, () => {
    const run = (more: Record<string, string>) =>
      spawnSync(process.execPath, programArguments(entry), {
        encoding: 'utf8',
        timeout: 45_000,
        env: { PATH: process.env['PATH'], ...more },
      }).stderr;
    const missing = run({ DATABASE_URL_FILE: path.join(folder, 'none') });
    assert.match(missing, /- DATABASE_URL_FILE must be the path of a file/);
    const wrong = run({ DATABASE_URL_FILE: file('url', 'mysql://u:very-secret@h/db') });
    assert.match(wrong, /- DATABASE_URL must/);
    assert.doesNotMatch(wrong, /very-secret|DATABASE_URL is not set/);
  });
}
