import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig, type ProcessName } from '../../config/config.js';
import { keys } from '../../config/keys.js';
import { loadTemporalConnection } from '../../config/temporal.js';
import { readRepositoryFile } from '../helpers/repository.js';
import { COMPOSE_FILES, readServices, type ComposeService } from './compose-file.js';

const ROLES: readonly { name: ProcessName; program: string }[] = [
  { name: 'api', program: 'api/server.ts' },
  { name: 'worker', program: 'worker/main.ts' },
  { name: 'migrate', program: 'worker/migrate.ts' },
];

/** Read by Temporal's own loader, as in any Temporal client, and by OpenTelemetry's exporter. */
const OF_OTHERS =
  /^(TEMPORAL_API_KEY|TEMPORAL_TLS(_SERVER_NAME|_SERVER_CA_CERT_DATA|_CLIENT_(CERT|KEY)_(DATA|PATH))?|OTEL_(EXPORTER_OTLP_(ENDPOINT|HEADERS)|TRACES_EXPORTER))$/;

/** Settings that stand in a part which the process reads, and are not for it; the image has a bundle of its own. */
const LEFT_OUT: Readonly<Record<ProcessName, readonly string[]>> = {
  api: ['TEMPORAL_METRICS_PORT'],
  worker: ['WORKER_BUNDLE'],
  migrate: ['DATABASE_POOL_MAX', 'MIGRATE_ON_START'],
};

/** The part of the configuration that each setting is read into, such as `api` or `submit`. */
const parts = readParts();

function readParts(): Map<string, string> {
  const found = new Map<string, string>();
  let part = '';
  let inPart = false;
  for (const line of readRepositoryFile('config/config.ts').split('\n')) {
    const helper = /^function nest(\w*)\(/.exec(line)?.[1];
    if (helper !== undefined) {
      part = helper.toLowerCase();
      inPart = !['', 'migrate'].includes(part);
    }
    if (!inPart) part = /^ {4}(\w+): /.exec(line)?.[1] ?? part;
    for (const [, field = '', name = ''] of line.matchAll(/(\w+): (?:get|find)\(env, '(\w+)'/g)) {
      found.set(name, /^ {4}\.{3}\{/.test(line) ? field : part);
    }
    for (const [, name = ''] of line.matchAll(/\.{3}get\(env, '(\w+)'/g)) found.set(name, part);
  }
  return found;
}

/** The settings that a program reads, by the parts of the configuration that its source speaks of. */
function settingsOf(program: string): string[] {
  const source = readRepositoryFile(program);
  const spoken = new Set([...source.matchAll(/\bconfig\.(\w+)/g)].map(([, part = '']) => part));
  for (const [, names = ''] of source.matchAll(/\{ ([\w, ]+) \}: Config\b(?!\[)/g)) {
    for (const part of names.split(', ')) spoken.add(part);
  }
  return [...parts].filter(([, part]) => spoken.has(part)).map(([name]) => name);
}

const find = (services: readonly ComposeService[], wanted: string): ComposeService => {
  const service = services.find(({ name }) => name === wanted);
  assert.ok(service, wanted);
  return service;
};

test('every setting has its part of the configuration here', () => {
  assert.deepEqual([...parts.keys()].toSorted(), Object.keys(keys).toSorted());
});

for (const { name, program } of ROLES) {
  test(`docker-compose.yml gives the ${name} every setting that it reads, and none that it does not`, () => {
    const given = [...find(readServices(), name).variables.keys()].filter((variable) => !OF_OTHERS.test(variable));
    const read = settingsOf(program).filter((setting) => !LEFT_OUT[name].includes(setting));
    assert.deepEqual(given.toSorted(), read.toSorted());
  });
}

/** As compose fills them in: what must be given, and defaults. Null is left out. */
function fillIn({ variables }: ComposeService, given: Readonly<Record<string, string>>): Record<string, string> {
  const filled: Record<string, string> = {};
  for (const [name, value] of variables) {
    if (value === null) continue;
    filled[name] = value.replaceAll(
      /\$\{(\w+)(?::-([^}]*)|:\?[^}]*)\}/g,
      (_, variable: string, byDefault?: string) => given[variable] ?? byDefault ?? 'abc123',
    );
  }
  return filled;
}

const GIVEN = {
  ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
  LTIAAS_URL: 'https://school.ltiaas.com',
  BOOTSTRAP_API_KEY: 'a'.repeat(48),
};

test('what is set there without a choice, each process takes', () => {
  for (const file of ['docker-compose.yml', 'docker-compose.sandbox.yml'] as const) {
    const services = readServices(file);
    for (const { name } of ROLES) {
      const env = fillIn(find(services, name), GIVEN);
      const config = name === 'migrate' ? loadConfig(env, 'migrate') : loadConfig(env, name);
      assert.equal(config.database.migrateOnStart, name === 'migrate', `${file} ${name}`);
      if (name !== 'migrate') assert.equal(loadTemporalConnection(env).connectionOptions.address, 'temporal:7233');
    }
  }
});

test('the sandbox needs nothing to be set', () => {
  const asked = [...readRepositoryFile('docker-compose.sandbox.yml').matchAll(/\$\{(\w+)(:-)?/g)];
  assert.deepEqual(
    asked.map(([, name, byDefault]) => ({ name, byDefault })),
    [{ name: 'PASSBACK_VERSION', byDefault: ':-' }],
  );
});

test('no compose file speaks of a variable that nobody reads', () => {
  const others = /^(SANDBOX_(HOST|PORT)|LTIAAS_API_KEY)$/;
  for (const file of COMPOSE_FILES) {
    const own = readServices(file).filter(({ name }) => ['api', 'worker', 'migrate', 'sandbox'].includes(name));
    for (const { name, variables } of own) {
      const unknown = [...variables.keys()].filter(
        (variable) => !(name === 'sandbox' ? others.test(variable) : variable in keys || OF_OTHERS.test(variable)),
      );
      assert.deepEqual(unknown, [], `${file} ${name}`);
    }
  }
});
