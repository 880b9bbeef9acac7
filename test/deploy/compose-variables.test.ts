import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../../config/config.js';
import { keys } from '../../config/keys.js';
import { loadTemporalConnection } from '../../config/temporal.js';
import { readRepositoryFile } from '../helpers/repository.js';
import { COMPOSE_FILES, readServices, type ComposeService } from './compose-file.js';
import { LEFT_OUT, OF_OTHERS, parts, ROLES, settingsOf } from './settings-of-programs.js';

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
