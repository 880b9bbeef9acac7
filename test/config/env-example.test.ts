import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { parseEnv } from 'node:util';
import { keys } from '../../config/keys.js';
import { COMPOSE_FILES } from '../deploy/compose-file.js';
import { readRepositoryFile, root } from '../helpers/repository.js';

const example = readRepositoryFile('.env.example');
const compose = COMPOSE_FILES.map(readRepositoryFile)
  .join('\n')
  .replaceAll(/^ *#.*$/gm, '');
const required = ['DATABASE_URL', 'ENCRYPTION_KEYS', 'LTIAAS_URL', 'LTIAAS_API_KEY', 'TEMPORAL_ADDRESS'];

/** The lines of a part, with those taken in that are commented out. */
function entriesOf(part: string): (readonly [string, string])[] {
  const whole = part.replaceAll(/^# (?=[A-Z_]+=)/gm, '');
  return [...whole.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value] as const);
}

test('.env.example means the same to node --env-file and to compose, with each line taken in', () => {
  const plain = entriesOf(example);
  const [ours = ''] = example.split('# --- compose files alone');
  assert.deepEqual({ ...parseEnv(example.replaceAll(/^# (?=[A-Z_]+=)/gm, '')) }, Object.fromEntries(plain));
  assert.deepEqual(entriesOf(ours).map(([name]) => name), Object.keys(keys)); // prettier-ignore
  // Where the two differ: quotes, escapes, variables within values, comments behind them, blanks around them.
  for (const [name, value] of plain) assert.doesNotMatch(value, /["'`\\$#]|^\s|\s$/, name);
});

test('.env.example has each variable of the compose files, those that only they read apart, with its defaults', () => {
  const used = new Map(
    [...compose.matchAll(/\$\{([A-Z_]+)(?::-([^}]*)|:\?[^}]*)?\}/g)].map(([, name = '', value]) => [name, value]),
  );
  assert.ok(used.size > 8, [...used.keys()].join());
  const [, others = ''] = example.split('# --- compose files alone');
  const own = entriesOf(others);
  assert.deepEqual(own.map(([name]) => name).toSorted(), [...used.keys()].filter((name) => !(name in keys)).toSorted());
  for (const [name, value] of own) assert.equal(value, used.get(name) ?? '', name);
  // What stands open in the copy is what compose asks for by name, or has a default for.
  for (const [name, value] of Object.entries(parseEnv(example))) {
    if (value === '') assert.match(compose, new RegExp(`\\$\\{${name}:[?-]|^  DATABASE_URL: \\S`, 'm'), name);
  }
});

for (const program of ['api/server.ts', 'worker/main.ts']) {
  test(`${program} with an unfilled copy of .env.example names all that is missing, and ends`, () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--env-file=.env.example', '--import', 'tsx', path.join(root, program)],
      { cwd: root, encoding: 'utf8', timeout: 60_000, env: { PATH: process.env['PATH'] ?? '' } },
    );
    assert.equal(status, 1, stderr);
    for (const name of required) assert.match(stdout + stderr, new RegExp(`${name} is not set`), name);
    assert.doesNotMatch(stdout + stderr, /POSTGRES_PASSWORD/);
  });
}
